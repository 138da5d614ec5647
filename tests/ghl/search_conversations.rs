use std::collections::HashSet;

use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn rows_are_compact_and_the_latest_message_comes_first() {
    let found = Bench::new().await.call("search_conversations", json!({"limit": 1})).await;
    assert_eq!((&found["total"], &found["location"]), (&json!(12), &json!({"id": DENTAL, "name": DENTAL_NAME})));
    let row = &found["items"][0];
    let text = "Or Friday morning, before 10. Which number will you call from?";
    assert_eq!(row["last_message"], json!({"untrusted": text, "source": "last message"}));
    assert_eq!((&row["unread"], &row["channel"], &row["direction"]), (&json!(2), &json!("sms"), &json!("inbound")));
    assert_eq!(row["last_at"], "2026-11-19T22:00:00Z");
    assert!(row["contact"]["name"].is_string() && row["contact"]["id"].is_string(), "{row}");
}

#[tokio::test]
async fn pages_lead_to_the_end_without_gap_or_repetition() {
    let bench = Bench::new().await;
    let all = bench.all_pages("search_conversations", json!({"limit": 5})).await;
    let ids: HashSet<&str> = all.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!((all.len(), ids.len()), (12, 12));
    let instants: Vec<&str> = all.iter().map(|row| row["last_at"].as_str().unwrap()).collect();
    assert!(instants.is_sorted_by(|one, other| one > other), "{instants:?}");
    let whole = bench.call("search_conversations", json!({"limit": 12})).await;
    assert_eq!(whole.get("next_cursor"), None);
}

#[tokio::test]
async fn criteria_add_up_and_take_names() {
    let bench = Bench::new().await;
    let unread = bench.all_pages("search_conversations", json!({"unread": true})).await;
    assert_eq!(unread.len(), 5);
    assert!(unread.iter().all(|row| row["unread"].as_u64() > Some(0)), "{unread:?}");
    let found = bench.all_pages("search_conversations", json!({"unread": true, "channel": "whatsapp"})).await;
    assert_eq!((found.len(), &found[0]["channel"]), (1, &json!("whatsapp")));
    let all = bench.all_pages("search_conversations", json!({})).await;
    let of = |name: &str| all.iter().filter(|row| row["assigned_to"] == name).count();
    let owner = all.iter().find_map(|row| row["assigned_to"].as_str()).expect("somebody is in charge of one");
    let first_name = owner.split(' ').next().unwrap();
    let found = bench.all_pages("search_conversations", json!({"assigned_to": first_name})).await;
    assert_eq!(found.len(), of(owner));
    let nobodys = all.iter().filter(|row| row.get("assigned_to").is_none()).count();
    let found = bench.all_pages("search_conversations", json!({"assigned_to": "Unassigned"})).await;
    assert_eq!(found.len(), nobodys);
}

#[tokio::test]
async fn a_contact_is_named_as_people_name_it() {
    let bench = Bench::new().await;
    let row = bench.call("search_conversations", json!({"limit": 1})).await["items"][0].clone();
    let contact = bench.call("get_contact", json!({"contact": row["contact"]["id"], "include": []})).await;
    for wanted in ["id", "email", "phone"] {
        let arguments = json!({"contact": contact["contact"][wanted]});
        let found = bench.call("search_conversations", arguments).await;
        assert_eq!(found["items"], json!([row]), "{wanted}");
    }
    let found = bench.call("search_conversations", json!({"query": contact["contact"]["email"]})).await;
    assert_eq!(found["items"], json!([row]));
}

#[tokio::test]
async fn since_ends_the_list_where_it_gets_too_old() {
    let bench = Bench::new().await;
    for limit in [2, 50] {
        let arguments = json!({"since": "2026-11-18T00:00:00Z", "limit": limit});
        let found = bench.all_pages("search_conversations", arguments).await;
        assert_eq!(found.len(), 6, "limit {limit}");
        assert!(found.iter().all(|row| row["last_at"].as_str() >= Some("2026-11-18")), "{found:?}");
    }
    let found = bench.call("search_conversations", json!({"since": "2026-11-18"})).await;
    assert_eq!(found.get("total"), None, "the vendor counts the old ones too");
    let refused = bench.refused("search_conversations", json!({"since": "Monday"})).await;
    assert_eq!(refused.faulty_fields(), ["/since"]);
}

#[tokio::test]
async fn the_attack_in_a_message_is_fenced() {
    let text = Bench::new().await.text("search_conversations", json!({"limit": 3})).await;
    let (before, attack) = text.split_once("ignore all previous instructions").expect("the seeded message is shown");
    let opened = before.rfind("⟦untrusted last message⟧").expect("a fence opens before it");
    assert!(!before[opened..].contains("⟦/untrusted⟧"), "the fence is still open where the attack begins");
    assert!(attack.contains("⟦/untrusted⟧"), "the fence closes behind it");
}

#[tokio::test]
async fn another_tenants_conversations_do_not_exist() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(RIVAL, "search_conversations", json!({"location": DENTAL})).await;
    assert_eq!(refused.code(), "not_found");
    let own = bench.call_as(RIVAL, "search_conversations", json!({"limit": 100})).await;
    let ours = bench.call("search_conversations", json!({"limit": 100})).await;
    let ids = |page: &Value| -> HashSet<String> {
        page["items"].as_array().unwrap().iter().map(|row| row["id"].to_string()).collect()
    };
    assert!(ids(&own).is_disjoint(&ids(&ours)));
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let bench = Bench::new().await;
    let cursor = bench.call("search_conversations", json!({"limit": 2})).await["next_cursor"].clone();
    let contacts = bench.call("search_contacts", json!({"limit": 2})).await["next_cursor"].clone();
    let others: [Value; 4] = [
        json!({"limit": 2, "unread": true, "cursor": cursor}),
        json!({"limit": 2, "location": "Iron Harbor Gym", "cursor": cursor}),
        json!({"limit": 2, "cursor": contacts}),
        json!({"limit": 2, "cursor": "e30"}),
    ];
    for arguments in others {
        let refused = bench.refused("search_conversations", arguments.clone()).await;
        assert_eq!(refused.faulty_fields(), ["/cursor"], "{arguments}");
    }
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let arguments = json!({"limit": 0, "query": "", "unread": "yes", "channel": "pigeon", "page": 1});
    let refused = Bench::new().await.refused("search_conversations", arguments).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/channel", "/limit", "/page", "/query", "/unread"]);
}
