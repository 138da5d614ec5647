//! Tags of many contacts at once, and the tasks of all contacts.

use serde_json::{Value, json};

use super::{LOCATION, expect};
use crate::plain_http::Client;

pub(super) const OPERATIONS: &[&str] = &["contacts.create-association", "locations.task-search"];

pub(super) async fn drive(client: &Client, contact_id: &str) {
    let location = LOCATION.id;
    let body = json!({"contacts": [contact_id, "nobody00000000000000"], "tags": ["bulk"], "locationId": location});
    let done = expect(client, 201, "POST", "/contacts/bulk/tags/update/add", body.clone()).await;
    assert_eq!(done["errorCount"], 1);
    expect(client, 201, "POST", "/contacts/bulk/tags/update/remove", body).await;
    let all = json!({"contacts": [contact_id], "tags": [], "locationId": location, "removeAllTags": true});
    expect(client, 201, "POST", "/contacts/bulk/tags/update/remove", all).await;
    let search = format!("/locations/{location}/tasks/search");
    expect(client, 200, "POST", &search, json!({})).await;
    let narrow = json!({
        "contactId": [contact_id], "assignedTo": ["nobody"], "completed": false, "query": "call", "limit": 5, "skip": 0
    });
    let found: Value = expect(client, 200, "POST", &search, narrow).await;
    assert_eq!(found["tasks"], json!([]));
}
