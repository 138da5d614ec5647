//! Tags of a location: made and renamed.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::request::Request;
use super::wire::location::ReadTag;
use super::{Client, Site};
use crate::record_id::RecordId;
use crate::tag::{KnownTag, Tag};

pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/locations/{}/tags", "locations/tags.write", Repeat::Never);
// The specification names no scope for this one; the vendor's list of scopes does.
pub(super) static RENAME: Operation =
    Operation::write(Method::PUT, "/locations/{}/tags/{}", "locations/tags.write", Repeat::Idempotent).on("tag");

#[derive(Serialize)]
struct Write<'a> {
    name: &'a str,
}

#[derive(Deserialize)]
struct One {
    tag: Option<ReadTag>,
}

impl Client {
    /// Makes a tag known to the location.
    pub(crate) async fn create_tag(&self, site: &Site, tag: &Tag) -> Result<KnownTag> {
        self.write_tag(site, &CREATE, &[&site.location.id], tag).await
    }

    /// Gives a tag another name, on every contact that has it.
    pub(crate) async fn rename_tag(&self, site: &Site, id: &RecordId, tag: &Tag) -> Result<KnownTag> {
        self.write_tag(site, &RENAME, &[&site.location.id, id], tag).await
    }

    async fn write_tag(&self, site: &Site, operation: &Operation, ids: &[&RecordId], tag: &Tag) -> Result<KnownTag> {
        let request = Request::of(ids).with_body(&Write { name: tag.as_str() })?;
        let one: One = self.send(&site.session, operation, &request).await?;
        one.tag.and_then(ReadTag::into_tag).ok_or_else(|| {
            Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the tag")
                .with_hint("read it back before repeating: it may have been written")
        })
    }
}
