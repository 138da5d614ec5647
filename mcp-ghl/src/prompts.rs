//! The jobs that a person picks from a menu.

mod lead_intake;

use std::sync::Arc;

use common::prompt::{Menu, Prompts};

use crate::deps::Deps;

pub(crate) fn all(deps: Arc<Deps>) -> Menu {
    Prompts::new(deps).with::<lead_intake::LeadIntake>().build()
}
