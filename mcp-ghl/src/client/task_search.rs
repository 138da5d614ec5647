//! Tasks of all contacts of a location.

use common::error::Result;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::task::{Many, Read, Search};
use super::{Client, Site, Slice};
use crate::cursor::Position;
use crate::record_id::RecordId;
use crate::task::FoundTask;

pub(super) static SEARCH: Operation =
    Operation::read(Method::POST, "/locations/{}/tasks/search", "locations/tasks.readonly").on("location");

/// Which tasks are looked for; everything given must hold. The vendor knows no due dates here.
#[derive(Debug, Default, Clone)]
pub(crate) struct TaskQuery {
    /// In the title.
    pub(crate) text: Option<String>,
    pub(crate) contact_id: Option<RecordId>,
    pub(crate) owner_id: Option<RecordId>,
    pub(crate) is_completed: Option<bool>,
}

impl Client {
    /// Tasks in the vendor's order.
    pub(crate) async fn search_tasks(
        &self,
        site: &Site,
        query: &TaskQuery,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<FoundTask>> {
        let skip = Position::skipped(position)?;
        let body = Search {
            contact_id: query.contact_id.as_ref().map(|id| [id]),
            assigned_to: query.owner_id.as_ref().map(|id| [id]),
            completed: query.is_completed,
            query: query.text.as_deref(),
            limit,
            skip,
        };
        let ids = [&site.location.id];
        let many: Many = self.send(&site.session, &SEARCH, &Request::of(&ids).with_body(&body)?).await?;
        let received = many.tasks.len();
        let is_full = u32::try_from(received).is_ok_and(|received| received >= limit);
        let records = many.tasks.into_iter().filter_map(Read::into_found).collect();
        Ok(Slice { records, total: None, next: is_full.then(|| Position::Skip(skip.saturating_add(received))) })
    }
}
