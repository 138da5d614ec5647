//! A location, its team, and what it calls things.

use serde_json::json;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[("v3", "locations.get-conversation-channel")];

pub(super) async fn drive(session: &Session) {
    session.call("get_location", json!({"location": "Iron"})).await;
    let page = session.call("list_users", json!({"location": "Iron", "query": "a", "limit": 1})).await;
    let next = json!({"location": "Iron", "query": "a", "limit": 1, "cursor": page["next_cursor"]});
    session.call("list_users", next).await;
    let schema = session.call("get_crm_schema", json!({"location": "Iron"})).await;
    assert_eq!(schema.get("unreadable"), None, "{schema}");
    session.call("get_crm_schema", json!({"parts": ["calendars", "tags"]})).await;
}
