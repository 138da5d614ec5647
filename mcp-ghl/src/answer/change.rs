//! What is shown of a change.

use common::clock::UnixMillis;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::line;
use crate::journal::Noted;
use crate::store::journal::State;

/// Something that a tool has changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ChangeRow {
    /// For `undo_change`.
    pub(crate) id: String,
    /// RFC 3339.
    pub(crate) at: String,
    /// Who changed it.
    pub(crate) by: String,
    /// The tool that did.
    pub(crate) tool: String,
    /// What was changed.
    pub(crate) summary: String,
    /// Name or id of the location.
    pub(crate) location: String,
    /// What kind of record.
    pub(crate) record: String,
    /// Id of the record.
    pub(crate) record_id: String,
    /// Where it stands.
    pub(crate) state: ChangeState,
    /// Who took it back, or a part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) undone_by: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) undone_at: Option<String>,
    /// The change that it took back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) undoes: Option<String>,
}

/// Whether it was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangeState {
    /// It stands and can be taken back.
    Done,
    /// It stands for good.
    Final,
    /// A part of it was taken back; the rest can be.
    Partly,
    /// It was taken back.
    Undone,
}

impl ChangeRow {
    pub(crate) fn of(noted: &Noted) -> Self {
        let row = &noted.row;
        Self {
            id: noted.id.to_string(),
            at: instant(row.at_ms),
            by: row.subject.clone(),
            tool: row.tool.clone(),
            summary: row.summary.clone(),
            location: row.location_name.as_deref().map_or_else(|| row.location_id.clone(), line),
            record: row.record_kind.clone(),
            record_id: row.record_id.clone(),
            state: match row.state {
                State::Done if row.steps == 0 => ChangeState::Final,
                State::Done => ChangeState::Done,
                State::Partly => ChangeState::Partly,
                State::Undone => ChangeState::Undone,
            },
            undone_by: row.undone_by.clone(),
            undone_at: row.undone_at_ms.map(instant),
            undoes: row.undoes.clone(),
        }
    }
}

/// To the second.
pub(crate) fn instant(at_ms: UnixMillis) -> String {
    Timestamp::from_second(at_ms.div_euclid(1_000)).map_or_else(|_| String::new(), |instant| instant.to_string())
}
