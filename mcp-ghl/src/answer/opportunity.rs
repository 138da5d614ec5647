//! What is shown of an opportunity.

use schemars::JsonSchema;
use serde::Serialize;

use super::contact::{FieldAnswer, field_answers};
use super::{RecordRef, line, owner};
use crate::custom_field::CustomField;
use crate::opportunity::{LostReason, Opportunity, Status};
use crate::pipeline::Pipeline;
use crate::user::User;

/// An opportunity in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OpportunityRow {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// In the location's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<f64>,
    /// How the deal stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
    /// Name of the pipeline.
    pub(crate) pipeline: String,
    /// Name of the stage.
    pub(crate) stage: String,
    /// The contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<RecordRef>,
    /// Name of the user in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    /// Since when it is in its stage, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stage_since: Option<String>,
}

impl OpportunityRow {
    pub(crate) fn of(opportunity: &Opportunity, pipelines: &[Pipeline], users: Option<&[User]>) -> Self {
        let (pipeline, stage) = place_names(pipelines, &opportunity.pipeline_id, &opportunity.stage_id);
        let name = |id: &String| opportunity.contact_name.clone().unwrap_or_else(|| id.clone());
        Self {
            id: opportunity.id.to_string(),
            name: opportunity.name.as_deref().map(line),
            value: opportunity.value,
            status: opportunity.status,
            pipeline,
            stage,
            contact: opportunity.contact_id.as_ref().map(|id| RecordRef::new(&line(id), &name(id))),
            owner: opportunity.owner_id.as_deref().map(|id| owner(users, id)),
            stage_since: opportunity.stage_since.clone(),
        }
    }
}

/// An opportunity in full.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OpportunityDetails {
    #[serde(flatten)]
    pub(crate) row: OpportunityRow,
    /// Since when it is open, won, lost or abandoned, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status_since: Option<String>,
    /// Why it was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lost_reason: Option<String>,
    /// Where the deal came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created_at: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<String>,
    /// Values of the location's own fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) custom_fields: Vec<FieldAnswer>,
}

impl OpportunityDetails {
    pub(crate) fn of(
        opportunity: &Opportunity,
        row: OpportunityRow,
        reasons: &[LostReason],
        fields: &[CustomField],
    ) -> Self {
        Self {
            row,
            status_since: opportunity.status_since.clone(),
            lost_reason: opportunity.lost_reason_id.as_deref().map(|id| reason_name(reasons, id)),
            source: opportunity.source.as_deref().map(line),
            created_at: opportunity.created_at.clone(),
            updated_at: opportunity.updated_at.clone(),
            custom_fields: field_answers(&opportunity.custom_values, fields),
        }
    }
}

/// The names of a pipeline and stage; their ids where the location no longer has them.
pub(crate) fn place_names(pipelines: &[Pipeline], pipeline_id: &str, stage_id: &str) -> (String, String) {
    let pipeline = pipelines.iter().find(|pipeline| pipeline.id.as_str() == pipeline_id);
    let stage = pipeline.and_then(|pipeline| pipeline.stage(stage_id));
    (line(pipeline.map_or(pipeline_id, |pipeline| &pipeline.name)), line(stage.map_or(stage_id, |stage| &stage.name)))
}

/// The name of a reason for losing; its id where the location no longer has it.
pub(crate) fn reason_name(reasons: &[LostReason], id: &str) -> String {
    let known = reasons.iter().find(|reason| reason.id.as_str() == id);
    line(known.map_or(id, |reason| &reason.name))
}
