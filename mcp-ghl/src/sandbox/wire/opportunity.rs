//! An opportunity, a pipeline and their totals in answers.

use serde::Serialize;
use serde_json::Value;

use crate::sandbox::instants::iso;
use crate::sandbox::store::opportunities::{Card, StageTotal};
use crate::sandbox::store::pipelines::{LostReason, Pipeline, Stage};
use crate::sandbox::version::Generation;
use crate::sandbox::wire::note::NoteAnswer;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpportunityAnswer {
    id: String,
    name: String,
    monetary_value: f64,
    pipeline_id: String,
    pipeline_stage_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    last_status_change_at: String,
    last_stage_change_at: String,
    created_at: String,
    updated_at: String,
    contact_id: String,
    location_id: String,
    contact: OpportunityContact,
    notes: Vec<NoteAnswer>,
    /// The emulator keeps none.
    tasks: Vec<Value>,
    /// The emulator keeps none.
    calendar_events: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_reason_id: Option<String>,
    custom_fields: Vec<OpportunityField>,
    /// The emulator keeps none.
    followers: Vec<String>,
    #[serde(flatten)]
    forecast: Option<Forecast>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_after: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OpportunityContact {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    tags: Vec<String>,
}

/// Opportunities say `fieldValue` in both generations; contacts say `value`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OpportunityField {
    id: String,
    field_value: Value,
}

/// Only v3 shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Forecast {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "forecastExpectedCloseDate")]
    expected_close_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "forecastProbability")]
    probability: Option<f64>,
    effective_probability: f64,
}

impl OpportunityAnswer {
    pub(crate) fn new(card: Card, generation: Generation) -> Self {
        let opportunity = card.opportunity;
        let names: Vec<String> = [card.contact_first_name, card.contact_last_name].into_iter().flatten().collect();
        let contact = OpportunityContact {
            id: opportunity.contact_id.clone(),
            name: names.join(" "),
            company_name: card.contact_company,
            email: card.contact_email,
            phone: card.contact_phone,
            tags: card.contact_tags.0,
        };
        let forecast = match generation {
            Generation::V2 => None,
            Generation::V3 => Some(Forecast {
                expected_close_date: opportunity.forecast_close_date,
                probability: opportunity.forecast_probability,
                effective_probability: card.effective_probability,
            }),
        };
        let fields = opportunity.custom_fields.0.into_iter();
        Self {
            id: opportunity.id,
            name: opportunity.name,
            monetary_value: opportunity.monetary_value,
            pipeline_id: opportunity.pipeline_id,
            pipeline_stage_id: opportunity.stage_id,
            assigned_to: opportunity.assigned_to,
            status: opportunity.status,
            source: opportunity.source,
            last_status_change_at: iso(opportunity.status_changed_at_ms),
            last_stage_change_at: iso(opportunity.stage_changed_at_ms),
            created_at: iso(opportunity.created_at_ms),
            updated_at: iso(opportunity.updated_at_ms),
            contact_id: opportunity.contact_id,
            location_id: opportunity.location_id,
            contact,
            notes: Vec::new(),
            tasks: Vec::new(),
            calendar_events: Vec::new(),
            lost_reason_id: opportunity.lost_reason_id,
            custom_fields: fields.map(|(id, field_value)| OpportunityField { id, field_value }).collect(),
            followers: Vec::new(),
            forecast,
            search_after: None,
        }
    }

    pub(crate) fn with_notes(mut self, notes: Vec<NoteAnswer>) -> Self {
        self.notes = notes;
        self
    }

    pub(crate) fn with_search_after(mut self, search_after: Value) -> Self {
        self.search_after = Some(search_after);
        self
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StageAggregation {
    pipeline_stage_id: String,
    total_count: i64,
    total_value: f64,
    weighted_value: f64,
    open_value: f64,
    open_weighted_value: f64,
    won_value: f64,
}

impl From<StageTotal> for StageAggregation {
    fn from(total: StageTotal) -> Self {
        Self {
            pipeline_stage_id: total.stage_id,
            total_count: total.total_count,
            total_value: total.total_value,
            weighted_value: total.weighted_value,
            open_value: total.open_value,
            open_weighted_value: total.open_weighted_value,
            won_value: total.won_value,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PipelineAnswer {
    id: String,
    name: String,
    stages: Vec<StageAnswer>,
    show_in_funnel: bool,
    show_in_pie_chart: bool,
    location_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    use_opportunity_probability: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StageAnswer {
    id: String,
    name: String,
    position: i64,
    show_in_funnel: bool,
    show_in_pie_chart: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_win_probability: Option<f64>,
}

impl PipelineAnswer {
    /// A pipeline with those of the stages that are its own.
    pub(crate) fn new(pipeline: Pipeline, stages: &[Stage], generation: Generation) -> Self {
        let shows_probability = match generation {
            Generation::V2 => None,
            Generation::V3 => Some(true),
        };
        let stages = stages.iter().filter(|stage| stage.pipeline_id == pipeline.id).map(|stage| StageAnswer {
            id: stage.id.clone(),
            name: stage.name.clone(),
            position: stage.position,
            show_in_funnel: true,
            show_in_pie_chart: true,
            stage_win_probability: shows_probability.map(|_| stage.win_probability),
        });
        Self {
            stages: stages.collect(),
            id: pipeline.id,
            name: pipeline.name,
            show_in_funnel: true,
            show_in_pie_chart: true,
            location_id: pipeline.location_id,
            use_opportunity_probability: shows_probability,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LostReasonAnswer {
    id: String,
    name: String,
    location_id: String,
    created_at: String,
    updated_at: String,
}

impl From<LostReason> for LostReasonAnswer {
    fn from(reason: LostReason) -> Self {
        Self {
            id: reason.id,
            name: reason.name,
            location_id: reason.location_id,
            created_at: iso(reason.added_at_ms),
            updated_at: iso(reason.added_at_ms),
        }
    }
}
