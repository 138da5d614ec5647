//! An opportunity in request bodies: create, upsert, update and status.

use common::clock::UnixMillis;

use crate::sandbox::body::{Body, Patch};
use crate::sandbox::errors::Refusal;
use crate::sandbox::store::custom_fields::CustomField;
use crate::sandbox::store::opportunities::Opportunity;
use crate::sandbox::version::Generation;
use crate::sandbox::wire::{CustomValue, custom_values, set_custom_values};

/// `all` is in the specification's list; it is a search filter and cannot be a status.
const STATUSES: [&str; 4] = ["open", "won", "lost", "abandoned"];

/// What a body changes of an opportunity.
#[derive(Debug)]
pub(crate) struct OpportunityPatch {
    pub(crate) name: Option<String>,
    pub(crate) pipeline_id: Option<String>,
    pub(crate) stage_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) assigned_to: Patch<String>,
    pub(crate) lost_reason_id: Option<String>,
    monetary_value: Option<f64>,
    forecast_close_date: Option<String>,
    forecast_probability: Option<f64>,
    custom_values: Vec<CustomValue>,
}

impl OpportunityPatch {
    /// The fields that create, upsert and update share.
    pub(crate) fn read(body: &mut Body, generation: Generation) -> Self {
        let (forecast_close_date, forecast_probability) = match generation {
            Generation::V2 => (None, None),
            Generation::V3 => (body.text("forecastExpectedCloseDate"), body.number("forecastProbability")),
        };
        if forecast_probability.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
            body.fault("forecastProbability", "must not be less than 0 or greater than 100");
        }
        Self {
            name: body.text("name"),
            pipeline_id: body.text("pipelineId"),
            stage_id: body.text("pipelineStageId"),
            status: body.choice("status", &STATUSES),
            assigned_to: body.nullable_text("assignedTo"),
            lost_reason_id: None,
            monetary_value: body.number("monetaryValue"),
            forecast_close_date,
            forecast_probability,
            custom_values: Vec::new(),
        }
    }

    pub(crate) fn with_custom_values(mut self, body: &mut Body, generation: Generation) -> Self {
        self.custom_values = custom_values(body, generation);
        self
    }

    pub(crate) fn with_lost_reason(mut self, body: &mut Body) -> Self {
        self.lost_reason_id = body.text("lostReasonId");
        self
    }

    /// The body of `PUT /opportunities/{id}/status`.
    pub(crate) fn read_status(body: &mut Body) -> Self {
        let status = body.choice("status", &STATUSES);
        if status.is_none() {
            body.fault("status", "should not be empty");
        }
        Self {
            name: None,
            pipeline_id: None,
            stage_id: None,
            status,
            assigned_to: Patch::Keep,
            lost_reason_id: body.text("lostReasonId"),
            monetary_value: None,
            forecast_close_date: None,
            forecast_probability: None,
            custom_values: Vec::new(),
        }
    }

    /// Writes the changes over an opportunity; `pipeline_id` and `stage_id` are those the caller has checked.
    pub(crate) fn apply(
        self,
        opportunity: &mut Opportunity,
        fields: &[CustomField],
        now_ms: UnixMillis,
    ) -> Result<(), Refusal> {
        if let Some(name) = self.name {
            opportunity.name = name;
        }
        if let Some(pipeline_id) = self.pipeline_id {
            opportunity.pipeline_id = pipeline_id;
        }
        if let Some(stage_id) = self.stage_id.filter(|stage_id| *stage_id != opportunity.stage_id) {
            opportunity.stage_id = stage_id;
            opportunity.stage_changed_at_ms = now_ms;
        }
        if let Some(status) = self.status.filter(|status| *status != opportunity.status) {
            opportunity.status = status;
            opportunity.status_changed_at_ms = now_ms;
        }
        if opportunity.status != "lost" {
            opportunity.lost_reason_id = None;
        } else if self.lost_reason_id.is_some() {
            opportunity.lost_reason_id = self.lost_reason_id;
        }
        self.assigned_to.apply(&mut opportunity.assigned_to);
        if let Some(value) = self.monetary_value {
            opportunity.monetary_value = value;
        }
        if self.forecast_close_date.is_some() {
            opportunity.forecast_close_date = self.forecast_close_date;
        }
        if self.forecast_probability.is_some() {
            opportunity.forecast_probability = self.forecast_probability;
        }
        opportunity.updated_at_ms = now_ms;
        set_custom_values(&mut opportunity.custom_fields.0, self.custom_values, fields, "opportunity")
    }
}
