use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, noted};

#[tokio::test]
async fn creates_with_names_for_ids_and_leaves_nothing_out() {
    let bench = Bench::new().await;
    let arguments = json!({
        "email": "NEW@example.com", "phone": "+1 503 555 0777", "first_name": "New", "last_name": "Person",
        "company": "Rosewater Bakery", "source": "Web", "owner": "Tom", "tags": ["Src_Paid", "fresh  tag"],
        "custom_fields": {"lead_score": "7", "company size": "2-10"}
    });
    let mut written = bench.call("upsert_contact", arguments).await;
    let id = written["contact"]["id"].take();
    let link = format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{}", id.as_str().unwrap());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {
            "id": null, "name": "New Person", "email": "new@example.com", "phone": "+15035550777",
            "company": "Rosewater Bakery", "tags": ["src_paid", "fresh tag"], "owner": "Tom Okafor", "source": "Web",
            "added_at": "2026-11-20T00:00:00Z"
        },
        "created": true,
        "tags_added": ["src_paid", "fresh tag"],
        "link": link
    });
    assert_eq!(noted(&written), expected);
    let read = bench.call("get_contact", json!({"contact": id})).await;
    assert_eq!(read["contact"]["custom_fields"][0]["value"], 7.0);
}

#[tokio::test]
async fn the_second_time_finds_the_same_contact_and_keeps_its_tags() {
    let bench = Bench::new().await;
    let first = bench.call("upsert_contact", json!({"email": "new@example.com", "tags": ["a"]})).await;
    let second = bench.call("upsert_contact", json!({"email": "new@example.com", "first_name": "Ann", "tags": ["b"]}));
    let second = second.await;
    assert_eq!((&second["created"], &second["matched_by"]), (&json!(false), &json!("email")));
    assert_eq!(second["contact"]["id"], first["contact"]["id"]);
    assert_eq!(second["contact"]["tags"], json!(["a", "b"]));
    assert_eq!(second["contact"]["name"], "Ann");
}

#[tokio::test]
async fn an_email_that_is_there_is_never_overwritten() {
    let bench = Bench::new().await;
    let arguments = json!({"email": "other@example.com", "phone": "+15035550164"});
    let written = bench.call("upsert_contact", arguments).await;
    assert_eq!(written["contact"]["email"], "hugo.laurent@example.com");
    let conflict = json!({"field": "email", "reason": "has_another", "kept": "hugo.laurent@example.com"});
    assert_eq!((&written["matched_by"], &written["conflicts"]), (&json!("phone"), &json!([conflict])));
}

#[tokio::test]
async fn two_people_are_a_conflict_until_the_caller_chooses() {
    let bench = Bench::new().await;
    bench.call("upsert_contact", json!({"phone": "+15035550777", "first_name": "New"})).await;
    let mut arguments = json!({"email": "hugo.laurent@example.com", "phone": "+15035550777", "company": "Acme"});
    let refused = bench.refused("upsert_contact", arguments.clone()).await;
    assert_eq!(refused.code(), "conflict");
    assert_eq!(refused.candidates(), ["Hugo Laurent (has the email)", "New (has the phone)"]);
    arguments["match_by"] = json!("phone");
    let chosen = bench.call("upsert_contact", arguments).await;
    assert_eq!((&chosen["contact"]["name"], &chosen["contact"]["company"]), (&json!("New"), &json!("Acme")));
}

#[tokio::test]
async fn a_contact_that_was_created_although_the_vendor_refused_is_reported_as_created() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "done_but_unprocessable", "path_prefix": "/contacts/upsert"})).await;
    let written = bench.call("upsert_contact", json!({"email": "new@example.com", "first_name": "New"})).await;
    assert_eq!(written["created"], true);
    let upserts = bench.requests().await.iter().filter(|request| request.ends_with("/contacts/upsert")).count();
    assert_eq!(upserts, 1, "it is not written twice");
    let found = bench.call("search_contacts", json!({"query": "new@example.com"})).await;
    assert_eq!(found["total"], 1);
}

#[tokio::test]
async fn a_refusal_that_did_nothing_stays_a_refusal() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "path_prefix": "/contacts/upsert"})).await;
    let refused = bench.refused("upsert_contact", json!({"email": "new@example.com"})).await;
    assert_eq!(refused.code(), "upstream_unavailable");
    assert!(refused.error["details"]["vendor_trace_id"].is_string(), "{refused:?}");
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("upsert_contact", json!({"email": "ada", "phone": "555", "tags": ["  "]})).await;
    assert_eq!(refused.faulty_fields(), ["/email", "/phone", "/tags/0"]);
    let refused = bench.refused("upsert_contact", json!({"first_name": "Ada"})).await;
    assert_eq!(refused.faulty_fields(), ["/email", "/phone"]);
}

#[tokio::test]
async fn ambiguous_owners_and_unknown_fields_are_answered() {
    let bench = Bench::new().await;
    let refused = bench.refused("upsert_contact", json!({"email": "a@example.com", "owner": "a"})).await;
    assert!(refused.candidates().len() > 1, "{refused:?}");
    let refused =
        bench.refused("upsert_contact", json!({"email": "a@example.com", "custom_fields": {"shoe": "9"}})).await;
    assert_eq!(refused.faulty_fields(), ["/custom_fields/shoe"]);
    assert!(bench.requests().await.iter().all(|request| !request.contains("upsert")), "nothing was written");
}
