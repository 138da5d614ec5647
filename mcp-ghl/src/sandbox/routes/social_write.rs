//! What a request makes of a social post, and whether the vendor lets it.

use serde_json::Value;

use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::social_records::ACCOUNT;
use crate::sandbox::routes::users::require_user;
use crate::sandbox::store::Connection;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::{Sandbox, instants};

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

/// Reads a post from a body, with the vendor's rules (descriptions of `CreatePostDTO`). Drafts skip most of them.
pub(super) async fn write(
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
    for name in ["accountId", "platform"] {
        record.body.0.remove(name);
    }
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
