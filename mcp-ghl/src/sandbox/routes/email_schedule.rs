//! `POST /emails/locations/{locationId}/campaigns/emails/{campaignId}/schedule`: when a campaign goes out, and to whom.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::post;
use common::clock::UnixMillis;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::filter::{Filter, Scalar, Test};
use crate::sandbox::routes::email_campaign_records::{AUDIENCE, EMAIL, SENDS_AT_MS, campaign_of};
use crate::sandbox::routes::users::require_user;
use crate::sandbox::routes::{Answer, CallOf, contact_of, created};
use crate::sandbox::store::contacts;
use crate::sandbox::store::documents;
use crate::sandbox::store::search::{Place, Search};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::{Sandbox, ids};

const SEGMENTS: [&str; 5] = [
    "engaged_last_7_days",
    "engaged_last_30_days",
    "engaged_last_60_days",
    "engaged_last_5_campaigns",
    "unengaged_last_5_campaigns",
];

/// Who is in a segment of the demo: one in three.
const SEGMENT_SHARE: u64 = 3;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/emails/locations/{location_id}/campaigns/emails/{id}/schedule", post(schedule))
}

/// Who receives it.
#[derive(Debug, Default)]
struct Recipients {
    contact_ids: Vec<String>,
    tag_ids: Vec<String>,
    segment: Option<String>,
}

async fn schedule(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(place): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let kind = body.choice("scheduleType", &["immediate", "scheduled", "batch", "rss", "smart_send"]);
    let zone = body.required_text("timeZone");
    let user_id = body.required_text("userId");
    let _user_name = body.text("userName");
    let meta = body.object("emailMeta", email_meta);
    let recipients = body.object("recipients", recipients);
    let send_at = body.object("scheduleConfig", |config| {
        let _unused =
            (config.raw("tracking"), config.raw("resend"), config.raw("emailPreferenceId"), config.raw("batch"));
        config.text("sendAt")
    });
    let _unused = (body.raw("sendDays"), body.raw("rssConfig"), body.raw("abTestConfig"));
    for (name, is_given) in
        [("scheduleType", kind.is_some()), ("emailMeta", meta.is_some()), ("recipients", recipients.is_some())]
    {
        if !is_given {
            body.fault(name, "should not be empty");
        }
    }
    let sends_at_ms = instant(&sandbox, &mut body, kind.as_deref(), (send_at.flatten().as_deref(), &zone));
    body.finish()?;

    let mut tx = sandbox.begin().await?;
    require_user(&mut tx, &call, &user_id).await?;
    let mut campaign = campaign_of(&mut tx, &call, EMAIL, &place).await?;
    if !matches!(campaign.text("status"), Some("draft" | "cancelled" | "paused")) {
        return Err(Refusal::conflict("Campaign must be in draft, cancelled or paused status"));
    }
    let audience = audience(&mut tx, &call, &campaign.location_id, recipients.unwrap_or_default()).await?;
    let source_id = ids::fresh();
    campaign.set("sourceId", Some(source_id.as_str()));
    campaign.set("status", Some(if kind.as_deref() == Some("immediate") { "processing" } else { "scheduled" }));
    campaign.set(SENDS_AT_MS, Some(sends_at_ms));
    campaign.set(AUDIENCE, Some(audience));
    for (name, value) in meta.unwrap_or_default() {
        campaign.set(name, Some(value));
    }
    campaign.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &campaign).await?;
    store::commit(tx).await?;
    Ok(created(json!({"campaignId": campaign.id, "sourceId": source_id, "traceId": ids::trace()})))
}

fn email_meta(meta: &mut Body) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("subject", meta.required_text("subject")),
        ("fromName", meta.required_text("fromName")),
        ("fromEmail", meta.required_text("fromEmail")),
    ];
    for name in ["replyToAddress", "previewText"] {
        fields.extend(meta.text(name).map(|value| (name, value)));
    }
    let _attachments = meta.texts("attachments");
    fields
}

fn recipients(body: &mut Body) -> Recipients {
    let kind = body.choice("type", &["contact", "tag", "segment"]).unwrap_or_default();
    let mut given = Recipients {
        contact_ids: body.texts("contactIds").unwrap_or_default(),
        tag_ids: body.texts("tagIds").unwrap_or_default(),
        segment: body.choice("segment", &SEGMENTS),
    };
    let _freeze = body.flag("freezeList");
    match kind.as_str() {
        "contact" if given.contact_ids.is_empty() => body.fault("contactIds", "should not be empty"),
        "tag" if given.tag_ids.is_empty() => body.fault("tagIds", "should not be empty"),
        "segment" if given.segment.is_none() => body.fault("segment", "should not be empty"),
        _ => {}
    }
    if kind != "contact" {
        given.contact_ids.clear();
    }
    if kind != "tag" {
        given.tag_ids.clear();
    }
    given
}

/// `2026-04-01 09:00 AM` by the clocks of the zone; at once for a campaign without a time.
fn instant(sandbox: &Sandbox, body: &mut Body, kind: Option<&str>, (text, zone): (Option<&str>, &str)) -> UnixMillis {
    let Ok(zone) = TimeZone::get(zone) else {
        body.fault("timeZone", "must be a valid IANA time zone");
        return 0;
    };
    let now_ms = sandbox.now_ms();
    let Some(text) = text.filter(|_| kind != Some("immediate")) else {
        if matches!(kind, Some("scheduled" | "batch" | "smart_send")) {
            body.fault("scheduleConfig.sendAt", "should not be empty");
        }
        return now_ms;
    };
    let read = DateTime::strptime("%Y-%m-%d %I:%M %p", text).ok().and_then(|local| local.to_zoned(zone).ok());
    match read.map(|zoned| zoned.timestamp().as_millisecond()) {
        Some(at_ms) if at_ms > now_ms => at_ms,
        Some(_) => {
            body.fault("scheduleConfig.sendAt", "must be in the future");
            0
        }
        None => {
            body.fault("scheduleConfig.sendAt", "must be a valid date and time");
            0
        }
    }
}

/// How many people it reaches.
async fn audience(
    connection: &mut Connection,
    call: &Call,
    location_id: &str,
    recipients: Recipients,
) -> Result<u64, Refusal> {
    if !recipients.contact_ids.is_empty() {
        for id in &recipients.contact_ids {
            contact_of(&mut *connection, call, id).await?;
        }
        return Ok(u64::try_from(recipients.contact_ids.len()).unwrap_or(u64::MAX));
    }
    let mut names = Vec::new();
    for id in &recipients.tag_ids {
        let tag = store::tags::find(&mut *connection, location_id, id).await?;
        names.push(Scalar::Text(tag.ok_or_else(|| Refusal::no_such("Tag", id))?.name));
    }
    let filter = match contacts::column("tags") {
        Some(column) if !names.is_empty() => Filter::Test { column, test: Test::OneOf(names) },
        _ => Filter::All(Vec::new()),
    };
    let place = Place::Page(1);
    let search = Search { location_id: location_id.to_owned(), text: None, filter, sort: Vec::new(), place, limit: 1 };
    let total = u64::try_from(search.total(connection, &contacts::SOURCE).await?).unwrap_or(0);
    Ok(if recipients.segment.is_some() { total / SEGMENT_SHARE } else { total })
}
