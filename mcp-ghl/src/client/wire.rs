//! The vendor's shapes. Reading is lenient: every field may be missing and unknown ones are ignored. Writing is strict.

pub(super) mod affiliate;
pub(super) mod association;
pub(super) mod automation;
pub(super) mod business;
pub(super) mod calendar;
pub(super) mod contact;
pub(super) mod contact_changes;
pub(super) mod conversation;
pub(super) mod custom_field;
pub(super) mod custom_value;
pub(super) mod email_campaign;
pub(super) mod email_template;
pub(super) mod form;
pub(super) mod funnel;
pub(super) mod invoice;
pub(super) mod link;
pub(super) mod location;
pub(super) mod message;
pub(super) mod message_record;
pub(super) mod object;
pub(super) mod opportunity;
pub(super) mod payment;
pub(super) mod product;
pub(super) mod search;
pub(super) mod social;
pub(super) mod social_stats;
pub(super) mod task;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::custom_field::FieldValue;

/// An instant, which the vendor writes as text or as milliseconds.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Instant {
    Text(String),
    Millis(i64),
    Other(IgnoredAny),
}

/// RFC 3339 to the second, if it is an instant at all.
pub(super) fn rfc3339(instant: Option<Instant>) -> Option<String> {
    let instant = timestamp(instant, None)?;
    Timestamp::from_second(instant.as_second()).ok().map(|instant| instant.to_string())
}

/// Milliseconds since 1970, if it is an instant at all.
pub(super) fn millis(instant: Option<Instant>) -> Option<i64> {
    timestamp(instant, None).map(Timestamp::as_millisecond)
}

/// The instant, if it is one at all. A time without an offset is that of `zone`'s clocks.
pub(super) fn timestamp(instant: Option<Instant>, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let of_zone = |text: &str| zone?.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    match instant? {
        Instant::Text(text) => text.parse::<Timestamp>().ok().or_else(|| of_zone(&text)),
        Instant::Millis(millis) => Timestamp::from_millisecond(millis).ok(),
        Instant::Other(_) => None,
    }
}

/// A custom field's value, which has the type of its field.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum AnyValue {
    Flag(bool),
    Number(f64),
    Text(String),
    Texts(Vec<String>),
    Other(IgnoredAny),
}

impl From<AnyValue> for FieldValue {
    fn from(value: AnyValue) -> Self {
        match value {
            AnyValue::Flag(flag) => Self::Flag(flag),
            AnyValue::Number(number) => Self::Number(number),
            AnyValue::Text(text) => Self::Text(text),
            AnyValue::Texts(texts) => Self::List(texts),
            AnyValue::Other(_) => Self::Opaque,
        }
    }
}

/// Text that says something: the vendor sends empty texts for absent ones.
pub(super) fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
