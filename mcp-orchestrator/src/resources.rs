//! The records that clients can read and follow by address.

mod run;
mod workflow;

use std::sync::Arc;

use common::resource::{Catalogue, Resources};

use crate::deps::Deps;

pub(crate) fn all(deps: Arc<Deps>) -> Catalogue {
    Resources::new(deps).with::<workflow::WorkflowResource>().with::<run::RunResource>().build()
}
