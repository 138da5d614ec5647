use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn enrolled() -> Bench {
    let bench = Bench::new().await;
    for arguments in [
        json!({"contact": HUGO, "workflow": "Recall"}),
        json!({"contact": HUGO, "campaign": "New patient welcome"}),
        json!({"contact": HUGO, "campaign": "Implant information series"}),
    ] {
        bench.call("enroll_contact", arguments).await;
    }
    bench
}

async fn left(bench: &Bench) -> usize {
    bench.enrolments(DENTAL).await.as_array().unwrap().len()
}

#[tokio::test]
async fn a_contact_leaves_one_workflow_and_stays_in_the_others() {
    let bench = enrolled().await;
    let mut done = bench.call("unenroll_contact", json!({"contact": "Hugo Laurent", "workflow": "Recall"})).await;
    done["automation"]["id"].take();
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "automation": {"id": null, "name": "Recall: six months"},
        "kind": "workflow",
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{HUGO}")
    });
    assert_eq!(noted(&done), expected);
    assert_eq!(left(&bench).await, 2);
    bench.call("unenroll_contact", json!({"contact": HUGO, "campaign": "Implant"})).await;
    assert_eq!(left(&bench).await, 1);
}

#[tokio::test]
async fn all_campaigns_are_left_at_once_and_workflows_stay() {
    let bench = enrolled().await;
    let done = bench.call("unenroll_contact", json!({"contact": HUGO, "all_campaigns": true})).await;
    assert_eq!(done.get("automation"), None);
    let kept = bench.enrolments(DENTAL).await;
    assert_eq!((kept.as_array().unwrap().len(), &kept[0]["kind"]), (1, &json!("workflow")));
}

#[tokio::test]
async fn a_server_error_is_repeated_since_leaving_twice_is_leaving_once() {
    let bench = enrolled().await;
    bench.order_fault(json!({"kind": "server_error", "method": "DELETE"})).await;
    bench.call("unenroll_contact", json!({"contact": HUGO, "workflow": "Recall"})).await;
    assert_eq!(left(&bench).await, 2);
}

#[tokio::test]
async fn exactly_one_thing_is_left() {
    let bench = Bench::new().await;
    for arguments in [
        json!({"contact": HUGO}),
        json!({"contact": HUGO, "workflow": "a", "all_campaigns": true}),
        json!({"contact": HUGO, "workflow": "a", "campaign": "b"}),
    ] {
        let refused = bench.refused("unenroll_contact", arguments.clone()).await;
        assert_eq!(refused.faulty_fields(), ["/workflow"], "{arguments}");
    }
    let refused = bench.refused("unenroll_contact", json!({"contact": HUGO, "campaign": "Holydays"})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Holiday hours"));
}

#[tokio::test]
async fn another_tenant_takes_nobody_out() {
    let bench = enrolled().await;
    bench.refused_as(RIVAL, "unenroll_contact", json!({"contact": HUGO, "all_campaigns": true})).await;
    assert_eq!(left(&bench).await, 3);
}
