use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

#[tokio::test]
async fn reports_what_changed_and_what_is_new() {
    let bench = Bench::new().await;
    let arguments =
        json!({"contact": HUGO, "add": ["VIP  guest", "src_paid", "stage_lead"], "remove": ["stage_tripwire", "x"]});
    let changed = bench.call("set_contact_tags", arguments).await;
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "tags": ["src_referral", "stage_lead", "interest_implants", "vip guest", "src_paid"],
        "added": ["vip guest", "src_paid"],
        "removed": ["stage_tripwire"],
        "unchanged": ["stage_lead", "x"],
        "new_to_location": ["vip guest"]
    });
    assert_eq!(noted(&changed), expected);
    let read = bench.call("get_contact", json!({"contact": HUGO, "include": []})).await;
    assert_eq!(read["contact"]["tags"], changed["tags"]);
}

#[tokio::test]
async fn replacing_reads_first_and_never_overwrites() {
    let bench = Bench::new().await;
    let changed = bench.call("set_contact_tags", json!({"contact": HUGO, "replace_with": ["src_referral", "b"]})).await;
    assert_eq!(changed["tags"], json!(["src_referral", "b"]));
    let writes: Vec<String> = bench.requests().await.into_iter().filter(|request| request.contains("/tags")).collect();
    assert!(writes.contains(&format!("POST /contacts/{HUGO}/tags")), "{writes:?}");
    assert!(writes.contains(&format!("DELETE /contacts/{HUGO}/tags")), "{writes:?}");
    assert!(writes.iter().all(|request| !request.starts_with("PUT")), "{writes:?}");
}

#[tokio::test]
async fn what_is_already_so_costs_no_write() {
    let bench = Bench::new().await;
    let changed =
        bench.call("set_contact_tags", json!({"contact": HUGO, "add": ["stage_lead"], "remove": ["x"]})).await;
    assert_eq!((&changed["added"], &changed["removed"]), (&json!([]), &json!([])));
    let writes = bench.requests().await.into_iter().filter(|request| !request.starts_with("GET")).count();
    assert_eq!(writes, 0);
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let arguments = json!({"contact": HUGO, "add": ["a", " "], "remove": ["a"], "replace_with": []});
    let refused = bench.refused("set_contact_tags", arguments).await;
    assert_eq!(refused.faulty_fields(), ["/add/1", "/replace_with", "/remove"]);
    let refused = bench.refused("set_contact_tags", json!({"contact": HUGO})).await;
    assert_eq!(refused.faulty_fields(), ["/add"]);
}

#[tokio::test]
async fn ambiguous_names_and_other_tenants_contacts_are_left_alone() {
    let bench = Bench::new().await;
    let refused = bench.refused("set_contact_tags", json!({"contact": "Weber", "add": ["a"]})).await;
    assert!(refused.candidates().len() > 1, "{refused:?}");
    let refused = bench.refused_as(RIVAL, "set_contact_tags", json!({"contact": HUGO, "add": ["a"]})).await;
    assert_eq!(refused.code(), "not_found");
}
