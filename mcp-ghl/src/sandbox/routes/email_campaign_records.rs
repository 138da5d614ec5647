//! Email campaigns as the emulator keeps them, and as answers show them.

use common::clock::UnixMillis;
use serde_json::{Map, Value};

use crate::sandbox::documents::Kind;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::store::Connection;
use crate::sandbox::store::documents::Record;
use crate::sandbox::{ids, instants};

pub(crate) const EMAIL: Kind = Kind { name: "email_campaign", noun: "Campaign" };
pub(crate) const WORKFLOW: Kind = Kind { name: "workflow_campaign", noun: "Campaign" };
pub(crate) const BULK: Kind = Kind { name: "bulk_action", noun: "Campaign" };

/// When a campaign goes out, in milliseconds since 1970.
pub(crate) const SENDS_AT_MS: &str = "sendsAtMs";

/// How many people a campaign goes to.
pub(crate) const AUDIENCE: &str = "audience";

/// What only the emulator knows of a campaign, and no list shows.
const KEPT: [&str; 5] = ["timeZone", "userId", "editorContent", SENDS_AT_MS, AUDIENCE];

/// What only one campaign's own answer shows.
const DETAILS: [&str; 9] = [
    "editorType",
    "isPlainText",
    "editorContentUrl",
    "fromName",
    "fromEmail",
    "subject",
    "replyToAddress",
    "previewText",
    "subSources",
];

pub(super) async fn campaign_of(
    connection: &mut Connection,
    call: &Call,
    kind: Kind,
    (location_id, id): &(String, String),
) -> Result<Record, Refusal> {
    call.grant.require_location(location_id)?;
    kind.of(connection, call, id).await
}

/// The campaign as the instant finds it: what was to go out by then has gone out.
pub(super) fn at(mut record: Record, now_ms: UnixMillis) -> Record {
    let sends_at_ms = record.body.0.get(SENDS_AT_MS).and_then(Value::as_i64);
    let is_waiting = matches!(record.text("status"), Some("scheduled" | "processing"));
    if is_waiting && sends_at_ms.is_some_and(|sends_at_ms| sends_at_ms <= now_ms) {
        record.set("status", Some("sent"));
    }
    record
}

/// As a list shows it.
pub(super) fn row(record: Record) -> Map<String, Value> {
    let mut row = answer(record);
    row.retain(|name, _| !DETAILS.contains(&name.as_str()));
    row
}

/// As the answer to a change shows it.
pub(super) fn changed(record: Record) -> Map<String, Value> {
    let mut answer = row(record);
    answer.insert("traceId".to_owned(), ids::trace().into());
    answer
}

/// With everything that one campaign's own answer shows.
pub(super) fn answer(record: Record) -> Map<String, Value> {
    let (added_at_ms, updated_at_ms) = (record.added_at_ms, record.updated_at_ms);
    let mut fields = record.with_id("id");
    fields.retain(|name, _| !KEPT.contains(&name.as_str()));
    fields.insert("deleted".to_owned(), false.into());
    fields.insert("createdAt".to_owned(), instants::iso(added_at_ms).into());
    fields.insert("updatedAt".to_owned(), instants::iso(updated_at_ms).into());
    fields
}
