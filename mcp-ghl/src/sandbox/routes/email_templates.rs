//! Email templates of v3. v2 has others, under other paths.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::sandbox::body::Body;
use crate::sandbox::documents::Kind;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::{Sandbox, instants};

pub(crate) const TEMPLATE: Kind = Kind { name: "email_template", noun: "Template" };

/// Page size (specification of `limit`).
const LIMIT: u32 = 10;
const LIMIT_MAX: u32 = 20;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/emails/locations/{location_id}/templates", get(list).post(create))
        .route("/emails/locations/{location_id}/templates/{id}", get(show).patch(update).delete(delete))
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let params = Params::of(query);
    let (offset, limit) = (params.number::<usize>("offset")?.unwrap_or(0), params.limit(LIMIT, LIMIT_MAX)?);
    let wanted = params.text("search").unwrap_or_default().to_lowercase();
    let is_archived = params.is_set("archived");
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, &location_id, TEMPLATE.name).await?;
    // The demo has no folders.
    all.retain(|template| {
        let name = template.text("name").unwrap_or_default().to_lowercase();
        let archived = template.body.0.get("archived") == Some(&Value::Bool(true));
        params.text("include") != Some("folders") && archived == is_archived && name.contains(&wanted)
    });
    all.sort_by_key(|template| template.updated_at_ms);
    if params.text("sortOrder") != Some("asc") {
        all.reverse();
    }
    let total = all.len();
    let page = all.into_iter().skip(offset).take(usize::try_from(limit).unwrap_or(usize::MAX));
    let items: Vec<Map<String, Value>> = page.map(|template| row(&call, template)).collect();
    Ok(json(json!({"items": items, "total": total, "traceId": ids::trace()})))
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut body = Body::parse(&bytes)?;
    let mut template = TEMPLATE.fresh(&sandbox, &location_id, Map::new());
    template.set("name", Some(body.required_text("name")));
    template.set("archived", Some(false));
    read(&mut body, &mut template);
    if template.text("editorType").is_none() {
        body.fault("editorType", "must be one of the following values: html, text");
    }
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    documents::save(&mut tx, &template).await?;
    store::commit(tx).await?;
    Ok(created(written(&call, template)))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(place): Path<(String, String)>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let template = template_of(&mut connection, &call, &place).await?;
    let mut answer = written(&call, template);
    if let Some(subject) = answer.remove("subjectLine") {
        answer.insert("subject".to_owned(), subject);
    }
    let (_, id) = place;
    answer.remove("archived");
    answer.remove("previewUrl");
    answer.insert("deleted".to_owned(), false.into());
    answer.insert("editorContentUrl".to_owned(), format!("{}/email-templates/{id}.html", call.origin).into());
    Ok(json(answer))
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(place): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let mut tx = sandbox.begin().await?;
    let mut template = template_of(&mut tx, &call, &place).await?;
    let mut body = Body::parse(&bytes)?;
    template.set("name", body.text("name"));
    template.set("archived", body.flag("archived"));
    read(&mut body, &mut template);
    body.finish()?;
    template.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &template).await?;
    store::commit(tx).await?;
    let mut answer = written(&call, template);
    for name in ["fromName", "fromEmail", "subjectLine", "previewText"] {
        answer.entry(name).or_insert_with(|| String::new().into());
    }
    Ok(json(answer))
}

async fn delete(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(place): Path<(String, String)>,
) -> Answer {
    let mut tx = sandbox.begin().await?;
    let template = template_of(&mut tx, &call, &place).await?;
    documents::delete(&mut tx, &template.location_id, TEMPLATE.name, &template.id).await?;
    store::commit(tx).await?;
    Ok(json(json!({"deleted": true, "traceId": ids::trace()})))
}

async fn template_of(
    connection: &mut Connection,
    call: &Call,
    (location_id, id): &(String, String),
) -> Result<Record, Refusal> {
    call.grant.require_location(location_id)?;
    TEMPLATE.of(connection, call, id).await
}

/// What both a new and a changed template may say.
fn read(body: &mut Body, template: &mut Record) {
    template.set("editorType", body.choice("editorType", &["html", "text"]));
    for name in ["editorContent", "parentFolderId", "subjectLine", "fromName", "fromEmail", "previewText", "userId"] {
        template.set(name, body.text(name));
    }
}

/// As the list shows it.
fn row(call: &Call, template: Record) -> Map<String, Value> {
    let mut row = written(call, template);
    row.retain(|name, _| {
        ["id", "name", "isPlainText", "editorType", "createdAt", "updatedAt", "previewUrl"].contains(&name.as_str())
    });
    row.insert("type".to_owned(), "template".into());
    row
}

/// As a change shows it, without what it says.
fn written(call: &Call, template: Record) -> Map<String, Value> {
    let is_plain = template.text("editorType") == Some("text");
    let (added_at_ms, updated_at_ms) = (template.added_at_ms, template.updated_at_ms);
    let preview = format!("{}/email-templates/{}/preview", call.origin, template.id);
    let mut fields = template.with_id("id");
    fields.remove("editorContent");
    fields.remove("userId");
    fields.insert("isPlainText".to_owned(), is_plain.into());
    fields.insert("previewUrl".to_owned(), preview.into());
    fields.insert("createdAt".to_owned(), instants::iso(added_at_ms).into());
    fields.insert("updatedAt".to_owned(), instants::iso(updated_at_ms).into());
    fields.insert("traceId".to_owned(), ids::trace().into());
    fields
}
