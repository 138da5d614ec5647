//! Which events share a row: the reads of one caller with one tool and one code that are committed together.
//!
//! A row costs several microseconds, whatever is in it; a call costs a tenth of that as a line of its row's details.

use std::collections::HashMap;

use serde::Serialize;

use super::ArgumentsDigest;
use super::event::{Call, Ending, Entry, Kind, READ, Record, bounded};
use crate::auth::Caller;
use crate::clock::UnixMillis;
use crate::error::ErrorCode;
use crate::tenant::TenantId;

/// Most calls in one row: some 8 kB, and at most 64 kB where every id is as long as it may be.
const CALLS_PER_ROW_MAX: i64 = 64;

/// What the reads of one row have in common.
#[derive(PartialEq, Eq, Hash)]
struct Common<'a> {
    tenant: &'a TenantId,
    subject: &'a str,
    tool: &'a str,
    code: Option<ErrorCode>,
}

/// What each read of a row has of its own.
#[derive(Serialize)]
struct Detail<'a> {
    at_ms: UnixMillis,
    arguments_digest: ArgumentsDigest,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_trace_id: Option<&'a str>,
}

/// The rows of events, each with its tenant, in the order of their first events.
pub(super) fn of(events: &[Entry]) -> Vec<(&TenantId, Record)> {
    let mut rows: Vec<(&TenantId, Record)> = Vec::new();
    let mut open: HashMap<Common<'_>, usize> = HashMap::new();
    for event in events {
        let Kind::Read { call, ending } = &event.kind else {
            rows.push((event.tenant(), event.record()));
            continue;
        };
        let index = open.entry(common(&event.caller, call, ending)).or_insert(rows.len());
        if rows.get(*index).is_none_or(|(_, row)| row.calls >= CALLS_PER_ROW_MAX) {
            *index = rows.len();
            rows.push((event.tenant(), Record { calls: 0, ..event.record() }));
        }
        if let Some((_, row)) = rows.get_mut(*index) {
            add(row, event.at_ms, call, ending);
        }
    }
    for (_, row) in rows.iter_mut().filter(|(_, row)| row.kind == READ) {
        if let Some(details) = &mut row.details {
            details.push(']');
        }
    }
    rows
}

fn common<'a>(caller: &'a Caller, call: &'a Call, ending: &Ending) -> Common<'a> {
    Common { tenant: caller.tenant(), subject: caller.subject(), tool: &call.tool, code: ending.code }
}

fn add(row: &mut Record, at_ms: UnixMillis, call: &Call, ending: &Ending) {
    let [location_id, trace_id, vendor_trace_id] =
        [&call.location, &call.trace_id, &ending.vendor_trace_id].map(|id| id.as_deref().map(bounded));
    let detail = Detail {
        at_ms,
        arguments_digest: call.arguments,
        duration_ms: ending.duration_ms,
        location_id: location_id.as_deref(),
        trace_id: trace_id.as_deref(),
        vendor_trace_id: vendor_trace_id.as_deref(),
    };
    let details = row.details.get_or_insert_default();
    details.push(if details.is_empty() { '[' } else { ',' });
    // Numbers and strings always have a JSON form; were one to have none, its row would lack a call and be no JSON.
    details.push_str(&serde_json::to_string(&detail).unwrap_or_default());
    row.calls += 1;
    let duration_ms = i64::try_from(ending.duration_ms).unwrap_or(i64::MAX);
    row.duration_ms = Some(row.duration_ms.unwrap_or(0).saturating_add(duration_ms));
}
