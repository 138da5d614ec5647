//! Changes of contacts on the wire: one at a time by id, tags of many at once.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::consent::{Refusals, Setting};
use crate::contact::Channel;
use crate::record_id::RecordId;

/// What is written to a contact of a known id; what is absent stays.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Edit<'a, V> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) assigned_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::client) custom_fields: Vec<V>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Dnd<'a> {
    dnd: bool,
    dnd_settings: BTreeMap<&'static str, WriteSetting<'a>>,
}

#[derive(Debug, Serialize)]
struct WriteSetting<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

impl<'a> Dnd<'a> {
    /// Whole: whether the vendor leaves channels alone that a request does not name is not documented. `word` is the
    /// generation's for a channel.
    pub(in crate::client) fn of(refusals: &'a Refusals, word: fn(Channel) -> &'static str) -> Self {
        let written = |(channel, setting): (&Channel, &'a Setting)| {
            let (message, code) = (setting.reason.as_deref(), setting.code.as_deref());
            (word(*channel), WriteSetting { status: setting.standing.vendor_word(), message, code })
        };
        Self { dnd: refusals.is_do_not_disturb, dnd_settings: refusals.channels.iter().map(written).collect() }
    }
}

/// Lower case since v3.
pub(in crate::client) const fn v3_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Call => "call",
        Channel::Email => "email",
        Channel::Sms => "sms",
        Channel::Whatsapp => "whatsApp",
        Channel::GoogleBusiness => "gmb",
        Channel::Facebook => "fb",
    }
}

/// Capitals before v3.
pub(in crate::client) const fn dated_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Call => "Call",
        Channel::Email => "Email",
        Channel::Sms => "SMS",
        Channel::Whatsapp => "WhatsApp",
        Channel::GoogleBusiness => "GMB",
        Channel::Facebook => "FB",
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct BulkTags<'a> {
    pub(in crate::client) contacts: &'a [&'a RecordId],
    pub(in crate::client) tags: Vec<&'a str>,
    pub(in crate::client) location_id: &'a RecordId,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct BulkReport {
    pub(in crate::client) error_count: usize,
    pub(in crate::client) responses: Vec<BulkAnswer>,
}

/// What became of one contact: an object in the specification's example, a text in its schema.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::client) enum BulkAnswer {
    #[serde(rename_all = "camelCase")]
    Told {
        contact_id: RecordId,
        #[serde(rename = "type")]
        kind: String,
        #[serde(default)]
        message: String,
    },
    Other(IgnoredAny),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Standing;

    #[test]
    fn consent_is_written_in_the_words_of_each_generation() {
        let setting =
            Setting { standing: Standing::Refused, reason: Some("by phone".to_owned()), code: Some("X1".to_owned()) };
        let channels = BTreeMap::from([(Channel::Whatsapp, setting)]);
        let refusals = Refusals { is_do_not_disturb: false, channels };
        let written = |word| serde_json::to_string(&Dnd::of(&refusals, word)).unwrap();
        let setting = r#"{"status":"active","message":"by phone","code":"X1"}"#;
        assert_eq!(written(v3_word), format!(r#"{{"dnd":false,"dndSettings":{{"whatsApp":{setting}}}}}"#));
        assert_eq!(written(dated_word), format!(r#"{{"dnd":false,"dndSettings":{{"WhatsApp":{setting}}}}}"#));
    }

    #[test]
    fn what_became_of_each_contact_is_read_in_either_form() {
        let text = r#"{"succeded":true,"errorCount":1,"responses":[
            {"contactId":"c1","message":"contact is deleted","type":"error"},"c2"]}"#;
        let report: BulkReport = serde_json::from_str(text).unwrap();
        assert!(matches!(report.responses.as_slice(), [BulkAnswer::Told { .. }, BulkAnswer::Other(_)]), "{report:?}");
    }
}
