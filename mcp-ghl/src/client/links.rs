//! Trigger links.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::link::{Many, One, Read, Write};
use super::{Client, Site, Slice};
use crate::cursor::Position;
use crate::record_id::RecordId;
use crate::trigger_link::TriggerLink;

pub(super) static LIST: Operation = Operation::read(Method::GET, "/links/", "links.readonly");
pub(super) static SEARCH: Operation =
    Operation::read(Method::GET, "/links/search", "links.readonly").or_dated("2021-04-15");
// Never repeated blindly: the second one would be another link of the same name.
pub(super) static CREATE: Operation = Operation::write(Method::POST, "/links/", "links.write", Repeat::Never);
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/links/{}", "links.write", Repeat::Idempotent).on("trigger link");

impl Client {
    /// All of a location's trigger links.
    pub(crate) async fn trigger_links(&self, site: &Site) -> Result<Vec<TriggerLink>> {
        let query = [("locationId", site.location.id.as_str())];
        let many: Many = self.send(&site.session, &LIST, &Request::default().with_query(&query)).await?;
        Ok(many.links.into_iter().filter_map(Read::into_link).collect())
    }

    /// The trigger links that a text finds, a page of them.
    pub(crate) async fn search_trigger_links(
        &self,
        site: &Site,
        text: &str,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<TriggerLink>> {
        let skip = Position::skipped(position)?;
        let (skip_text, limit_text) = (skip.to_string(), limit.to_string());
        let mut query = vec![("locationId", site.location.id.as_str()), ("skip", &skip_text), ("limit", &limit_text)];
        if !text.is_empty() {
            query.push(("query", text));
        }
        let many: Many = self.send(&site.session, &SEARCH, &Request::default().with_query(&query)).await?;
        let received = many.links.len();
        let is_full = u32::try_from(received).is_ok_and(|received| received >= limit);
        let next = is_full.then(|| Position::Skip(skip.saturating_add(received)));
        Ok(Slice { records: many.links.into_iter().filter_map(Read::into_link).collect(), total: None, next })
    }

    /// Makes a trigger link.
    pub(crate) async fn create_trigger_link(&self, site: &Site, name: &str, address: &str) -> Result<TriggerLink> {
        let body = Write { location_id: Some(&site.location.id), name, redirect_to: address };
        let one: One = self.send(&site.session, &CREATE, &Request::default().with_body(&body)?).await?;
        one.link.and_then(Read::into_link).ok_or_else(unreadable)
    }

    /// Gives a trigger link another name, another address, or both.
    pub(crate) async fn update_trigger_link(
        &self,
        site: &Site,
        id: &RecordId,
        name: &str,
        address: &str,
    ) -> Result<TriggerLink> {
        let ids = [id];
        let request = Request::of(&ids).with_body(&Write { location_id: None, name, redirect_to: address })?;
        let one: One = self.send(&site.session, &UPDATE, &request).await?;
        one.link.and_then(Read::into_link).ok_or_else(unreadable)
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the trigger link")
        .with_hint("call `list_trigger_links` before repeating: it may have been written")
}
