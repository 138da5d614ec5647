//! Who acts. A [`Caller`] can only come out of this module.

mod caller;

pub use caller::{Caller, Role, Scope};
