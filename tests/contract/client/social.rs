//! Social accounts, posts and their figures.

use serde_json::json;
use tests::time::in_days;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "social-planner.get-account"),
    ("v3", "social-planner.get-posts"),
    ("v3", "social-planner.get-post"),
    ("v3", "social-planner.create-post"),
    ("v3", "social-planner.edit-post"),
    ("v3", "social-planner.get-statistics"),
];

pub(super) async fn drive(session: &Session) {
    session.call("list_social_accounts", json!({"location": "brightside"})).await;
    let mut posts = json!({"accounts": ["facebook", "Everywhere"], "status": "published", "limit": 1});
    posts["cursor"] = session.call("list_social_posts", posts.clone()).await["next_cursor"].clone();
    session.call("list_social_posts", posts).await;
    session.call("list_social_posts", json!({"from": "2020-01-01", "to": "2100-01-01", "limit": 2})).await;
    let draft = json!({"text": "Hi", "status": "draft", "user": "Tom"});
    let draft = session.call("save_social_post", draft).await;
    let replaced = json!({
        "post": draft["post"]["id"], "accounts": ["Everywhere"], "text": "Hi", "status": "scheduled", "user": "Tom",
        "send_at": format!("{}T09:00", in_days(60)), "media_urls": ["https://example.com/a.jpg"], "first_comment": "Hello",
    });
    session.call("save_social_post", replaced).await;
    let reel = json!({
        "accounts": ["tiktok"], "status": "published", "kind": "reel", "media_urls": ["https://example.com/a.mp4"],
        "tiktok_audience": "friends", "user": "Tom",
    });
    session.call("save_social_post", reel).await;
    session.call("get_social_stats", json!({"accounts": ["facebook"], "from": "2026-01-01", "to": "2026-01-31"})).await;
    session.call("get_social_stats", json!({})).await;
}
