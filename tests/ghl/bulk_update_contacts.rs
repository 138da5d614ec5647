use serde_json::{Value, json};

use crate::bench::{Bench, CAREFUL, COURSES, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn writes(bench: &Bench) -> Vec<String> {
    let requests = bench.requests().await.into_iter();
    let is_write = |request: &String| {
        request.starts_with("PUT ")
            || request.starts_with("DELETE ")
            || request.contains("/bulk/")
            || request.ends_with("/tags")
    };
    requests.filter(is_write).filter(|request| !request.starts_with("GET ")).collect()
}

async fn tagged(bench: &Bench, tag: &str) -> usize {
    bench.all_pages("search_contacts", json!({"tags": [tag], "limit": 100})).await.len()
}

#[tokio::test]
async fn first_it_only_shows_whom_it_would_meet() {
    let bench = Bench::new().await;
    let paid = tagged(&bench, "src_paid").await;
    let arguments = json!({"filter": {"tags": ["src_paid"]}, "add_tags": ["spring offer"], "set_owner": "Tom"});
    let shown = bench.call("bulk_update_contacts", arguments).await;
    assert_eq!((&shown["applied"], &shown["matched"]), (&json!(false), &json!(paid)));
    assert_eq!(shown["change"], "add tags spring offer; make Tom Okafor the owner");
    assert_eq!(shown["new_to_location"], json!(["spring offer"]));
    assert_eq!((&shown["changed"], &shown["unchanged"]), (&json!(paid), &json!(0)));
    assert_eq!(shown["sample"].as_array().unwrap().len(), 10.min(paid));
    assert!(writes(&bench).await.is_empty());
}

#[tokio::test]
async fn tags_of_many_are_one_request_and_can_be_taken_back() {
    let bench = Bench::new().await;
    let (paid, cold) = (tagged(&bench, "src_paid").await, tagged(&bench, "src_referral").await);
    assert!(paid > 1 && cold > 1);
    let arguments = json!({
        "filter": {"tags": ["src_paid"]}, "add_tags": ["spring offer"], "remove_tags": ["src_referral"], "apply": true
    });
    let done = bench.call("bulk_update_contacts", arguments).await;
    assert_eq!((&done["applied"], &done["changed"], done.get("failed")), (&json!(true), &json!(paid), None));
    assert_eq!(tagged(&bench, "spring offer").await, paid);
    let requests = writes(&bench).await;
    assert_eq!(requests.iter().filter(|request| request.ends_with("/bulk/tags/update/add")).count(), 1, "{requests:?}");
    let again = json!({"filter": {"tags": ["src_paid"]}, "add_tags": ["Spring  Offer"], "apply": true});
    let again = bench.call("bulk_update_contacts", again).await;
    assert_eq!((&again["changed"], &again["unchanged"], again.get("change_id")), (&json!(0), &json!(paid), None));
    bench.call("undo_change", json!({"change": done["change_id"]})).await;
    assert_eq!((tagged(&bench, "spring offer").await, tagged(&bench, "src_referral").await), (0, cold));
}

#[tokio::test]
async fn owners_and_fields_are_set_and_only_where_they_differ() {
    let bench = Bench::new().await;
    let rows = bench.call("search_contacts", json!({"limit": 3})).await["items"].clone();
    let ids: Vec<Value> = rows.as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    let arguments = json!({"contacts": ids, "set_owner": "Tom", "set_fields": {"lead_score": "42"}, "apply": true});
    let done = bench.call("bulk_update_contacts", arguments.clone()).await;
    assert_eq!((&done["matched"], &done["changed"]), (&json!(3), &json!(3)), "{done}");
    for id in &ids {
        let read = bench.call("get_contact", json!({"contact": id, "include": []})).await["contact"].clone();
        let score = read["custom_fields"].as_array().unwrap().iter().find(|field| field["key"] == "lead_score");
        assert_eq!((&read["owner"], &score.unwrap()["value"]), (&json!("Tom Okafor"), &json!(42.0)));
    }
    let again = bench.call("bulk_update_contacts", arguments).await;
    assert_eq!((&again["changed"], &again["unchanged"]), (&json!(0), &json!(3)));
    assert_eq!(writes(&bench).await.len(), 3);
}

#[tokio::test]
async fn who_fails_is_named_and_the_others_are_changed() {
    let bench = Bench::new().await;
    let rows = bench.call("search_contacts", json!({"limit": 2})).await["items"].clone();
    let contacts = json!([rows[0]["id"], "nobody@example.com", "Weber", rows[1]["id"], rows[0]["id"]]);
    let done =
        bench.call("bulk_update_contacts", json!({"contacts": contacts, "add_tags": ["x1"], "apply": true})).await;
    assert_eq!((&done["matched"], &done["changed"], &done["failed_total"]), (&json!(4), &json!(2), &json!(2)));
    let named: Vec<&str> =
        done["failed"].as_array().unwrap().iter().map(|failure| failure["contact"].as_str().unwrap()).collect();
    assert_eq!(named, ["nobody@example.com", "Weber"]);
    // One contact that the vendor refuses does not keep the others from their change.
    let fault = json!({
        "kind": "done_but_unprocessable", "method": "PUT", "path_prefix": format!("/contacts/{}", rows[1]["id"].as_str().unwrap()),
        "count": 5
    });
    bench.order_fault(fault).await;
    let contacts = json!([rows[0]["id"], rows[1]["id"]]);
    let arguments = json!({"contacts": contacts, "set_fields": {"lead_score": "43"}, "apply": true});
    let done = bench.call("bulk_update_contacts", arguments).await;
    assert_eq!((&done["changed"], &done["failed_total"]), (&json!(1), &json!(1)), "{done}");
    assert_eq!(done["failed"][0]["id"], rows[1]["id"]);
}

#[tokio::test]
async fn a_vendor_that_is_down_is_said_of_each_and_nothing_is_claimed() {
    let bench = Bench::new().await;
    let fault = json!({"kind": "server_error", "method": "POST", "path_prefix": "/contacts/bulk", "count": 50});
    bench.order_fault(fault).await;
    let arguments = json!({"contacts": [HUGO], "add_tags": ["x1"], "apply": true});
    let done = bench.call("bulk_update_contacts", arguments).await;
    assert_eq!((&done["changed"], &done["failed_total"]), (&json!(0), &json!(1)), "{done}");
    assert_eq!(done.get("change_id"), None);
}

#[tokio::test]
async fn whoever_is_asked_first_reads_what_and_how_many() {
    let bench = Bench::new().await;
    let arguments = json!({"contacts": [HUGO], "add_tags": ["x1"], "apply": true});
    // Where changes wait for nobody, it is simply done.
    assert_eq!(bench.call_as(CAREFUL, "bulk_update_contacts", arguments).await["changed"], 1);
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("bulk_update_contacts", json!({})).await;
    assert_eq!(refused.faulty_fields(), ["/contacts", "/add_tags"]);
    let refused = bench.refused("bulk_update_contacts", json!({"filter": {}, "add_tags": ["a"]})).await;
    assert_eq!(refused.faulty_fields(), ["/filter"]);
    let arguments = json!({
        "contacts": [HUGO], "filter": {"added_after": "soon"}, "add_tags": ["a", " "], "remove_tags": ["A"]
    });
    let refused = bench.refused("bulk_update_contacts", arguments).await;
    assert_eq!(refused.faulty_fields(), ["/filter", "/add_tags/1", "/remove_tags", "/filter/added_after"]);
    let unknown = json!({"filter": {"tags": ["no such tag"]}, "add_tags": ["a"]});
    assert_eq!(bench.refused("bulk_update_contacts", unknown).await.code(), "not_found");
    let field = json!({"contacts": [HUGO], "set_fields": {"lead_score": "many"}});
    assert_eq!(bench.refused("bulk_update_contacts", field).await.code(), "invalid_argument");
    assert!(writes(&bench).await.is_empty());
}

#[tokio::test]
async fn other_tenants_contacts_are_not_found() {
    let bench = Bench::new().await;
    let arguments = json!({"contacts": [HUGO], "add_tags": ["x1"], "apply": true});
    let done = bench.call_as(RIVAL, "bulk_update_contacts", arguments).await;
    assert_eq!((&done["changed"], &done["failed_total"]), (&json!(0), &json!(1)));
    let elsewhere = json!({"location": COURSES, "contacts": [HUGO], "add_tags": ["x1"], "apply": true});
    assert_eq!(bench.refused("bulk_update_contacts", elsewhere).await.code(), "not_found");
    assert!(writes(&bench).await.is_empty());
}
