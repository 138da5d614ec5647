//! Email campaigns of v3: drafts, their schedule, and what became of them; besides, the emails of workflows and bulk
//! actions, which can only be read.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{get, post};
use common::clock::UnixMillis;
use serde_json::{Map, Value, json};

use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::documents::Kind;
use crate::sandbox::routes::email_schedule::{self, AUDIENCE, SENDS_AT_MS};
use crate::sandbox::routes::email_templates::TEMPLATE;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::{Sandbox, instants};

pub(crate) const EMAIL: Kind = Kind { name: "email_campaign", noun: "Campaign" };
pub(crate) const WORKFLOW: Kind = Kind { name: "workflow_campaign", noun: "Campaign" };
pub(crate) const BULK: Kind = Kind { name: "bulk_action", noun: "Campaign" };

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

/// Page size (description of `limit`).
const LIMIT: u32 = 10;
const LIMIT_MAX: u32 = 20;

pub(crate) fn routes() -> Router<Sandbox> {
    const ROOT: &str = "/emails/locations/{location_id}/campaigns";
    let path = |rest: &str| format!("{ROOT}/{rest}");
    Router::new()
        .route(&path("emails"), get(list_emails).post(create))
        .route(&path("emails/{id}"), get(show_email).patch(update).delete(delete))
        .route(&path("emails/{id}/schedule"), post(email_schedule::schedule))
        .route(&path("workflows"), get(list_workflows))
        .route(&path("workflows/{id}"), get(show_workflow))
        .route(&path("bulk-actions"), get(list_bulk))
        .route(&path("bulk-actions/{id}"), get(show_bulk))
        .route(&path("stats/{source}/{source_id}"), get(stats))
}

type Place = Path<(String, String)>;
type Asked = Query<HashMap<String, String>>;

async fn list_emails(state: State<Sandbox>, call: CallOf, place: Path<String>, query: Asked) -> Answer {
    list(EMAIL, state, call, place, query).await
}

async fn list_workflows(state: State<Sandbox>, call: CallOf, place: Path<String>, query: Asked) -> Answer {
    list(WORKFLOW, state, call, place, query).await
}

async fn list_bulk(state: State<Sandbox>, call: CallOf, place: Path<String>, query: Asked) -> Answer {
    list(BULK, state, call, place, query).await
}

/// Newest first.
async fn list(
    kind: Kind,
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    query: Asked,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let params = Params::of(query);
    let (offset, limit) = (params.number::<usize>("offset")?.unwrap_or(0), params.limit(LIMIT, LIMIT_MAX)?);
    let wanted = params.text("search").unwrap_or_default().to_lowercase();
    let status = params.text("status").filter(|status| *status != "all");
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, &location_id, kind.name).await?;
    let mut all: Vec<Record> = all.into_iter().map(|record| at(record, sandbox.now_ms())).collect();
    all.retain(|record| {
        let is_named = record.text("name").unwrap_or_default().to_lowercase().contains(&wanted);
        is_named && status.is_none_or(|status| record.text("status") == Some(status))
    });
    all.reverse();
    let total = all.len();
    let page = all.into_iter().skip(offset).take(usize::try_from(limit).unwrap_or(usize::MAX));
    let campaigns: Vec<Map<String, Value>> = page
        .map(|record| {
            let mut row = answer(record);
            row.retain(|name, _| !DETAILS.contains(&name.as_str()));
            row
        })
        .collect();
    Ok(json(json!({"campaigns": campaigns, "total": total, "traceId": ids::trace()})))
}

async fn show_email(state: State<Sandbox>, call: CallOf, place: Place) -> Answer {
    show(EMAIL, state, call, place).await
}

async fn show_workflow(state: State<Sandbox>, call: CallOf, place: Place) -> Answer {
    show(WORKFLOW, state, call, place).await
}

async fn show_bulk(state: State<Sandbox>, call: CallOf, place: Place) -> Answer {
    show(BULK, state, call, place).await
}

async fn show(kind: Kind, State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(place): Place) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let record = campaign_of(&mut connection, &call, kind, &place).await?;
    let mut answer = answer(at(record, sandbox.now_ms()));
    answer.remove("emailMetadata");
    answer.insert("traceId".to_owned(), ids::trace().into());
    Ok(json(answer))
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut body = Body::parse(&bytes)?;
    let mut campaign = EMAIL.fresh(&sandbox, &location_id, Map::new());
    campaign.set("name", Some(body.required_text("name")));
    campaign.set("timeZone", Some(body.required_text("timeZone")));
    campaign.set("userId", Some(body.required_text("userId")));
    campaign.set("editorType", body.choice("editorType", &["html", "text"]));
    if campaign.text("editorType").is_none() {
        body.fault("editorType", "must be one of the following values: html, text");
    }
    campaign.set("editorContent", body.text("editorContent"));
    let template_id = body.text("templateId");
    let (_folder, _user_name) = (body.text("parentFolderId"), body.text("userName"));
    body.finish()?;
    for (name, value) in [("status", "draft"), ("campaignType", "bulk-email"), ("campaignCategory", "email-campaign")] {
        campaign.set(name, Some(value));
    }
    campaign.set("source", Some("email-campaign"));
    let mut tx = sandbox.begin().await?;
    require_user(&mut tx, &call, campaign.text("userId").unwrap_or_default()).await?;
    if let Some(template_id) = template_id {
        let template = TEMPLATE.of(&mut tx, &call, &template_id).await?;
        for (from, to) in [
            ("editorContent", "editorContent"),
            ("subjectLine", "subject"),
            ("fromName", "fromName"),
            ("fromEmail", "fromEmail"),
        ] {
            campaign.set(to, template.text(from));
        }
    }
    documents::save(&mut tx, &campaign).await?;
    store::commit(tx).await?;
    Ok(created(changed(campaign)))
}

/// Only a draft can be changed.
async fn update(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(place): Place, bytes: Bytes) -> Answer {
    let mut tx = sandbox.begin().await?;
    let mut campaign = campaign_of(&mut tx, &call, EMAIL, &place).await?;
    if campaign.text("status") != Some("draft") {
        return Err(Refusal::bad_request("Only draft campaigns can be updated"));
    }
    let mut body = Body::parse(&bytes)?;
    for name in ["name", "editorContent", "userId"] {
        campaign.set(name, body.text(name));
    }
    campaign.set("editorType", body.choice("editorType", &["html", "text"]));
    body.finish()?;
    campaign.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &campaign).await?;
    store::commit(tx).await?;
    Ok(json(changed(campaign)))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(place): Place) -> Answer {
    let mut tx = sandbox.begin().await?;
    let campaign = campaign_of(&mut tx, &call, EMAIL, &place).await?;
    documents::delete(&mut tx, &campaign.location_id, EMAIL.name, &campaign.id).await?;
    store::commit(tx).await?;
    Ok(json(json!({"deleted": true, "traceId": ids::trace()})))
}

async fn stats(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path((location_id, source, source_id)): Path<(String, String, String)>,
    query: Asked,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let params = Params::of(query);
    let kind = match source.as_str() {
        "email-campaigns" => EMAIL,
        "workflow-campaigns" => WORKFLOW,
        "bulk-actions" => BULK,
        _ => return Err(Refusal::unprocessable(vec!["source must be a valid enum value".to_owned()])),
    };
    let step = params.text("subSourceId");
    if step.is_some() && kind.name != WORKFLOW.name {
        return Err(Refusal::bad_request("subSourceId is only valid for workflow-campaigns"));
    }
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, &location_id, kind.name).await?;
    let found = all.into_iter().find(|record| record.text("sourceId") == Some(source_id.as_str()));
    let record = at(found.ok_or_else(|| Refusal::no_such("Source", &source_id))?, sandbox.now_ms());
    let is_sent = matches!(record.text("status"), Some("sent" | "published" | "complete"));
    let audience = record.body.0.get(AUDIENCE).and_then(Value::as_u64).unwrap_or(0);
    let steps = record.body.0.get("subSources").and_then(Value::as_array);
    if let Some(step) = step
        && !steps.is_some_and(|steps| steps.iter().any(|one| one.get("id").and_then(Value::as_str) == Some(step)))
    {
        return Err(Refusal::no_such("Action", step));
    }
    let part = if step.is_some() { steps.map_or(1, Vec::len) } else { 1 };
    let sent = if is_sent { audience / u64::try_from(part).unwrap_or(1).max(1) } else { 0 };
    let mut answer =
        json!({"locationId": location_id, "source": source, "sourceId": source_id, "stats": figures(sent)});
    if let (Some(step), Value::Object(fields)) = (step, &mut answer) {
        fields.insert("subSourceId".to_owned(), step.into());
    }
    Ok(json(answer))
}

/// What becomes of so many emails: 96 in a hundred arrive, 45 of these are opened, 12 followed.
fn figures(sent: u64) -> Value {
    let share = |of: u64, percent: u64| of * percent / 100;
    let delivered = share(sent, 96);
    let (opened, clicked, unsubscribed) = (share(delivered, 45), share(delivered, 12), share(delivered, 1));
    let failed = sent - delivered;
    let rate = |part: u64, of: u64| {
        // Hundredths of a percent.
        let scaled = (part * 10_000).checked_div(of).unwrap_or(0);
        f64::from(u32::try_from(scaled).unwrap_or(u32::MAX)) / 100.0
    };
    json!({
        "sent": sent, "accepted": sent, "delivered": delivered, "opened": opened, "clicked": clicked,
        "unsubscribed": unsubscribed, "complained": 0, "permanentFail": failed - failed / 2, "temporaryFail": failed / 2,
        "rejected": 0, "failed": 0, "replied": share(delivered, 2), "openRate": rate(opened, delivered),
        "clickRate": rate(clicked, delivered), "unsubscribeRate": rate(unsubscribed, delivered), "complaintRate": 0,
        "bounceRate": rate(failed, sent), "replyRate": rate(share(delivered, 2), delivered),
    })
}

pub(super) async fn campaign_of(
    connection: &mut Connection,
    call: &Call,
    kind: Kind,
    (location_id, id): &(String, String),
) -> Result<Record, Refusal> {
    call.grant.require_location(location_id)?;
    kind.of(connection, call, id).await
}

/// What the vendor does with an unknown user is not documented; a mistake should show.
pub(super) async fn require_user(connection: &mut Connection, call: &Call, id: &str) -> Result<(), Refusal> {
    let users = store::users::list(connection, call.grant.company_id()).await?;
    if users.iter().any(|user| user.id == id) { Ok(()) } else { Err(Refusal::no_such("User", id)) }
}

/// The campaign as the instant finds it: what was to go out by then has gone out.
fn at(mut record: Record, now_ms: UnixMillis) -> Record {
    let sends_at_ms = record.body.0.get(SENDS_AT_MS).and_then(Value::as_i64);
    let is_waiting = matches!(record.text("status"), Some("scheduled" | "processing"));
    if is_waiting && sends_at_ms.is_some_and(|sends_at_ms| sends_at_ms <= now_ms) {
        record.set("status", Some("sent"));
    }
    record
}

/// As the answer to a change shows it.
fn changed(record: Record) -> Map<String, Value> {
    let mut answer = answer(record);
    answer.retain(|name, _| !DETAILS.contains(&name.as_str()));
    answer.insert("traceId".to_owned(), ids::trace().into());
    answer
}

fn answer(record: Record) -> Map<String, Value> {
    let (added_at_ms, updated_at_ms) = (record.added_at_ms, record.updated_at_ms);
    let mut fields = record.with_id("id");
    fields.retain(|name, _| !KEPT.contains(&name.as_str()));
    fields.insert("deleted".to_owned(), false.into());
    fields.insert("createdAt".to_owned(), instants::iso(added_at_ms).into());
    fields.insert("updatedAt".to_owned(), instants::iso(updated_at_ms).into());
    fields
}
