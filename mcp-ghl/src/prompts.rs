//! The jobs that a person picks from a menu.

mod blanks;
mod lead_intake;
mod no_show_recovery;
mod pipeline_review;
mod reactivation_campaign;
mod weekly_report;

use std::sync::Arc;

use common::prompt::{Menu, Prompts};

use crate::deps::Deps;

pub(crate) fn all(deps: Arc<Deps>) -> Menu {
    Prompts::new(deps)
        .with::<lead_intake::LeadIntake>()
        .with::<pipeline_review::PipelineReview>()
        .with::<no_show_recovery::NoShowRecovery>()
        .with::<reactivation_campaign::ReactivationCampaign>()
        .with::<weekly_report::WeeklyReport>()
        .build()
}
