//! Social accounts and posts.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use crate::sandbox::body::Body;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::social_records::{ACCOUNT, GROUP, POST, accounts_of, answer, at, post_of, shown_at_ms};
use crate::sandbox::routes::social_write::write;
use crate::sandbox::routes::{Answer, CallOf, created, json};
use crate::sandbox::store;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::{Sandbox, instants};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/social-media-posting/{location_id}/accounts", get(accounts))
        .route("/social-media-posting/{location_id}/posts", post(create))
        .route("/social-media-posting/{location_id}/posts/list", post(list))
        .route("/social-media-posting/{location_id}/posts/{id}", get(show).put(update).delete(delete))
}

/// What every answer of the family is wrapped in.
fn wrapped(status: u16, message: &str, results: Option<Value>) -> Value {
    let mut answer = json!({"success": true, "statusCode": status, "message": message});
    if let (Value::Object(fields), Some(results)) = (&mut answer, results) {
        fields.insert("results".to_owned(), results);
    }
    answer
}

async fn accounts(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(location_id): Path<String>) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut connection = store::read(sandbox.db()).await?;
    let accounts = documents::list(&mut connection, &location_id, ACCOUNT.name).await?;
    let groups = documents::list(&mut connection, &location_id, GROUP.name).await?;
    let plain = |all: Vec<Record>| all.into_iter().map(|record| record.with_id("id")).collect::<Vec<_>>();
    let results = json!({"accounts": plain(accounts), "groups": plain(groups)});
    Ok(json(wrapped(200, "Fetched Accounts", Some(results))))
}

/// Answers 201. Numbers come as texts.
async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut body = Body::parse(&bytes)?;
    let number = |body: &mut Body, name: &str| {
        let number = body.required_text(name).parse::<usize>().ok();
        if number.is_none() {
            body.fault(name, "must be a number string");
        }
        number.unwrap_or_default()
    };
    let (skip, limit) = (number(&mut body, "skip"), number(&mut body, "limit"));
    let (from_ms, to_ms) = (instant(&mut body, "fromDate"), instant(&mut body, "toDate"));
    let _users = body.required_text("includeUsers");
    let status = body.text("type").filter(|status| status != "all");
    let accounts = body.text("accounts");
    let kind = body.text("postType");
    body.finish()?;
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, &location_id, POST.name).await?;
    let mut all: Vec<Record> = all.into_iter().map(|record| at(record, sandbox.now_ms())).collect();
    all.retain(|record| {
        let is_on = |wanted: &str| accounts_of(record).any(|id| wanted.split(',').any(|one| one.trim() == id));
        (from_ms..=to_ms).contains(&shown_at_ms(record))
            && status.as_deref().is_none_or(|status| record.text("status") == Some(status))
            && accounts.as_deref().is_none_or(is_on)
            && kind.as_deref().is_none_or(|kind| record.text("type") == Some(kind))
    });
    all.sort_by_key(|record| std::cmp::Reverse(shown_at_ms(record)));
    let count = all.len();
    let posts: Vec<Map<String, Value>> = all.into_iter().skip(skip).take(limit).map(answer).collect();
    Ok(created(wrapped(201, "Fetched Posts", Some(json!({"posts": posts, "count": count})))))
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut tx = sandbox.begin().await?;
    let mut record = POST.fresh(&sandbox, &location_id, Map::new());
    record.set("source", Some("composer"));
    write(&sandbox, &mut tx, &call, (&mut record, &bytes)).await?;
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(created(wrapped(201, "Created Post", Some(json!({"post": answer(record)})))))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(place): Path<(String, String)>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let record = post_of(&mut connection, &call, &place).await?;
    let results = json!({"post": answer(at(record, sandbox.now_ms()))});
    Ok(json(wrapped(200, "Fetched Post", Some(results))))
}

/// What has gone out stays as it is.
async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(place): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let mut tx = sandbox.begin().await?;
    let mut record = at(post_of(&mut tx, &call, &place).await?, sandbox.now_ms());
    if record.text("status") == Some("published") {
        return Err(Refusal::bad_request("Published posts cannot be edited"));
    }
    write(&sandbox, &mut tx, &call, (&mut record, &bytes)).await?;
    record.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(json(wrapped(200, "Updated Post", None)))
}

async fn delete(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(place): Path<(String, String)>,
) -> Answer {
    let mut tx = sandbox.begin().await?;
    let record = post_of(&mut tx, &call, &place).await?;
    documents::delete(&mut tx, &record.location_id, POST.name, &record.id).await?;
    store::commit(tx).await?;
    Ok(json(wrapped(200, "Deleted Post", Some(json!({"postId": record.id})))))
}

fn instant(body: &mut Body, name: &str) -> i64 {
    let text = body.required_text(name);
    let instant_ms = instants::parse(&text);
    if instant_ms.is_none() && !text.is_empty() {
        body.fault(name, "must be a valid ISO 8601 date string");
    }
    instant_ms.unwrap_or_default()
}
