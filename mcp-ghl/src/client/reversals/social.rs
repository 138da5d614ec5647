//! Social posts that have not gone out, from the vendor's own answers: a change replaces the whole post, so the whole
//! post is kept.

use serde_json::{Map, Value, json};

use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};
use crate::social::SocialPost;

/// Why a post that has gone out stays.
pub(crate) const GONE_OUT: &str = "it has gone out to people";

/// Why a post whose first comment was written stays as it is.
pub(crate) const FORMER_COMMENT: &str = "GoHighLevel does not show the first comment that was there before";

/// Why a post that was neither a draft nor waiting before stays as it is.
pub(crate) const FORMER_STATUS: &str = "it was neither a draft nor scheduled before, and cannot be made so";

/// What a post can have that an answer shows and a request takes (specification of `CreatePostDTO` and
/// `GetPostFormattedSchema`).
const CARRIED: [&str; 13] = [
    "accountIds",
    "media",
    "tags",
    "ogTagsDetails",
    "tiktokPostDetails",
    "gmbPostDetails",
    "blueskyPostDetails",
    "linkedinPostDetails",
    "pinterestPostDetails",
    "facebookPostDetails",
    "instagramPostDetails",
    "youtubePostDetails",
    "type",
];

/// Where a post is.
pub(crate) fn post(location_id: &RecordId, id: &RecordId) -> Request {
    Request::get(format!("/social-media-posting/{location_id}/posts/{id}"))
}

/// Deletes a post that was written and has not gone out.
pub(crate) fn post_creation(location_id: &RecordId, written: &SocialPost) -> Reversal {
    let read = post(location_id, &written.id);
    let path = read.path.clone();
    let mut check = Check::of(read)
        .field("text", "/results/post/summary", (), written.text.as_deref())
        .field("status", "/results/post/status", (), written.status.as_deref())
        .field("accounts", "/results/post/accountIds", (), written.account_ids.clone());
    if written.status.as_deref() == Some(SCHEDULED) {
        check = check.field("send_at", "/results/post/displayDate", (), written.shown_at.as_deref());
    }
    Reversal::deleting("delete the social post", path).with_check(check)
}

const SCHEDULED: &str = "scheduled";

/// Makes a post again what it was, by the vendor's answers before and after. `None` if it was neither a draft nor
/// scheduled.
pub(crate) fn post_update(
    location_id: &RecordId,
    (id, user_id): (&RecordId, &RecordId),
    before: &Value,
    after: &Value,
) -> Option<Reversal> {
    let read = post(location_id, id);
    let path = read.path.clone();
    let (old, new) = (content(before)?, content(after)?);
    let waits = |post: &Map<String, Value>| post.get("status").and_then(Value::as_str) == Some(SCHEDULED);
    if !waits(old) && old.get("status").and_then(Value::as_str) != Some("draft") {
        return None;
    }
    let value = |post: &Map<String, Value>, key: &str| post.get(key).cloned().unwrap_or_default();
    let mut check = Check::of(read);
    for (name, key) in [
        ("text", "summary"),
        ("accounts", "accountIds"),
        ("media_urls", "media"),
        ("status", "status"),
        ("kind", "type"),
    ] {
        check = check.field(name, &format!("/results/post/{key}"), value(old, key), value(new, key));
    }
    // A draft's date is that of its last change.
    if waits(old) && waits(new) {
        let (from, to) = (value(old, "displayDate"), value(new, "displayDate"));
        check = check.field("send_at", "/results/post/displayDate", from, to);
    }
    let effect = |post: &Map<String, Value>| if waits(post) { Effect::Reaches } else { Effect::Writes };
    let says = |how: &str, post: &Map<String, Value>| match post.get("displayDate").and_then(Value::as_str) {
        Some(time) if waits(post) => format!("set the social post {how}: it goes out at {time}"),
        _ => format!("set the social post {how}: a draft"),
    };
    let put = |post: &Map<String, Value>| Request::put(path.clone(), whole(post, user_id));
    let reversal = Reversal::new(says("back to what it was", old), put(old)).with_effect(effect(old));
    Some(reversal.with_check(check).with_again(says("once more", new), effect(new), put(new)))
}

/// The post in an answer.
fn content(answer: &Value) -> Option<&Map<String, Value>> {
    answer.pointer("/results/post").and_then(Value::as_object)
}

/// A post as it is written.
fn whole(post: &Map<String, Value>, user_id: &RecordId) -> Value {
    let mut body = Map::new();
    for key in CARRIED {
        if let Some(value) = post.get(key).filter(|value| !value.is_null()) {
            body.insert(key.to_owned(), value.clone());
        }
    }
    for list in ["accountIds", "media"] {
        body.entry(list).or_insert_with(|| json!([]));
    }
    let text = post.get("summary").filter(|text| text.is_string()).cloned();
    body.insert("summary".to_owned(), text.unwrap_or_else(|| json!("")));
    body.insert("userId".to_owned(), json!(user_id));
    let status = post.get("status").cloned().unwrap_or_default();
    if status == SCHEDULED {
        body.insert("scheduleDate".to_owned(), post.get("displayDate").cloned().unwrap_or_default());
    }
    body.insert("status".to_owned(), status);
    Value::Object(body)
}
