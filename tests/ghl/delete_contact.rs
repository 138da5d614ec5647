use serde_json::json;

use crate::bench::{ACME, BOLD, Bench, CAREFUL, COURSES, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn deletions(bench: &Bench) -> Vec<String> {
    bench.requests().await.into_iter().filter(|request| request.starts_with("DELETE /contacts/")).collect()
}

#[tokio::test]
async fn nothing_is_deleted_without_a_yes_and_the_plan_tells_namesakes_apart() {
    let bench = Bench::new().await;
    for tenant in [ACME, CAREFUL] {
        let refused = bench.refused_as(tenant, "delete_contact", json!({"contact": "Hugo Laurent"})).await;
        assert_eq!(refused.code(), "approval_required", "{refused:?}");
        let plan = &refused.error["details"]["plan"]["plan"];
        assert_eq!((&plan["count"], &plan["is_reversible"]), (&json!(1), &json!(false)));
        let summary = plan["summary"].as_str().unwrap();
        assert!(summary.starts_with("delete the contact Hugo Laurent (") && summary.contains('@'), "{summary}");
    }
    assert!(deletions(&bench).await.is_empty());
}

#[tokio::test]
async fn a_deleted_contact_is_gone_and_stands_in_the_list_of_changes() {
    let bench = Bench::new().await;
    let mut done = bench.call_as(BOLD, "delete_contact", json!({"contact": "Hugo Laurent"})).await;
    let change_id = done["change_id"].take();
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "deleted": {"id": HUGO, "name": "Hugo Laurent"},
        "change_id": null
    });
    assert_eq!(done, expected);
    assert_eq!(deletions(&bench).await, [format!("DELETE /contacts/{HUGO}")]);
    assert_eq!(bench.refused_as(BOLD, "get_contact", json!({"contact": HUGO})).await.code(), "not_found");
    let changes = bench.call_as(BOLD, "list_changes", json!({})).await;
    assert_eq!(changes["items"][0]["id"], change_id, "{changes}");
}

#[tokio::test]
async fn whom_nobody_knows_nobody_is_asked_about() {
    let bench = Bench::new().await;
    for (tenant, arguments) in [
        (BOLD, json!({"contact": "nobody@example.com"})),
        (RIVAL, json!({"contact": HUGO})),
        (BOLD, json!({"contact": HUGO, "location": COURSES})),
    ] {
        assert_eq!(bench.refused_as(tenant, "delete_contact", arguments).await.code(), "not_found");
    }
    let weber = bench.refused_as(BOLD, "delete_contact", json!({"contact": "Weber"})).await;
    assert!(weber.candidates().len() > 1, "{weber:?}");
    let wrong = bench.refused_as(BOLD, "delete_contact", json!({"name": 5})).await;
    let mut fields = wrong.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/contact", "/name"]);
    assert!(deletions(&bench).await.is_empty());
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_found_and_not_repeated() {
    let bench = Bench::new().await;
    let fault = json!({"kind": "done_but_server_error", "method": "DELETE", "path_prefix": "/contacts/"});
    bench.order_fault(fault).await;
    let done = bench.call_as(BOLD, "delete_contact", json!({"contact": HUGO})).await;
    assert_eq!(done["deleted"]["id"], HUGO);
    assert_eq!(deletions(&bench).await.len(), 1);
}

#[tokio::test]
async fn a_deletion_that_failed_is_said_to_be_not_made() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "DELETE", "path_prefix": "/contacts/"})).await;
    let refused = bench.refused_as(BOLD, "delete_contact", json!({"contact": HUGO})).await;
    assert_eq!(refused.error["details"]["lost_change"], "not_made", "{refused:?}");
    bench.call_as(BOLD, "get_contact", json!({"contact": HUGO})).await;
}
