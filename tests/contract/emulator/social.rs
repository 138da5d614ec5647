//! Social accounts, posts and their figures.

use serde_json::{Value, json};

use super::{LOCATION, expect, text};
use crate::plain_http::Client;

/// The generations call them differently.
pub(super) const OPERATIONS_V3: &[&str] = &[
    "social-planner.get-account",
    "social-planner.get-posts",
    "social-planner.get-post",
    "social-planner.create-post",
    "social-planner.edit-post",
    "social-planner.delete-post",
    "social-planner.get-statistics",
];

pub(super) const OPERATIONS_V2: &[&str] = &[
    "social-media-posting.get-account",
    "social-media-posting.get-posts",
    "social-media-posting.get-post",
    "social-media-posting.create-post",
    "social-media-posting.edit-post",
    "social-media-posting.delete-post",
    "social-media-posting.get-social-media-statistics",
];

/// `counted` is the status of figures, which the generations disagree about.
pub(super) async fn drive(client: &Client, user_id: &str, counted: u16) {
    let location = LOCATION.id;
    let root = format!("/social-media-posting/{location}");
    let accounts = expect(client, 200, "GET", &format!("{root}/accounts"), Value::Null).await;
    let account = |platform: &str, name: &str| {
        let all = accounts["results"]["accounts"].as_array().unwrap();
        text(all.iter().find(|account| account["platform"] == platform).unwrap(), &format!("/{name}"))
    };
    let list = json!({
        "type": "published", "accounts": account("facebook", "id"), "skip": "0", "limit": "1", "includeUsers": "false",
        "fromDate": "2020-01-01T00:00:00Z", "toDate": "2100-01-01T00:00:00Z",
    });
    expect(client, 201, "POST", &format!("{root}/posts/list"), list).await;
    let posts = format!("{root}/posts");
    let mut body = json!({
        "accountIds": [account("facebook", "id")], "summary": "Hi", "type": "post", "status": "scheduled", "userId": user_id,
        "scheduleDate": "2030-04-01T09:00:00Z", "media": [{"url": "https://example.com/a.jpg", "type": "image/jpeg"}],
    });
    let made = expect(client, 201, "POST", &posts, body.clone()).await;
    let post = format!("{posts}/{}", text(&made, "/results/post/_id"));
    expect(client, 200, "GET", &post, Value::Null).await;
    body["summary"] = json!("Hello");
    expect(client, 200, "PUT", &post, body.clone()).await;
    expect(client, 200, "DELETE", &post, Value::Null).await;
    body["accountIds"] = json!([account("tiktok", "id")]);
    expect(client, 400, "POST", &posts, body).await;
    let mut asked = json!({"profileIds": [account("facebook", "profileId")], "platforms": ["facebook"]});
    if counted == 200 {
        // Only v3 takes a range.
        asked["currentRange"] = json!({"startDate": "2026-03-01T00:00:00.000Z", "endDate": "2026-03-31T23:59:59.999Z"});
    }
    let statistics = format!("/social-media-posting/statistics?locationId={location}");
    expect(client, counted, "POST", &statistics, asked).await;
}
