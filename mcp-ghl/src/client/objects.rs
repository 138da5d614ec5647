//! Custom objects and their records.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::object::{
    ManyObjects, ManyRecords, OneObject, OneRecord, Question, ReadObject, ReadProperty, ReadRecord, Write, WriteValue,
};
use super::{Client, Site, Slice};
use crate::cursor::Position;
use crate::custom_field::FieldValue;
use crate::object::{CustomObject, Property, Record};
use crate::record_id::RecordId;

pub(super) static LIST: Operation = Operation::read(Method::GET, "/objects/", "objects/schema.readonly");
pub(super) static GET: Operation =
    Operation::read(Method::GET, "/objects/{}", "objects/schema.readonly").on("custom object");
pub(super) static SEARCH: Operation =
    Operation::read(Method::POST, "/objects/{}/records/search", "objects/record.readonly").on("custom object");
// The specification names no scope for these two; the vendor's list of scopes does.
pub(super) static GET_RECORD: Operation =
    Operation::read(Method::GET, "/objects/{}/records/{}", "objects/record.readonly").on("record");
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/objects/{}/records/{}", "objects/record.write", Repeat::Idempotent).on("record");
pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/objects/{}/records", "objects/record.write", Repeat::Never);

impl Client {
    /// The location's objects, the vendor's own among them.
    pub(crate) async fn objects(&self, site: &Site) -> Result<Vec<CustomObject>> {
        let query = [("locationId", site.location.id.as_str())];
        let many: ManyObjects = self.send(&site.session, &LIST, &Request::default().with_query(&query)).await?;
        Ok(many.objects.into_iter().filter_map(ReadObject::into_object).collect())
    }

    /// What the records of an object have.
    pub(crate) async fn properties(&self, site: &Site, object: &CustomObject) -> Result<Vec<Property>> {
        let query = [("locationId", site.location.id.as_str()), ("fetchProperties", "true")];
        let ids = [&object.key];
        let request = Request::of(&ids).with_query(&query);
        let one: OneObject = self.send(&site.session, &GET, &request).await?;
        Ok(one.fields.into_iter().filter_map(ReadProperty::into_property).collect())
    }

    /// Records of an object in which the words are found; all of them without words. The vendor numbers its pages, up to
    /// 10,000 records.
    pub(crate) async fn search_records(
        &self,
        site: &Site,
        object: &CustomObject,
        words: &str,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<Record>> {
        let page = Position::page_number(position)?;
        let location_id = &site.location.id;
        let body = Question { location_id, page, page_limit: limit, query: words, search_after: [] };
        let ids = [&object.key];
        let request = Request::of(&ids).with_body(&body)?;
        let many: ManyRecords = self.send(&site.session, &SEARCH, &request).await?;
        let seen = u64::from(page).saturating_mul(u64::from(limit));
        let is_full = u32::try_from(many.records.len()).is_ok_and(|received| received >= limit);
        let is_last = !is_full || many.total.is_some_and(|total| total <= seen);
        let records = many.records.into_iter().filter_map(ReadRecord::into_record).collect();
        let next = (!is_last).then(|| Position::Page(page.saturating_add(1)));
        Ok(Slice { records, total: many.total, next })
    }

    /// One record.
    pub(crate) async fn record(&self, site: &Site, object: &CustomObject, id: &RecordId) -> Result<Record> {
        let one: OneRecord = self.send(&site.session, &GET_RECORD, &Request::of(&[&object.key, id])).await?;
        let record = one.record.and_then(ReadRecord::into_record);
        record.filter(|record| site.holds(record.location_id.as_ref())).ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "no record of this id in this location")
                .with_hint("call `search_records`, or name another `location`")
        })
    }

    /// Makes another record.
    pub(crate) async fn create_record(
        &self,
        site: &Site,
        object: &CustomObject,
        values: &[(&Property, FieldValue)],
    ) -> Result<Record> {
        let body = Write { location_id: Some(&site.location.id), properties: written(values) };
        let ids = [&object.key];
        let one: OneRecord = self.send(&site.session, &CREATE, &Request::of(&ids).with_body(&body)?).await?;
        one.record.and_then(ReadRecord::into_record).ok_or_else(unreadable)
    }

    /// Changes the values given.
    pub(crate) async fn update_record(
        &self,
        site: &Site,
        object: &CustomObject,
        id: &RecordId,
        values: &[(&Property, FieldValue)],
    ) -> Result<Record> {
        let body = Write { location_id: None, properties: written(values) };
        let query = [("locationId", site.location.id.as_str())];
        let ids = [&object.key, id];
        let request = Request::of(&ids).with_query(&query).with_body(&body)?;
        let one: OneRecord = self.send(&site.session, &UPDATE, &request).await?;
        one.record.and_then(ReadRecord::into_record).ok_or_else(unreadable)
    }
}

fn written<'a>(values: &'a [(&Property, FieldValue)]) -> std::collections::BTreeMap<&'a str, WriteValue<'a>> {
    let write = |(property, value): &'a (&Property, FieldValue)| {
        (property.key.as_str(), WriteValue::of(value, property.is_money))
    };
    values.iter().map(write).collect()
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the record")
        .with_hint("read it back before repeating: it may have been written")
}
