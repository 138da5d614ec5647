//! Contacts and notes on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AnyValue, Instant, rfc3339, said};
use crate::consent::{Refusals, Setting, Standing};
use crate::contact::{Channel, Contact};
use crate::cursor::SortValue;
use crate::custom_field::{CustomValue, FieldValue};
use crate::note::Note;
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct One {
    pub(in crate::client) contact: Option<Read>,
    /// Upsert only: whether it was created.
    #[serde(default)]
    pub(in crate::client) new: bool,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) contacts: Vec<Read>,
    pub(in crate::client) total: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    location_id: Option<RecordId>,
    first_name: Option<String>,
    last_name: Option<String>,
    #[serde(alias = "contactName")]
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    company_name: Option<String>,
    source: Option<String>,
    city: Option<String>,
    country: Option<String>,
    timezone: Option<String>,
    tags: Option<Vec<String>>,
    assigned_to: Option<String>,
    custom_fields: Option<Vec<ReadValue>>,
    dnd: Option<bool>,
    dnd_settings: Option<DndSettings>,
    date_added: Option<Instant>,
    date_updated: Option<Instant>,
    pub(in crate::client) search_after: Option<Vec<SortValue>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadValue {
    id: Option<String>,
    #[serde(alias = "fieldValue", alias = "field_value")]
    value: Option<AnyValue>,
}

/// Lower case in v3, capitals before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DndSettings {
    #[serde(alias = "Call")]
    call: Option<Dnd>,
    #[serde(alias = "Email")]
    email: Option<Dnd>,
    #[serde(alias = "SMS")]
    sms: Option<Dnd>,
    #[serde(alias = "WhatsApp", alias = "whatsApp")]
    whatsapp: Option<Dnd>,
    #[serde(alias = "GMB")]
    gmb: Option<Dnd>,
    #[serde(alias = "FB")]
    fb: Option<Dnd>,
}

#[derive(Debug, Deserialize)]
struct Dnd {
    status: Option<String>,
    message: Option<String>,
    code: Option<String>,
}

impl From<Dnd> for Setting {
    fn from(dnd: Dnd) -> Self {
        let standing = match dnd.status.as_deref() {
            Some("active") => Standing::Refused,
            Some("permanent") => Standing::RefusedForGood,
            Some(_) | None => Standing::Open,
        };
        Self { standing, reason: said(dnd.message), code: said(dnd.code) }
    }
}

impl DndSettings {
    fn into_channels(self) -> BTreeMap<Channel, Setting> {
        let channels = [
            (self.call, Channel::Call),
            (self.email, Channel::Email),
            (self.sms, Channel::Sms),
            (self.whatsapp, Channel::Whatsapp),
            (self.gmb, Channel::GoogleBusiness),
            (self.fb, Channel::Facebook),
        ];
        channels.into_iter().filter_map(|(dnd, channel)| Some((channel, dnd?.into()))).collect()
    }
}

impl Read {
    /// Our contact; `None` if it has no id.
    pub(in crate::client) fn into_contact(self) -> Option<Contact> {
        let (first_name, last_name) = (said(self.first_name), said(self.last_name));
        let both = [first_name.as_deref(), last_name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let is_consent_known = self.dnd.is_some() || self.dnd_settings.is_some();
        let refusals = refusals(self.dnd, self.dnd_settings);
        Some(Contact {
            id: self.id?,
            location_id: self.location_id,
            name: said(Some(both)).or_else(|| said(self.name)),
            first_name,
            last_name,
            email: said(self.email),
            phone: said(self.phone),
            company: said(self.company_name),
            source: said(self.source),
            city: said(self.city),
            country: said(self.country),
            timezone: said(self.timezone),
            tags: self.tags.unwrap_or_default(),
            owner_id: said(self.assigned_to),
            custom_values: values(self.custom_fields),
            consent: is_consent_known.then(|| refusals.consent()),
            added_at: rfc3339(self.date_added),
            updated_at: rfc3339(self.date_updated),
        })
    }
}

impl Read {
    /// Where the contact is, and what it has refused.
    pub(in crate::client) fn into_refusals(self) -> (Option<RecordId>, Refusals) {
        (self.location_id, refusals(self.dnd, self.dnd_settings))
    }
}

fn refusals(dnd: Option<bool>, settings: Option<DndSettings>) -> Refusals {
    let channels = settings.map(DndSettings::into_channels).unwrap_or_default();
    Refusals { is_do_not_disturb: dnd.unwrap_or(false), channels }
}

pub(super) fn values(read: Option<Vec<ReadValue>>) -> Vec<CustomValue> {
    let value = |read: ReadValue| Some(CustomValue { field_id: read.id?, value: read.value?.into() });
    read.unwrap_or_default().into_iter().filter_map(value).filter(|held| !held.value.is_empty()).collect()
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Upsert<'a, V> {
    pub(in crate::client) location_id: &'a RecordId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) company_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) assigned_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::client) custom_fields: Vec<V>,
}

/// A custom value as v3 takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct ValueV3<'a> {
    pub(in crate::client) id: &'a str,
    pub(in crate::client) field_value: Written<'a>,
}

/// A custom value as the versions before v3 take it.
#[derive(Debug, Serialize)]
pub(in crate::client) struct ValueDated<'a> {
    pub(in crate::client) id: &'a str,
    pub(in crate::client) field_value: Written<'a>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(in crate::client) enum Written<'a> {
    Text(&'a str),
    Number(f64),
    Texts(&'a [String]),
}

impl<'a> Written<'a> {
    pub(in crate::client) fn of(value: &'a FieldValue) -> Self {
        match value {
            FieldValue::Text(text) => Self::Text(text),
            FieldValue::Number(number) => Self::Number(*number),
            FieldValue::List(texts) => Self::Texts(texts),
            FieldValue::Flag(true) => Self::Text("true"),
            FieldValue::Flag(false) => Self::Text("false"),
            FieldValue::Opaque => Self::Text(""),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::client) struct Tags {
    #[serde(default)]
    pub(in crate::client) tags: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(in crate::client) struct NewNote<'a> {
    pub(in crate::client) body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) title: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct OneNote {
    pub(in crate::client) note: Option<ReadNote>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct ManyNotes {
    #[serde(default)]
    pub(in crate::client) notes: Vec<ReadNote>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadNote {
    id: Option<RecordId>,
    title: Option<String>,
    body: Option<String>,
    user_id: Option<String>,
    date_added: Option<Instant>,
}

impl ReadNote {
    pub(in crate::client) fn into_note(self) -> Option<Note> {
        Some(Note {
            id: self.id?,
            title: said(self.title),
            text: self.body.unwrap_or_default(),
            author_id: said(self.user_id),
            written_at: rfc3339(self.date_added),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Consent;

    #[test]
    fn consent_reads_the_same_in_both_generations() {
        for settings in
            [r#"{"sms":{"status":"active"},"email":{"status":"inactive"}}"#, r#"{"SMS":{"status":"permanent"}}"#]
        {
            let text = format!(r#"{{"id":"c1","dnd":false,"dndSettings":{settings},"unknown":[1]}}"#);
            let contact = serde_json::from_str::<Read>(&text).unwrap().into_contact().unwrap();
            let consent = Consent { is_do_not_disturb: false, blocked: vec![Channel::Sms] };
            assert_eq!(contact.consent, Some(consent), "{settings}");
        }
    }

    #[test]
    fn empty_texts_are_absent_and_values_keep_their_type() {
        let text = r#"{"id":"c1","firstName":"Ada","lastName":" ","email":"","customFields":[
            {"id":"f1","value":"x"},{"id":"f2","fieldValue":2.5},{"id":"f3","value":["a"]},{"id":"f4","value":{"url":"u"}},
            {"id":"f5","value":""}],"dateAdded":1700000000000}"#;
        let contact = serde_json::from_str::<Read>(text).unwrap().into_contact().unwrap();
        assert_eq!((contact.name.as_deref(), contact.email), (Some("Ada"), None));
        assert_eq!(contact.added_at.as_deref(), Some("2023-11-14T22:13:20Z"));
        let values: Vec<FieldValue> = contact.custom_values.into_iter().map(|held| held.value).collect();
        let list = FieldValue::List(vec!["a".to_owned()]);
        assert_eq!(values, [FieldValue::Text("x".to_owned()), FieldValue::Number(2.5), list, FieldValue::Opaque]);
    }
}
