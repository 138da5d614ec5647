//! Custom values.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::custom_value::{Many, One, Read, Write};
use super::{Client, Site};
use crate::location_value::LocationValue;
use crate::record_id::RecordId;

pub(super) static LIST: Operation =
    Operation::read(Method::GET, "/locations/{}/customValues", "locations/customValues.readonly");
pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/locations/{}/customValues", "locations/customValues.write", Repeat::Never);
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/locations/{}/customValues/{}", "locations/customValues.write", Repeat::Idempotent)
        .on("custom value");

impl Client {
    /// All of a location's custom values: the vendor has no pages of them.
    pub(crate) async fn location_values(&self, site: &Site) -> Result<Vec<LocationValue>> {
        let many: Many = self.send(&site.session, &LIST, &Request::of(&[&site.location.id])).await?;
        Ok(many.custom_values.into_iter().filter_map(Read::into_value).collect())
    }

    /// Makes another value.
    pub(crate) async fn create_location_value(&self, site: &Site, name: &str, value: &str) -> Result<LocationValue> {
        let ids = [&site.location.id];
        let request = Request::of(&ids).with_body(&Write { name, value })?;
        let one: One = self.send(&site.session, &CREATE, &request).await?;
        one.custom_value.and_then(Read::into_value).ok_or_else(unreadable)
    }

    /// Writes a value over what was there.
    pub(crate) async fn update_location_value(
        &self,
        site: &Site,
        id: &RecordId,
        name: &str,
        value: &str,
    ) -> Result<LocationValue> {
        let ids = [&site.location.id, id];
        let request = Request::of(&ids).with_body(&Write { name, value })?;
        let one: One = self.send(&site.session, &UPDATE, &request).await?;
        one.custom_value.and_then(Read::into_value).ok_or_else(unreadable)
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the custom value")
        .with_hint("read it back before repeating: it may have been written")
}
