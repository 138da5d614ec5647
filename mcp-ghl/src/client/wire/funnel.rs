//! Funnels and their pages on the wire.

use serde::Deserialize;

use super::{Instant, rfc3339, said};
use crate::funnel::{Funnel, FunnelPage, Step};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) funnels: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    #[serde(rename = "_id", alias = "id")]
    id: Option<RecordId>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    steps: Vec<ReadStep>,
    deleted: Option<bool>,
    date_updated: Option<Instant>,
    updated_at: Option<Instant>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReadStep {
    id: Option<String>,
    name: Option<String>,
    url: Option<String>,
    pages: Vec<String>,
    sequence: Option<f64>,
}

impl Read {
    /// Our funnel; `None` without an id or name, or if it was taken away.
    pub(in crate::client) fn into_funnel(mut self) -> Option<Funnel> {
        if self.deleted == Some(true) {
            return None;
        }
        self.steps.sort_by(|one, other| one.sequence.unwrap_or(0.0).total_cmp(&other.sequence.unwrap_or(0.0)));
        let step = |step: ReadStep| {
            let name = said(step.name).unwrap_or_default();
            Some(Step { id: step.id?, name, path: said(step.url), pages: step.pages.len() })
        };
        Some(Funnel {
            id: self.id?,
            name: said(self.name)?,
            kind: said(self.kind),
            steps: self.steps.into_iter().filter_map(step).collect(),
            updated_at: rfc3339(self.updated_at.or(self.date_updated)),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadPage {
    #[serde(rename = "_id", alias = "id")]
    id: Option<RecordId>,
    name: Option<String>,
    step_id: Option<String>,
    updated_at: Option<Instant>,
}

impl ReadPage {
    pub(in crate::client) fn into_page(self) -> Option<FunnelPage> {
        Some(FunnelPage {
            id: self.id?,
            name: said(self.name).unwrap_or_default(),
            step_id: said(self.step_id),
            updated_at: rfc3339(self.updated_at),
        })
    }
}
