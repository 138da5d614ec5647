//! The tools, in the order in which clients see them. One file each, named after it.

use std::sync::Arc;

use common::tool::{Registry, Tools};

use crate::deps::Deps;

/// All of them.
pub(crate) fn all(deps: Arc<Deps>) -> Registry {
    Tools::new(deps).build()
}
