//! Contacts, their tags and their notes.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use serde::Serialize;

use super::operation::Operation;
use super::request::Request;
use super::wire::contact::{
    Many, ManyNotes, NewNote, One, OneNote, Read, ReadNote, Tags, Upsert, ValueDated, ValueV3, Written,
};
use super::wire::search::{Begin, Filter, Range, Sort, Value, next};
use super::{Client, Site, Slice};
use crate::contact::{Contact, Email, Phone};
use crate::cursor::{Position, not_ours};
use crate::custom_field::FieldValue;
use crate::note::Note;
use crate::record_id::RecordId;
use crate::tag::Tag;

pub(super) static GET: Operation = Operation::read(Method::GET, "/contacts/{}", "contacts.readonly").on("contact");
pub(super) static SEARCH: Operation = Operation::read(Method::POST, "/contacts/search", "contacts.readonly");
pub(super) static DUPLICATE: Operation =
    Operation::read(Method::GET, "/contacts/search/duplicate", "contacts.readonly");
// Never repeated blindly: it can answer 422 and still have created (highlevel-api-docs issue 64).
pub(super) static UPSERT: Operation =
    Operation::write(Method::POST, "/contacts/upsert", "contacts.write", Repeat::Never);
pub(super) static ADD_TAGS: Operation =
    Operation::write(Method::POST, "/contacts/{}/tags", "contacts.write", Repeat::Idempotent).on("contact");
pub(super) static REMOVE_TAGS: Operation =
    Operation::write(Method::DELETE, "/contacts/{}/tags", "contacts.write", Repeat::Idempotent).on("contact");
pub(super) static NOTES: Operation =
    Operation::read(Method::GET, "/contacts/{}/notes", "contacts.readonly").on("contact");
pub(super) static ADD_NOTE: Operation =
    Operation::write(Method::POST, "/contacts/{}/notes", "contacts.write", Repeat::Never).on("contact");

/// Which contacts are looked for; everything given must hold.
#[derive(Debug, Default)]
pub(crate) struct ContactQuery {
    /// Free text over names, email, phone and firm; at most 75 characters.
    pub(crate) text: Option<String>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) owner_id: Option<RecordId>,
    pub(crate) custom_values: Vec<(RecordId, FieldValue)>,
    /// Exactly this address.
    pub(crate) email: Option<Email>,
    /// Exactly this number.
    pub(crate) phone: Option<Phone>,
    /// RFC 3339.
    pub(crate) added_after: Option<String>,
    /// RFC 3339.
    pub(crate) added_before: Option<String>,
}

/// What is written to a contact. Tags are not among it: an upsert that names tags takes all others away.
#[derive(Debug, Default)]
pub(crate) struct ContactWrite {
    pub(crate) email: Option<Email>,
    pub(crate) phone: Option<Phone>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) owner_id: Option<RecordId>,
    pub(crate) custom_values: Vec<(RecordId, FieldValue)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SearchBody<'a> {
    location_id: &'a RecordId,
    page_limit: u32,
    #[serde(flatten)]
    begin: Begin,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filters: Vec<Filter>,
    sort: [Sort; 1],
}

impl Client {
    /// A contact with everything the vendor keeps about it.
    pub(crate) async fn contact(&self, site: &Site, id: &RecordId) -> Result<Contact> {
        let one: One = self.send(&site.session, &GET, &Request::of(&[id])).await?;
        let contact = one.contact.and_then(Read::into_contact);
        contact.filter(|contact| site.holds(contact.location_id.as_ref())).ok_or_else(unknown_contact)
    }

    /// Contacts, newest first. The vendor's index lags a few seconds behind its records.
    pub(crate) async fn search_contacts(
        &self,
        site: &Site,
        query: &ContactQuery,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<Contact>> {
        let body = SearchBody {
            location_id: &site.location.id,
            page_limit: limit,
            begin: Begin::at(position).ok_or_else(not_ours)?,
            query: query.text.as_deref(),
            filters: query.filters(),
            sort: [Sort { field: "dateAdded", direction: "desc" }],
        };
        let mut many: Many = self.send(&site.session, &SEARCH, &Request::default().with_body(&body)?).await?;
        let received = many.contacts.len();
        let last = many.contacts.last_mut().and_then(|contact| contact.search_after.take());
        let next = next(position, received, limit, many.total, last);
        let records = many.contacts.into_iter().filter_map(Read::into_contact).collect();
        Ok(Slice { records, total: many.total, next })
    }

    /// The contact that has this email; does not lag.
    pub(crate) async fn contact_by_email(&self, site: &Site, email: &Email) -> Result<Option<Contact>> {
        self.duplicate(site, "email", email.as_str()).await
    }

    /// The contact that has this phone number; does not lag.
    pub(crate) async fn contact_by_phone(&self, site: &Site, phone: &Phone) -> Result<Option<Contact>> {
        self.duplicate(site, "number", phone.as_str()).await
    }

    async fn duplicate(&self, site: &Site, field: &'static str, value: &str) -> Result<Option<Contact>> {
        let query = [("locationId", site.location.id.as_str()), (field, value)];
        let one: One = self.send(&site.session, &DUPLICATE, &Request::default().with_query(&query)).await?;
        Ok(one.contact.and_then(Read::into_contact))
    }

    /// Creates a contact, or updates the one that has its email or phone; says whether it was created.
    pub(crate) async fn upsert_contact(&self, site: &Site, write: &ContactWrite) -> Result<(Contact, bool)> {
        let values = || write.custom_values.iter().map(|(id, value)| (id.as_str(), Written::of(value)));
        let v3 = values().map(|(id, field_value)| ValueV3 { id, field_value }).collect();
        let dated = values().map(|(id, field_value)| ValueDated { id, field_value }).collect();
        let request = Request::default().with_bodies(&write.body(site, v3), &write.body(site, dated))?;
        let one: One = self.send(&site.session, &UPSERT, &request).await?;
        let contact = one.contact.and_then(Read::into_contact).ok_or_else(unreadable)?;
        Ok((contact, one.new))
    }

    /// Adds tags and leaves the others.
    pub(crate) async fn add_tags(&self, site: &Site, id: &RecordId, tags: &[Tag]) -> Result<()> {
        self.change_tags(site, &ADD_TAGS, id, tags).await
    }

    /// Takes tags away and leaves the others.
    pub(crate) async fn remove_tags(&self, site: &Site, id: &RecordId, tags: &[Tag]) -> Result<()> {
        self.change_tags(site, &REMOVE_TAGS, id, tags).await
    }

    async fn change_tags(&self, site: &Site, operation: &Operation, id: &RecordId, tags: &[Tag]) -> Result<()> {
        if tags.is_empty() {
            return Ok(());
        }
        let body = Tags { tags: tags.iter().map(|tag| tag.as_str().to_owned()).collect() };
        // What comes back is the tags of the request or of the contact, depending on the operation: not used.
        let _: Tags = self.send(&site.session, operation, &Request::of(&[id]).with_body(&body)?).await?;
        Ok(())
    }

    /// A contact's notes, newest first.
    pub(crate) async fn notes(&self, site: &Site, id: &RecordId) -> Result<Vec<Note>> {
        let many: ManyNotes = self.send(&site.session, &NOTES, &Request::of(&[id])).await?;
        let mut notes: Vec<Note> = many.notes.into_iter().filter_map(ReadNote::into_note).collect();
        notes.sort_by(|one, other| other.written_at.cmp(&one.written_at));
        Ok(notes)
    }

    /// Writes a note.
    pub(crate) async fn add_note(&self, site: &Site, id: &RecordId, text: &str, title: Option<&str>) -> Result<Note> {
        let ids = [id];
        let request = Request::of(&ids).with_body(&NewNote { body: text, title })?;
        let one: OneNote = self.send(&site.session, &ADD_NOTE, &request).await?;
        one.note.and_then(ReadNote::into_note).ok_or_else(unreadable)
    }
}

impl ContactQuery {
    fn filters(&self) -> Vec<Filter> {
        let is = |field: &str, value| Filter { field: field.to_owned(), operator: "eq", value };
        let mut filters: Vec<Filter> =
            self.tags.iter().map(|tag| is("tags", Value::AnyOf(vec![tag.as_str().to_owned()]))).collect();
        filters.extend(self.owner_id.iter().map(|id| is("assignedTo", Value::Text(id.to_string()))));
        filters.extend(self.email.iter().map(|email| is("email", Value::Text(email.as_str().to_owned()))));
        filters.extend(self.phone.iter().map(|phone| is("phone", Value::Text(phone.as_str().to_owned()))));
        for (id, value) in &self.custom_values {
            let value = match value {
                FieldValue::Text(text) => Value::Text(text.clone()),
                FieldValue::Number(number) => Value::Number(*number),
                FieldValue::Flag(flag) => Value::Flag(*flag),
                FieldValue::List(items) => Value::AnyOf(items.clone()),
                FieldValue::Opaque => continue,
            };
            filters.push(is(&format!("customFields.{id}"), value));
        }
        if self.added_after.is_some() || self.added_before.is_some() {
            let range = Range { gte: self.added_after.clone(), lte: self.added_before.clone() };
            filters.push(Filter { field: "dateAdded".to_owned(), operator: "range", value: Value::Range(range) });
        }
        filters
    }
}

impl ContactWrite {
    fn body<'a, V>(&'a self, site: &'a Site, custom_fields: Vec<V>) -> Upsert<'a, V> {
        Upsert {
            location_id: &site.location.id,
            email: self.email.as_ref().map(Email::as_str),
            phone: self.phone.as_ref().map(Phone::as_str),
            first_name: self.first_name.as_deref(),
            last_name: self.last_name.as_deref(),
            company_name: self.company.as_deref(),
            source: self.source.as_deref(),
            assigned_to: self.owner_id.as_ref().map(RecordId::as_str),
            custom_fields,
        }
    }
}

pub(super) fn unknown_contact() -> Error {
    Error::new(ErrorCode::NotFound, "no contact of this id in this location")
        .with_hint("call `search_contacts`, or name another `location`")
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the record")
        .with_hint("read it back before repeating: it may have been written")
}
