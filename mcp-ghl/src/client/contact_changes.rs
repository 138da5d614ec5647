//! Changing contacts whose ids are known: consent, owner, fields, tags of many at once; and deleting one.

use common::error::Result;
use common::http::Repeat;
use http::Method;
use serde::de::IgnoredAny;

use super::contacts::{ContactWrite, GET, unknown_contact};
use super::operation::Operation;
use super::request::Request;
use super::wire::contact::{One, Read, ValueDated, ValueV3, Written};
use super::wire::contact_changes::{BulkAnswer, BulkReport, BulkTags, Dnd, Edit, dated_word, v3_word};
use super::{Client, Site};
use crate::consent::Refusals;
use crate::contact::{Email, Phone};
use crate::record_id::RecordId;
use crate::tag::Tag;

pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/contacts/{}", "contacts.write", Repeat::Idempotent).on("contact");
// Not repeated blindly: the second one would say that there is no such contact.
pub(super) static DELETE: Operation =
    Operation::write(Method::DELETE, "/contacts/{}", "contacts.write", Repeat::Never).on("contact");
// The specification names no scope for these two; all that a contact's tags need otherwise is this one.
pub(super) static BULK_ADD_TAGS: Operation =
    Operation::write(Method::POST, "/contacts/bulk/tags/update/add", "contacts.write", Repeat::Idempotent);
pub(super) static BULK_REMOVE_TAGS: Operation =
    Operation::write(Method::POST, "/contacts/bulk/tags/update/remove", "contacts.write", Repeat::Idempotent);

/// Most contacts of one bulk request. Ours: the vendor names no limit.
pub(crate) const BULK_CONTACTS_MAX: usize = 100;

/// What is done to the tags of many contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagEdit {
    Add,
    Remove,
}

/// Why a contact was left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BulkFault {
    Deleted,
    Elsewhere,
    Refused,
}

/// What became of a bulk request.
#[derive(Debug, Default)]
pub(crate) struct BulkOutcome {
    pub(crate) failed: Vec<(RecordId, BulkFault)>,
    /// How many more failed that the vendor does not name.
    pub(crate) unnamed: usize,
}

impl Client {
    /// What a contact has refused, with every reason on record.
    pub(crate) async fn refusals(&self, site: &Site, id: &RecordId) -> Result<Refusals> {
        let one: One = self.send(&site.session, &GET, &Request::of(&[id])).await?;
        let (location_id, refusals) = one.contact.map(Read::into_refusals).ok_or_else(unknown_contact)?;
        if site.holds(location_id.as_ref()) { Ok(refusals) } else { Err(unknown_contact()) }
    }

    /// Writes what a contact has refused, whole.
    pub(crate) async fn set_refusals(&self, site: &Site, id: &RecordId, refusals: &Refusals) -> Result<()> {
        let (v3, dated) = (Dnd::of(refusals, v3_word), Dnd::of(refusals, dated_word));
        let ids = [id];
        let request = Request::of(&ids).with_bodies(&v3, &dated)?;
        let _: IgnoredAny = self.send(&site.session, &UPDATE, &request).await?;
        Ok(())
    }

    /// Writes a contact's fields over what it has. Its firm is not among them: the vendor takes that of an upsert alone.
    pub(crate) async fn edit_contact(&self, site: &Site, id: &RecordId, write: &ContactWrite) -> Result<()> {
        let values = || write.custom_values.iter().map(|(id, value)| (id.as_str(), Written::of(value)));
        let v3 = edit(write, values().map(|(id, field_value)| ValueV3 { id, field_value }).collect());
        let dated = edit(write, values().map(|(id, field_value)| ValueDated { id, field_value }).collect());
        let ids = [id];
        let request = Request::of(&ids).with_bodies(&v3, &dated)?;
        let _: IgnoredAny = self.send(&site.session, &UPDATE, &request).await?;
        Ok(())
    }

    /// Deletes a contact with all that hangs on it, for good.
    pub(crate) async fn delete_contact(&self, site: &Site, id: &RecordId) -> Result<()> {
        let _: IgnoredAny = self.send(&site.session, &DELETE, &Request::of(&[id])).await?;
        Ok(())
    }

    /// Adds or removes tags of at most [`BULK_CONTACTS_MAX`] contacts and leaves their other tags.
    pub(crate) async fn edit_tags(
        &self,
        site: &Site,
        edit: TagEdit,
        ids: &[&RecordId],
        tags: &[Tag],
    ) -> Result<BulkOutcome> {
        let operation = match edit {
            TagEdit::Add => &BULK_ADD_TAGS,
            TagEdit::Remove => &BULK_REMOVE_TAGS,
        };
        let tags = tags.iter().map(Tag::as_str).collect();
        let body = BulkTags { contacts: ids, tags, location_id: &site.location.id };
        let report: BulkReport = self.send(&site.session, operation, &Request::default().with_body(&body)?).await?;
        let failed: Vec<_> = report.responses.into_iter().filter_map(BulkAnswer::fault).collect();
        let unnamed = report.error_count.saturating_sub(failed.len());
        Ok(BulkOutcome { failed, unnamed })
    }
}

fn edit<V>(write: &ContactWrite, custom_fields: Vec<V>) -> Edit<'_, V> {
    Edit {
        email: write.email.as_ref().map(Email::as_str),
        phone: write.phone.as_ref().map(Phone::as_str),
        first_name: write.first_name.as_deref(),
        last_name: write.last_name.as_deref(),
        source: write.source.as_deref(),
        assigned_to: write.owner_id.as_ref().map(RecordId::as_str),
        custom_fields,
    }
}

impl BulkAnswer {
    /// Whom it is about and why nothing was done; `None` if something was.
    fn fault(self) -> Option<(RecordId, BulkFault)> {
        let Self::Told { contact_id, kind, message } = self else { return None };
        let fault = match message.to_lowercase() {
            _ if kind != "error" => return None,
            text if text.contains("deleted") => BulkFault::Deleted,
            text if text.contains("belong") => BulkFault::Elsewhere,
            _ => BulkFault::Refused,
        };
        Some((contact_id, fault))
    }
}
