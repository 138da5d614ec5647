//! What arguments can hold, by their names or by `tool.name`: words that fit, and records that the demo location has.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{Session, day_ahead};

/// Messages that wait to be taken back.
const MESSAGES: usize = 12;

/// Drafts to be sent or replaced: each once.
const DRAFTS: usize = 12;

/// Free times that are booked.
const SLOTS: usize = 40;

/// Words of people, deals, calendars and times.
fn words() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("location", vec![json!("Brightside"), json!("RtzBzEQ3Hh0tAFjfNGAq")]),
        ("limit", vec![json!(1), json!(2), json!(20)]),
        ("owner", vec![json!("Tom"), json!("priya")]),
        ("user", vec![json!("Tom")]),
        ("assigned_to", vec![json!("Tom"), json!("unassigned")]),
        ("pipeline", vec![json!("New patients")]),
        ("stage", vec![json!("Contacted"), json!("Accepted")]),
        ("move_opportunity.pipeline", vec![json!("New patients")]),
        ("calendar", vec![json!("Consultation")]),
        ("tags", vec![json!("src_paid"), json!("src_organic")]),
        ("add", vec![json!("src_paid"), json!("sampled")]),
        ("remove", vec![json!("unsampled")]),
        ("replace_with", vec![json!("src_paid")]),
        ("custom_fields", vec![json!({"lead_score": "7"}), json!({"company_size": "2-10"})]),
        ("email", vec![json!("sample@example.com"), json!("other+sample@example.com")]),
        ("from_email", vec![json!("ada@example.com")]),
        ("phone", vec![json!("+12025550143"), json!("+12025550199")]),
        ("query", vec![json!("a"), json!("e"), json!("dent")]),
        ("timezone", vec![json!("America/New_York"), json!("UTC")]),
        ("added_after", vec![json!("2020-01-01")]),
        ("added_before", vec![json!("2100-01-01T00:00:00Z")]),
        ("since", vec![json!("2020-01-01")]),
        ("until", vec![json!("2100-12-31")]),
        ("due", vec![json!("2038-01-04T15:00"), json!("2038-01-05")]),
        ("send_at", vec![json!(format!("{}T15:00", day_ahead(30)))]),
        ("start_at", vec![json!(format!("{}T15:00", day_ahead(30)))]),
        ("from", vec![json!("2026-12-01"), json!("2026-12-02T09:00")]),
        ("to", vec![json!("2026-12-10")]),
        ("list_submissions.from", vec![json!("2020-01-01")]),
        ("list_submissions.to", vec![json!("2100-01-01")]),
        ("list_social_posts.from", vec![json!("2020-01-01")]),
        ("get_social_stats.from", vec![json!("2026-01-01")]),
        ("get_social_stats.to", vec![json!("2026-01-31")]),
        ("block_time.from", vec![json!("2038-01-04T08:00"), json!("2038-01-05")]),
        ("block_time.to", vec![json!("2038-01-06"), json!("2038-01-07T12:00")]),
        ("unblock_time.start", vec![json!("2038-01-04T08:00"), json!("2038-01-05")]),
        ("title", vec![json!("Call back"), json!("Send offer")]),
        ("task", vec![json!("Call back")]),
        ("add_tags", vec![json!("src_paid"), json!("sampled")]),
        ("remove_tags", vec![json!("unsampled")]),
        ("set_owner", vec![json!("Tom"), json!("priya")]),
        ("set_fields", vec![json!({"lead_score": "7"}), json!({"company_size": "2-10"})]),
        ("due_after", vec![json!("2020-01-01")]),
        ("due_before", vec![json!("2100-01-01")]),
        ("at", vec![json!("2026-01-05T09:00")]),
        ("lost_reason", vec![json!("Price"), json!("No reply")]),
    ]
}

/// Words of campaigns, content, setup and commerce.
fn more_words() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("workflow", vec![json!("Recall"), json!("Review request")]),
        ("enroll_contact.campaign", vec![json!("New patient")]),
        ("unenroll_contact.campaign", vec![json!("New patient")]),
        ("get_campaign_stats.campaign", campaigns()),
        ("step", vec![json!("First")]),
        ("form", vec![json!("New patient"), json!("visit")]),
        ("provider", vec![json!("61d6d1f9cdac7612faf80753")]),
        ("url", vec![json!("https://example.com/a"), json!("https://example.com/b")]),
        ("media_urls", vec![json!("https://example.com/a.jpg"), json!("https://example.com/a.mp4")]),
        ("accounts", vec![json!("facebook"), json!("Everywhere")]),
        ("object", vec![json!("Insurance plans")]),
        ("association", vec![json!("Patient")]),
        ("fields", vec![json!({"plan_name": "Sampled Care"}), json!({"network": "closed", "plan_name": "Sampled"})]),
        (
            "details",
            vec![json!({"city": "Portland"}), json!({"website": "https://example.com", "phone": "+12025550143"})],
        ),
        ("funnel", vec![json!("Booking")]),
        ("get_conversation.limit", vec![json!(1)]),
        ("list_payments.status", vec![json!("succeeded"), json!("completed"), json!("active")]),
        ("send_message.channel", channels("email", &SENT)),
        ("log_message.channel", channels("call", &LOGGED)),
        ("update_contact.email", numbered(|number| format!("sampled{number}@example.com"))),
        ("update_contact.phone", numbered(|number| format!("+1503555{}", 1_000 + number))),
        ("save_tag.name", vec![json!("sampled tag"), json!("other tag")]),
        ("save_business.name", vec![json!("Sampled & Co"), json!("Others & Co")]),
        ("save_email_template.name", vec![json!("Sampled letter"), json!("Other letter")]),
        ("save_email_campaign.name", vec![json!("Sampled news"), json!("Other news")]),
        ("options", vec![json!("small"), json!("large")]),
    ]
}

/// Channels of messages that are sent, without emails.
const SENT: [&str; 7] = ["sms", "whatsapp", "rcs", "facebook", "instagram", "live_chat", "tiktok"];

/// Channels of messages that are logged, without calls.
const LOGGED: [&str; 7] = ["email", "sms", "whatsapp", "facebook", "instagram", "live_chat", "google_business"];

/// As many of the one that has fields of its own as of the others.
fn channels(own: &'static str, others: &[&'static str]) -> Vec<Value> {
    std::iter::repeat_n(own, others.len()).chain(others.iter().copied()).map(Value::from).collect()
}

/// Most of the kind that is meant unless another is named.
fn campaigns() -> Vec<Value> {
    ["October newsletter", "October newsletter", "October newsletter", "Recall", "Raman"].map(Value::from).into()
}

fn numbered(word: impl Fn(usize) -> String) -> Vec<Value> {
    (0..100).map(|number| json!(word(number))).collect()
}

/// Words, and records of the demo location.
pub(super) async fn pools(session: &Session) -> BTreeMap<String, Vec<Value>> {
    let mut pools: BTreeMap<String, Vec<Value>> =
        words().into_iter().chain(more_words()).map(|(name, values)| (name.to_owned(), values)).collect();
    let mut insert = |name: &str, values: Vec<Value>| {
        assert!(!values.is_empty(), "nothing for {name}");
        pools.insert(name.to_owned(), values);
    };
    let contacts = session.call("search_contacts", json!({"limit": 20})).await;
    let deals = session.call("search_opportunities", json!({"limit": 20, "pipeline": "New patients"})).await;
    let talks = session.call("search_conversations", json!({"limit": 20})).await;
    insert("contact", all(&contacts, "id"));
    insert("contacts", all(&contacts, "id"));
    insert("first", all(&contacts, "id"));
    insert("conversation", all(&talks, "id"));
    insert("opportunity", all(&deals, "id"));
    insert("upsert_opportunity.opportunity", vec![deals["items"][0]["id"].clone()]);
    insert("upsert_opportunity.contact", vec![deals["items"][0]["contact"]["id"].clone()]);
    let visits = session.call("list_appointments", json!({"to": "2100-01-01", "contact": contacts["items"][0]["id"]}));
    let visits = [visits.await, session.call("list_appointments", json!({"limit": 20})).await];
    insert("appointment", visits.iter().flat_map(|page| all(page, "id")).collect());
    for (field, tool, part) in [
        ("business", "list_businesses", "name"),
        ("affiliate", "list_affiliates", "id"),
        ("invoice", "list_invoices", "number"),
        ("template", "list_email_templates", "name"),
        ("save_trigger_link.name", "list_trigger_links", "name"),
    ] {
        insert(field, all(&session.call(tool, json!({})).await, part));
    }
    let records = session.call("search_records", json!({"object": "Insurance plans"})).await;
    insert("record", all(&records, "id"));
    insert("second", all(&records, "id"));
    insert("start", free_times(session).await);
    let (called, calls) = calls(session, &talks).await;
    insert("get_call_transcript.contact", called);
    insert("get_call_transcript.message", calls);
    insert("save_task.contact", vec![contacts["items"][0]["id"].clone()]);
    insert("cancel_scheduled_message.message", waiting(session).await);
    let (campaigns, posts) = drafts(session).await;
    insert("schedule_email_campaign.campaign", campaigns);
    insert("post", posts);
    pools
}

fn all(page: &Value, part: &str) -> Vec<Value> {
    page["items"].as_array().unwrap().iter().map(|item| item[part].clone()).collect()
}

async fn free_times(session: &Session) -> Vec<Value> {
    let asked = json!({"calendar": "Consultation", "from": day_ahead(1), "limit": SLOTS});
    let slots = session.call("find_free_slots", asked).await;
    let days = slots["days"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_day = |day: &Value| -> Vec<Value> {
        let times = day["times"].as_array().unwrap().iter();
        times.map(|time| json!(format!("{}T{}{}", text(&day["date"]), text(time), text(&day["offset"])))).collect()
    };
    days.flat_map(of_day).collect()
}

/// Who has called, and the calls.
async fn calls(session: &Session, talks: &Value) -> (Vec<Value>, Vec<Value>) {
    let (mut called, mut found) = (Vec::new(), Vec::new());
    for row in talks["items"].as_array().unwrap() {
        let talk = session.call("get_conversation", json!({"conversation": row["id"]})).await;
        let calls = talk["items"].as_array().unwrap().iter().filter(|item| item["channel"] == "call");
        for call in calls {
            called.push(row["contact"]["id"].clone());
            found.push(call["id"].clone());
        }
    }
    (called, found)
}

async fn waiting(session: &Session) -> Vec<Value> {
    session.call("upsert_contact", json!({"email": "sampled@example.com", "phone": "+15035550779"})).await;
    let mut found = Vec::new();
    for number in 0..MESSAGES {
        let order = json!({
            "contact": "sampled@example.com", "channel": "sms", "text": format!("{number}"),
            "send_at": format!("{}T09:00", day_ahead(30))
        });
        found.push(session.call("send_message", order).await["message_id"].clone());
    }
    found
}

/// Of email campaigns, and of social posts.
async fn drafts(session: &Session) -> (Vec<Value>, Vec<Value>) {
    let (mut campaigns, mut posts) = (Vec::new(), Vec::new());
    for number in 0..DRAFTS {
        let name = format!("Sampled campaign {number}");
        session.call("save_email_campaign", json!({"name": name, "text": "Hi", "user": "Tom"})).await;
        campaigns.push(json!(name));
        let post = json!({"text": "Hi", "status": "draft", "user": "Tom"});
        posts.push(session.call("save_social_post", post).await["post"]["id"].clone());
    }
    (campaigns, posts)
}
