//! Social accounts and posts.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::documents::Kind;
use crate::sandbox::routes::users::require_user;
use crate::sandbox::routes::{Answer, CallOf, created, json, social_stats};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::{Sandbox, instants};

pub(crate) const ACCOUNT: Kind = Kind { name: "social_account", noun: "Account" };
pub(crate) const GROUP: Kind = Kind { name: "social_group", noun: "Group" };
pub(crate) const POST: Kind = Kind { name: "social_post", noun: "Post" };

/// What a post may be when it is written; the rest comes about.
const STATUSES: [&str; 9] = [
    "draft",
    "scheduled",
    "in_review",
    "published",
    "in_progress",
    "pending",
    "failed",
    "notification_sent",
    "deleted",
];

/// Parts of a post that are kept as they came.
const KEPT_WHOLE: [&str; 11] = [
    "media",
    "ogTagsDetails",
    "postApprovalDetails",
    "tags",
    "tiktokPostDetails",
    "gmbPostDetails",
    "linkedinPostDetails",
    "pinterestPostDetails",
    "facebookPostDetails",
    "instagramPostDetails",
    "youtubePostDetails",
];

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/social-media-posting/{location_id}/accounts", get(accounts))
        .route("/social-media-posting/{location_id}/posts", post(create))
        .route("/social-media-posting/{location_id}/posts/list", post(list))
        .route("/social-media-posting/{location_id}/posts/{id}", get(show).put(update).delete(delete))
        .route("/social-media-posting/statistics", post(social_stats::statistics))
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

async fn post_of(
    connection: &mut Connection,
    call: &Call,
    (location_id, id): &(String, String),
) -> Result<Record, Refusal> {
    call.grant.require_location(location_id)?;
    POST.of(connection, call, id).await
}

/// Reads a post from a body, with the vendor's rules (descriptions of `CreatePostDTO`). Drafts skip most of them.
async fn write(
    sandbox: &Sandbox,
    connection: &mut Connection,
    call: &Call,
    (record, bytes): (&mut Record, &[u8]),
) -> Result<(), Refusal> {
    let mut body = Body::parse(bytes)?;
    let user_id = body.required_text("userId");
    record.set("type", body.choice("type", &["post", "story", "reel"]));
    if record.text("type").is_none() {
        body.fault("type", "must be one of the following values: post, story, reel");
    }
    let account_ids = body.texts("accountIds");
    if account_ids.is_none() {
        body.fault("accountIds", "must be an array");
    }
    let account_ids = account_ids.unwrap_or_default();
    record.set("status", body.choice("status", &STATUSES).or_else(|| Some("published".to_owned())));
    let scheduled = body.text("scheduleDate");
    for name in ["summary", "followUpComment", "categoryId", "selectedBestTime"] {
        record.set(name, body.text(name));
    }
    for name in KEPT_WHOLE {
        record.set(name, body.raw(name));
    }
    record.set("createdBy", body.text("createdBy").or_else(|| Some(user_id.clone())));
    let _unused = (body.flag("scheduleTimeUpdated"), body.flag("applyWatermark"));
    let is_waiting = matches!(record.text("status"), Some("scheduled" | "in_review"));
    match scheduled.as_deref().and_then(instants::parse) {
        Some(at_ms) => record.set("displayDate", Some(instants::iso(at_ms))),
        None if is_waiting => body.fault("scheduleDate", "must be a valid ISO 8601 date string"),
        None => record.set("displayDate", Some(instants::iso(sandbox.now_ms()))),
    }
    record.set("scheduleDate", scheduled);
    body.finish()?;
    require_user(&mut *connection, call, &user_id).await?;
    let platforms = platforms(connection, &record.location_id, &account_ids).await?;
    record.set("accountIds", Some(account_ids.clone()));
    record.set("accountId", account_ids.first().cloned());
    record.set("platform", platforms.first().cloned());
    if record.text("status") == Some("draft") {
        return Ok(());
    }
    check(record, &platforms)?;
    if record.text("status") == Some("published") {
        record.set("publishedAt", Some(instants::iso(sandbox.now_ms())));
    }
    Ok(())
}

fn check(record: &Record, platforms: &[String]) -> Result<(), Refusal> {
    if platforms.is_empty() {
        return Err(Refusal::bad_request("accountIds should not be empty"));
    }
    let has_tiktok_details = record.body.0.contains_key("tiktokPostDetails");
    if platforms.iter().any(|platform| platform == "tiktok") && !has_tiktok_details {
        return Err(Refusal::bad_request("tiktokPostDetails is required for TikTok accounts"));
    }
    let media = record.body.0.get("media").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_video = |one: &Value| one.get("type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("video/"));
    if record.text("type") == Some("reel") && (media.len() != 1 || !media.iter().all(is_video)) {
        return Err(Refusal::bad_request("Reels require exactly 1 video"));
    }
    if media.is_empty() && record.text("summary").unwrap_or_default().is_empty() {
        return Err(Refusal::bad_request("Content or media is required"));
    }
    Ok(())
}

/// Of the accounts, each once.
async fn platforms(
    connection: &mut Connection,
    location_id: &str,
    account_ids: &[String],
) -> Result<Vec<String>, Refusal> {
    let all = documents::list(connection, location_id, ACCOUNT.name).await?;
    let mut platforms: Vec<String> = Vec::new();
    for id in account_ids {
        let account = all.iter().find(|account| account.id == *id).ok_or_else(|| Refusal::no_such("Account", id))?;
        let platform = account.text("platform").unwrap_or_default().to_owned();
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    Ok(platforms)
}

/// The post as the instant finds it: what was to go out by then has gone out.
fn at(mut record: Record, now_ms: i64) -> Record {
    if record.text("status") == Some("scheduled") && shown_at_ms(&record) <= now_ms {
        record.set("status", Some("published"));
        let published_at = record.text("displayDate").map(str::to_owned);
        record.set("publishedAt", published_at);
    }
    record
}

fn shown_at_ms(record: &Record) -> i64 {
    record.text("displayDate").and_then(instants::parse).unwrap_or(record.added_at_ms)
}

fn accounts_of(record: &Record) -> impl Iterator<Item = &str> {
    let ids = record.body.0.get("accountIds").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    ids.iter().filter_map(Value::as_str)
}

fn instant(body: &mut Body, name: &str) -> i64 {
    let text = body.required_text(name);
    let instant_ms = instants::parse(&text);
    if instant_ms.is_none() && !text.is_empty() {
        body.fault(name, "must be a valid ISO 8601 date string");
    }
    instant_ms.unwrap_or_default()
}

fn answer(record: Record) -> Map<String, Value> {
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
