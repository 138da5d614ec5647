//! Opportunities and pipelines on the wire.

use serde::{Deserialize, Serialize};

use super::contact::{ReadValue, values};
use super::{Instant, rfc3339, said};
use crate::cursor::SortValue;
use crate::opportunity::{LostReason, Opportunity, Status};
use crate::pipeline::{Pipeline, Stage, StageTotals};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct One {
    pub(in crate::client) opportunity: Option<Read>,
    /// Only an upsert says whether it created.
    #[serde(default)]
    pub(in crate::client) new: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) opportunities: Vec<Read>,
    pub(in crate::client) total: Option<u64>,
    /// v3 only, where the search names a pipeline.
    pub(in crate::client) stage_aggregations: Option<Vec<ReadTotals>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    location_id: Option<RecordId>,
    name: Option<String>,
    monetary_value: Option<f64>,
    status: Option<String>,
    pipeline_id: Option<String>,
    pipeline_stage_id: Option<String>,
    assigned_to: Option<String>,
    contact_id: Option<String>,
    contact: Option<ReadContact>,
    source: Option<String>,
    last_stage_change_at: Option<Instant>,
    created_at: Option<Instant>,
    last_status_change_at: Option<Instant>,
    updated_at: Option<Instant>,
    lost_reason_id: Option<String>,
    custom_fields: Option<Vec<ReadValue>>,
    #[serde(alias = "sort")]
    pub(in crate::client) search_after: Option<Vec<SortValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReadContact {
    id: Option<String>,
    name: Option<String>,
}

impl Read {
    /// Our opportunity; `None` without an id.
    pub(in crate::client) fn into_opportunity(self) -> Option<Opportunity> {
        let contact = self.contact.unwrap_or_default();
        Some(Opportunity {
            id: self.id?,
            location_id: self.location_id,
            name: said(self.name),
            value: self.monetary_value,
            status: self.status.as_deref().and_then(Status::of),
            pipeline_id: self.pipeline_id.unwrap_or_default(),
            stage_id: self.pipeline_stage_id.unwrap_or_default(),
            owner_id: said(self.assigned_to),
            contact_id: said(self.contact_id).or_else(|| said(contact.id)),
            contact_name: said(contact.name),
            source: said(self.source),
            stage_since: rfc3339(self.last_stage_change_at),
            created_at: rfc3339(self.created_at),
            status_since: rfc3339(self.last_status_change_at),
            updated_at: rfc3339(self.updated_at),
            lost_reason_id: said(self.lost_reason_id),
            custom_values: values(self.custom_fields),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadTotals {
    pipeline_stage_id: String,
    total_count: f64,
    total_value: f64,
    weighted_value: f64,
    open_value: f64,
    won_value: f64,
}

impl ReadTotals {
    pub(in crate::client) fn into_totals(self) -> (String, StageTotals) {
        let totals = StageTotals {
            count: count(self.total_count),
            value: self.total_value,
            weighted_value: self.weighted_value,
            open_value: self.open_value,
            won_value: self.won_value,
        };
        (self.pipeline_stage_id, totals)
    }
}

/// The vendor's counts are JSON numbers of any form.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped; the cast saturates"
)]
fn count(number: f64) -> u64 {
    number.max(0.0).round() as u64
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Pipelines {
    #[serde(default)]
    pub(in crate::client) pipelines: Vec<ReadPipeline>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::client) struct ReadPipeline {
    id: Option<RecordId>,
    name: Option<String>,
    stages: Vec<ReadStage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReadStage {
    id: Option<RecordId>,
    name: Option<String>,
    position: Option<f64>,
}

impl ReadPipeline {
    pub(in crate::client) fn into_pipeline(mut self) -> Option<Pipeline> {
        // Stable, so that stages without a position keep the order in which they came.
        self.stages.sort_by(|one, other| one.position.unwrap_or(0.0).total_cmp(&other.position.unwrap_or(0.0)));
        let stage = |read: ReadStage| Some(Stage { id: read.id?, name: said(read.name)? });
        let stages = self.stages.into_iter().filter_map(stage).collect();
        Some(Pipeline { id: self.id?, name: said(self.name)?, stages })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct LostReasons {
    #[serde(default)]
    pub(in crate::client) lost_reasons: Vec<ReadReason>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::client) struct ReadReason {
    id: Option<RecordId>,
    name: Option<String>,
}

impl ReadReason {
    pub(in crate::client) fn into_reason(self) -> Option<LostReason> {
        Some(LostReason { id: self.id?, name: said(self.name)? })
    }
}

/// A deal that is lost, with its reason.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Lose<'a> {
    pub(in crate::client) status: Status,
    pub(in crate::client) lost_reason_id: &'a RecordId,
}

/// A new opportunity, of which the vendor requires pipeline, name and status.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Create<'a> {
    pub(in crate::client) location_id: &'a RecordId,
    pub(in crate::client) contact_id: &'a RecordId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) lost_reason_id: Option<&'a RecordId>,
    #[serde(flatten)]
    pub(in crate::client) fields: Update<'a>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Update<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) pipeline_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) pipeline_stage_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) monetary_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) assigned_to: Option<&'a str>,
}
