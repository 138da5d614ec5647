//! A deal in full, lost for a reason, and deleted.

use serde_json::json;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "opportunities.get-lost-reason"),
    ("v3", "opportunities.update-opportunity-status"),
    ("v3", "opportunities.delete-opportunity"),
];

pub(super) async fn drive(session: &Session) {
    let contact = "contract+lost@example.com";
    session.call("upsert_contact", json!({"email": contact, "first_name": "Lost"})).await;
    let mut deal = json!({
        "contact": contact, "pipeline": "New patients", "status": "lost", "lost_reason": "Price", "value": 10
    });
    let id = session.call("upsert_opportunity", deal.clone()).await["opportunity"]["id"].clone();
    deal["opportunity"] = id.clone();
    deal["lost_reason"] = json!("No reply");
    deal["value"] = json!(20);
    session.call("upsert_opportunity", deal).await;
    let moved = json!({"opportunity": id, "stage": "Contacted", "lost_reason": "Went elsewhere"});
    session.call("move_opportunity", moved).await;
    session.call("get_opportunity", json!({"opportunity": id})).await;
    session.call("get_opportunity", json!({"opportunity": id, "include": []})).await;
    session.call("delete_opportunity", json!({"opportunity": id})).await;
    // The gym allows several deals: beside a closed one the tool creates plainly, and sets the reason afterwards.
    session.call("upsert_contact", json!({"location": "Iron", "email": contact, "first_name": "Lost"})).await;
    let mut deal = json!({"location": "Iron", "contact": contact, "pipeline": "Corporate", "status": "won"});
    session.call("upsert_opportunity", deal.clone()).await;
    deal["status"] = json!("lost");
    deal["lost_reason"] = json!("Price");
    assert_eq!(session.call("upsert_opportunity", deal).await["created"], true);
}
