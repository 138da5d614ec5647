//! The stdio transport of the built program: what the official suite, which speaks HTTP only, does not judge.

mod cancellation;
mod eras;
mod framing;
mod shutdown;
