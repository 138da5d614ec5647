//! What every engine has to do: runs survive whatever happens to processes, events are taken once, calls are repeated
//! under one key. Written against the seam, judged by the far side that records its calls and by the rows.

mod approvals;
mod events;
pub(crate) mod flow;
pub(crate) mod place;
mod several;
mod steps;
pub(crate) mod world;
