//! Conversations and messages.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, NOW_MS, dental, gym};
use crate::sandbox::DEMO_LOCATIONS;

fn search(rest: &str) -> String {
    format!("/conversations/search?locationId={}{rest}", dental().id)
}

async fn ids(bench: &Bench, rest: &str) -> Vec<String> {
    let found = bench.call("GET", &search(rest), Value::Null).await;
    let hits = found["conversations"].as_array().unwrap();
    hits.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
}

async fn lead(bench: &Bench, extra: Value) -> String {
    let mut body = json!({"locationId": dental().id, "firstName": "Ada"});
    body.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
    bench.call("POST", "/contacts/", body).await["contact"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_location_has_a_dozen_conversations() {
    let bench = Bench::new().await;
    for location in DEMO_LOCATIONS {
        let path = format!("/conversations/search?locationId={}", location.id);
        let found = bench.ask_as(location.token, "v3", "GET", &path, Value::Null).await.body;
        assert_eq!(found["total"], 12, "{}", location.slug);
        let hits = found["conversations"].as_array().unwrap();
        let text = found.to_string();
        assert!(text.contains("ignore all previous instructions") && text.contains("TYPE_EMAIL"), "{text}");
        assert!(hits.iter().any(|hit| hit["unreadCount"].as_i64() > Some(0)));
        let stopped = hits.iter().find(|hit| hit["lastMessageBody"] == "STOP").unwrap();
        let contact = format!("/contacts/{}", stopped["contactId"].as_str().unwrap());
        let contact = bench.ask_as(location.token, "v3", "GET", &contact, Value::Null).await.body;
        assert_eq!(contact["contact"]["dnd"], true);
    }
}

#[tokio::test]
async fn search_goes_on_behind_the_last_instant() {
    let bench = Bench::new().await;
    let all = ids(&bench, "").await;
    let first = bench.call("GET", &search("&limit=5"), Value::Null).await;
    let after = &first["conversations"][4]["sort"][0];
    let rest = ids(&bench, &format!("&limit=20&startAfterDate={after}")).await;
    assert_eq!((all.len(), &all[5..]), (12, rest.as_slice()));
    let mut backwards = ids(&bench, "&sort=asc").await;
    backwards.reverse();
    assert_eq!(backwards, all);
}

#[tokio::test]
async fn filters_of_the_search_hold() {
    let bench = Bench::new().await;
    let cases = [
        ("&status=unread", 5),
        ("&status=read", 7),
        ("&status=starred", 1),
        ("&lastMessageType=TYPE_WHATSAPP", 1),
        ("&lastMessageDirection=inbound&status=unread", 5),
        ("&query=nobody%20at%20all", 0),
        ("&contactId=nobody00000000000000", 0),
    ];
    for (rest, count) in cases {
        assert_eq!(ids(&bench, rest).await.len(), count, "{rest}");
    }
    let assigned = bench.call("GET", &search("&assignedTo=unassigned"), Value::Null).await;
    assert!(assigned["conversations"].as_array().unwrap().iter().all(|hit| hit.get("assignedTo").is_none()));
    let wrong = bench.ask("v3", "GET", &search("&status=open"), Value::Null).await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn messages_come_nested_newest_first_and_emails_without_their_text() {
    let bench = Bench::new().await;
    let found = bench.call("GET", &search("&lastMessageType=TYPE_SMS&query="), Value::Null).await;
    let id = found["conversations"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/conversations/{id}/messages");
    let page = bench.call("GET", &format!("{path}?limit=2"), Value::Null).await["messages"].clone();
    assert_eq!((&page["nextPage"], page["messages"].as_array().unwrap().len()), (&json!(true), 2));
    assert_eq!(page["messages"][0]["body"], "Got it, thank you!");
    let email = &page["messages"][1];
    assert_eq!((&email["messageType"], email.get("body")), (&json!("TYPE_EMAIL"), None));
    let email_id = email["meta"]["email"]["messageIds"][0].as_str().unwrap();
    let email = bench.call("GET", &format!("/conversations/messages/email/{email_id}"), Value::Null).await;
    assert!(email["body"].as_str().unwrap().contains("<p>Hello, my new address"), "{email}");
    let last = page["lastMessageId"].as_str().unwrap();
    let rest = bench.call("GET", &format!("{path}?lastMessageId={last}"), Value::Null).await["messages"].clone();
    assert_eq!((&rest["nextPage"], rest["messages"].as_array().unwrap().len()), (&json!(false), 3));
    let one = bench.call("GET", &format!("/conversations/messages/{last}"), Value::Null).await;
    assert_eq!(one["conversationId"], id.as_str());
}

#[tokio::test]
async fn a_sent_message_is_recorded_and_moves_the_conversation_up() {
    let bench = Bench::new().await;
    let contact_id = lead(&bench, json!({"phone": "+15035550777"})).await;
    bench.wait(Duration::from_mins(1));
    let order = json!({"type": "SMS", "contactId": contact_id, "message": "See you at 3"});
    let sent = bench.call("POST", "/conversations/messages", order.clone()).await;
    assert_eq!(sent["status"], "pending");
    let found = bench.call("GET", &search("&limit=1"), Value::Null).await;
    let hit = &found["conversations"][0];
    assert_eq!((&hit["id"], &hit["lastMessageBody"]), (&sent["conversationId"], &json!("See you at 3")));
    assert_eq!((&hit["lastMessageDate"], &hit["lastMessageDirection"]), (&json!(NOW_MS + 60_000), &json!("outbound")));
    let again = bench.call("POST", "/conversations/messages", order).await;
    assert_eq!(again["conversationId"], sent["conversationId"]);
    let path = format!("/conversations/{}/messages", sent["conversationId"].as_str().unwrap());
    let page = bench.call("GET", &path, Value::Null).await["messages"].clone();
    let listed: Vec<&Value> = page["messages"].as_array().unwrap().iter().map(|message| &message["id"]).collect();
    assert_eq!(listed, [&again["messageId"], &sent["messageId"]]);
    assert_eq!((&page["messages"][0]["status"], &page["messages"][0]["source"]), (&json!("sent"), &json!("api")));
}

#[tokio::test]
async fn an_email_needs_html_and_can_be_read_back() {
    let bench = Bench::new().await;
    let contact_id = lead(&bench, json!({"email": "ada@example.com"})).await;
    let mut order = json!({"type": "Email", "contactId": contact_id, "subject": "Visit", "message": "Hi"});
    let refused = bench.ask("v3", "POST", "/conversations/messages", order.clone()).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    order["html"] = json!("<p>Hi</p>");
    order["scheduledTimestamp"] = json!(NOW_MS / 1_000 + 3_600);
    let sent = bench.call("POST", "/conversations/messages", order.clone()).await;
    let path = format!("/conversations/messages/email/{}", sent["emailMessageId"].as_str().unwrap());
    let email = bench.call("GET", &path, Value::Null).await;
    assert_eq!(
        (&email["subject"], &email["body"], &email["status"], &email["threadId"]),
        (&json!("Visit"), &json!("<p>Hi</p>"), &json!("scheduled"), &sent["messageId"])
    );
    for wrong in [json!(NOW_MS + 3_600_000), json!(NOW_MS / 1_000 - 1), json!("soon")] {
        order["scheduledTimestamp"] = wrong.clone();
        let refused = bench.ask("v3", "POST", "/conversations/messages", order.clone()).await;
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.body);
    }
}

#[tokio::test]
async fn who_wants_nothing_gets_nothing() {
    let bench = Bench::new().await;
    let cases = [
        (json!({"phone": "+15035550777", "dnd": true}), "SMS", "Cannot send message as DND is active for SMS."),
        (
            json!({"phone": "+15035550778", "dndSettings": {"sms": {"status": "active"}}}),
            "SMS",
            "Cannot send message as DND is active for SMS.",
        ),
        (
            json!({"email": "b@example.com", "dndSettings": {"email": {"status": "permanent"}}}),
            "Email",
            "Cannot send message as DND is active for Email.",
        ),
        (json!({"email": "c@example.com"}), "SMS", "Missing phone number"),
        (json!({"phone": "+15035550779"}), "Email", "Unable to send e-mail, contact's e-mail is invalid"),
    ];
    for (contact, kind, message) in cases {
        let contact_id = lead(&bench, contact).await;
        let order =
            json!({"type": kind, "contactId": contact_id, "message": "Hi", "html": "<p>Hi</p>", "subject": "S"});
        let refused = bench.ask("v3", "POST", "/conversations/messages", order).await;
        assert_eq!((refused.status.as_u16(), &refused.body["message"]), (400, &json!(message)));
        assert_eq!(ids(&bench, &format!("&contactId={contact_id}")).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn wrong_orders_are_refused_with_every_fault() {
    let bench = Bench::new().await;
    let order = json!({"type": "Pigeon", "message": 5, "surprise": 1});
    let refused = bench.ask("2021-04-15", "POST", "/conversations/messages", order).await;
    let faults = refused.body["message"].to_string();
    for part in ["type must be one of", "contactId must be a string", "message must be a string", "property surprise"] {
        assert!(faults.contains(part), "{part}: {faults}");
    }
}

#[tokio::test]
async fn another_locations_token_opens_nothing() {
    let bench = Bench::new().await;
    let id = ids(&bench, "&limit=1").await.remove(0);
    let paths = [search(""), format!("/conversations/{id}"), format!("/conversations/{id}/messages")];
    for path in paths {
        let refused = bench.ask_as(gym().token, "v3", "GET", &path, Value::Null).await;
        assert_eq!(refused.status, 403, "{path}");
    }
    let unknown = bench.ask("v3", "GET", "/conversations/nobody00000000000000", Value::Null).await;
    assert_eq!(unknown.status, 400);
}
