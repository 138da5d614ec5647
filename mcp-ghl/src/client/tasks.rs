//! Tasks of a contact.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::task::{Many, One, Read, Write};
use super::{Client, Site};
use crate::record_id::RecordId;
use crate::task::{Task, TaskWrite};

pub(super) static LIST: Operation =
    Operation::read(Method::GET, "/contacts/{}/tasks", "contacts.readonly").on("contact");
pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/contacts/{}/tasks", "contacts.write", Repeat::Never).on("contact");
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/contacts/{}/tasks/{}", "contacts.write", Repeat::Idempotent).on("task");

impl Client {
    /// All of a contact's tasks, open and completed.
    pub(crate) async fn tasks(&self, site: &Site, contact_id: &RecordId) -> Result<Vec<Task>> {
        let many: Many = self.send(&site.session, &LIST, &Request::of(&[contact_id])).await?;
        Ok(many.tasks.into_iter().filter_map(Read::into_task).collect())
    }

    /// Writes a new task.
    pub(crate) async fn create_task(&self, site: &Site, contact_id: &RecordId, write: &TaskWrite) -> Result<Task> {
        let body = Write { completed: Some(write.is_completed.unwrap_or_default()), ..write.body() };
        let ids = [contact_id];
        let one: One = self.send(&site.session, &CREATE, &Request::of(&ids).with_body(&body)?).await?;
        one.task.and_then(Read::into_task).ok_or_else(unreadable)
    }

    /// Changes a task.
    pub(crate) async fn update_task(
        &self,
        site: &Site,
        contact_id: &RecordId,
        id: &RecordId,
        write: &TaskWrite,
    ) -> Result<Task> {
        let ids = [contact_id, id];
        let one: One = self.send(&site.session, &UPDATE, &Request::of(&ids).with_body(&write.body())?).await?;
        one.task.and_then(Read::into_task).ok_or_else(unreadable)
    }
}

impl TaskWrite {
    fn body(&self) -> Write<'_> {
        Write {
            title: self.title.as_deref(),
            body: self.text.as_deref(),
            due_date: self.due_at.map(|due_at| due_at.to_string()),
            assigned_to: self.owner_id.as_ref().map(RecordId::as_str),
            completed: self.is_completed,
        }
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the task")
        .with_hint("read it back before repeating: it may have been written")
}
