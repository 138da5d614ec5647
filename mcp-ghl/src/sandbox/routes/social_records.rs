//! Social accounts and posts as the emulator keeps them, and as answers show them.

use common::clock::UnixMillis;
use serde_json::{Map, Value};

use crate::sandbox::documents::Kind;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::instants;
use crate::sandbox::store::Connection;
use crate::sandbox::store::documents::Record;

pub(crate) const ACCOUNT: Kind = Kind { name: "social_account", noun: "Account" };
pub(crate) const GROUP: Kind = Kind { name: "social_group", noun: "Group" };
pub(crate) const POST: Kind = Kind { name: "social_post", noun: "Post" };

pub(super) async fn post_of(
    connection: &mut Connection,
    call: &Call,
    (location_id, id): &(String, String),
) -> Result<Record, Refusal> {
    call.grant.require_location(location_id)?;
    POST.of(connection, call, id).await
}

/// The post as the instant finds it: what was to go out by then has gone out.
pub(super) fn at(mut record: Record, now_ms: UnixMillis) -> Record {
    if record.text("status") == Some("scheduled") && shown_at_ms(&record) <= now_ms {
        record.set("status", Some("published"));
        let published_at = record.text("displayDate").map(str::to_owned);
        record.set("publishedAt", published_at);
    }
    record
}

pub(super) fn shown_at_ms(record: &Record) -> UnixMillis {
    record.text("displayDate").and_then(instants::parse).unwrap_or(record.added_at_ms)
}

pub(super) fn accounts_of(record: &Record) -> impl Iterator<Item = &str> {
    let ids = record.body.0.get("accountIds").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    ids.iter().filter_map(Value::as_str)
}

pub(super) fn answer(record: Record) -> Map<String, Value> {
    let (location_id, added_at_ms, updated_at_ms) =
        (record.location_id.clone(), record.added_at_ms, record.updated_at_ms);
    let mut fields = record.with_id("_id");
    for name in ["scheduleDate", "followUpComment", "categoryId", "selectedBestTime"] {
        fields.remove(name);
    }
    fields.entry("error").or_insert_with(|| String::new().into());
    fields.insert("locationId".to_owned(), location_id.into());
    fields.insert("createdAt".to_owned(), instants::iso(added_at_ms).into());
    fields.insert("updatedAt".to_owned(), instants::iso(updated_at_ms).into());
    fields
}
