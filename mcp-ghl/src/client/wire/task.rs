//! Tasks on the wire.

use serde::{Deserialize, Serialize};

use super::{Instant, said, timestamp};
use crate::record_id::RecordId;
use crate::task::{FoundTask, Task};

#[derive(Debug, Deserialize)]
pub(in crate::client) struct One {
    pub(in crate::client) task: Option<Read>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) tasks: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    #[serde(alias = "_id")]
    id: Option<RecordId>,
    contact_id: Option<RecordId>,
    title: Option<String>,
    body: Option<String>,
    due_date: Option<Instant>,
    assigned_to: Option<String>,
    completed: Option<bool>,
}

impl Read {
    /// Our task with whom it is about; `None` without an id.
    pub(in crate::client) fn into_found(mut self) -> Option<FoundTask> {
        let contact_id = self.contact_id.take();
        Some(FoundTask { task: self.into_task()?, contact_id })
    }

    /// Our task; `None` without an id.
    pub(in crate::client) fn into_task(self) -> Option<Task> {
        Some(Task {
            id: self.id?,
            title: said(self.title).unwrap_or_default(),
            text: said(self.body),
            due_at: timestamp(self.due_date, None),
            owner_id: said(self.assigned_to),
            is_completed: self.completed.unwrap_or_default(),
        })
    }
}

/// What is written; a new task needs title, due date and whether it is completed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Write<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) due_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) assigned_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) completed: Option<bool>,
}

/// Which tasks of a location are looked for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Search<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) contact_id: Option<[&'a RecordId; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) assigned_to: Option<[&'a RecordId; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) completed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) query: Option<&'a str>,
    pub(in crate::client) limit: u32,
    pub(in crate::client) skip: usize,
}
