//! The jobs that a person picks from a menu.

mod blanks;
mod job;
mod lead_intake;
mod no_show_recovery;
mod pipeline_review;
mod reactivation_campaign;
mod weekly_report;

use std::sync::Arc;

use common::prompt::{Menu, Prompts};

use crate::deps::Deps;
use job::Written;

pub(crate) fn all(deps: Arc<Deps>) -> Menu {
    Prompts::new(deps)
        .with::<Written<lead_intake::LeadIntake>>()
        .with::<Written<pipeline_review::PipelineReview>>()
        .with::<Written<no_show_recovery::NoShowRecovery>>()
        .with::<Written<reactivation_campaign::ReactivationCampaign>>()
        .with::<Written<weekly_report::WeeklyReport>>()
        .build()
}
