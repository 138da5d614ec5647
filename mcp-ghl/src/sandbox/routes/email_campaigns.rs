//! Email campaigns of v3, and the emails of workflows and bulk actions, which can only be read.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::sandbox::body::Body;
use crate::sandbox::documents::Kind;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::email_campaign_records::{BULK, EMAIL, WORKFLOW, answer, at, campaign_of, changed, row};
use crate::sandbox::routes::email_templates::TEMPLATE;
use crate::sandbox::routes::users::require_user;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::{Sandbox, ids};

/// Page size (description of `limit`).
const LIMIT: u32 = 10;
const LIMIT_MAX: u32 = 20;

pub(crate) fn routes() -> Router<Sandbox> {
    const ROOT: &str = "/emails/locations/{location_id}/campaigns";
    let path = |rest: &str| format!("{ROOT}/{rest}");
    Router::new()
        .route(&path("emails"), get(list_emails).post(create))
        .route(&path("emails/{id}"), get(show_email).patch(update).delete(delete))
        .route(&path("workflows"), get(list_workflows))
        .route(&path("workflows/{id}"), get(show_workflow))
        .route(&path("bulk-actions"), get(list_bulk))
        .route(&path("bulk-actions/{id}"), get(show_bulk))
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
    let campaigns: Vec<Map<String, Value>> = page.map(row).collect();
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
