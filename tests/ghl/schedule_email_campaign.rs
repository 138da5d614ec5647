use serde_json::{Value, json};
use tests::time::in_days;

use crate::bench::{Bench, CAREFUL, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";
const DRAFT: &str = "Whitening spring offer";

async fn schedules(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| request.contains("/schedule")).count()
}

async fn status(bench: &Bench) -> Value {
    bench.call("list_email_campaigns", json!({"query": DRAFT})).await["items"][0]["status"].clone()
}

#[tokio::test]
async fn a_campaign_waits_for_its_local_time_with_the_campaigns_own_subject() {
    let bench = Bench::new().await;
    let arguments = json!({"campaign": "whitening", "tags": ["interest_whitening"], "send_at": format!("{}T09:00", in_days(90)), "user": "Priya"});
    let done = bench.call("schedule_email_campaign", arguments).await;
    assert_eq!(done["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!((&done["campaign"]["name"], &done["campaign"]["status"]), (&json!(DRAFT), &json!("scheduled")));
    assert_eq!(done["subject"], "A brighter smile for spring");
    let scheduled_for = done["scheduled_for"].as_str().unwrap();
    assert!(scheduled_for.starts_with(&format!("{}T09:00:00-0", in_days(90))), "{scheduled_for}: Portland's clocks");
    let tagged = bench.call("search_contacts", json!({"tags": ["interest_whitening"], "limit": 1})).await;
    assert_eq!(done["people_max"], tagged["total"]);
    assert_eq!(done["audience"], json!([format!("tag interest_whitening ({} contacts)", tagged["total"])]));
    assert_eq!(status(&bench).await, "scheduled");
}

#[tokio::test]
async fn who_refuses_emails_is_left_out() {
    let bench = Bench::new().await;
    let rows = bench.all_pages("search_contacts", json!({"limit": 100})).await;
    let mut closed = Value::Null;
    for row in &rows {
        let read = bench.call("get_contact", json!({"contact": row["id"], "include": []})).await;
        if read["contact"]["consent"]["do_not_disturb"] == true {
            closed = row["id"].clone();
            break;
        }
    }
    let arguments = json!({"campaign": DRAFT, "contacts": [HUGO, closed, "Hugo Laurent"], "user": "Priya"});
    let done = bench.call("schedule_email_campaign", arguments).await;
    assert_eq!((&done["people_max"], &done["audience"]), (&json!(1), &json!(["Hugo Laurent"])));
    assert_eq!((&done["left_out"][0]["id"], done.get("scheduled_for")), (&closed, None));
    assert_eq!(done["campaign"]["status"], "processing");
    let alone = json!({"campaign": DRAFT, "contacts": [closed], "user": "Priya"});
    assert_eq!(bench.refused("schedule_email_campaign", alone).await.code(), "failed_precondition");
}

#[tokio::test]
async fn a_person_is_asked_with_name_sender_audience_and_time() {
    let bench = Bench::new().await;
    let arguments = json!({
        "campaign": DRAFT, "segment": "engaged_last_30_days", "send_at": format!("{}T09:00", in_days(90)), "user": "Priya",
        "from_name": "Dr. Raman", "from_email": "raman@example.com",
    });
    let refused = bench.refused_as(CAREFUL, "schedule_email_campaign", arguments).await;
    assert_eq!(refused.code(), "approval_required");
    let plan = &refused.error["details"]["plan"]["plan"];
    let expected = "send the email campaign “Whitening spring offer” (“A brighter smile for spring”, from Dr. Raman \
        <raman@example.com>) to the segment engaged_last_30_days on ";
    let summary = plan["summary"].as_str().unwrap();
    assert!(summary.starts_with(expected) && summary.contains(", 09:00 (America/Los_Angeles, UTC-0"), "{summary}");
    let all = bench.call("search_contacts", json!({"limit": 1})).await["total"].clone();
    assert_eq!(plan["count"], all, "of a segment nobody tells the size: it counts as everybody");
    assert_eq!(schedules(&bench).await, 0);
}

#[tokio::test]
async fn a_campaign_whose_answer_was_lost_is_not_sent_twice() {
    let bench = Bench::in_one_time().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/emails/"})).await;
    let arguments =
        json!({"campaign": DRAFT, "tags": ["src_paid"], "user": "Priya", "send_at": format!("{}T09:00", in_days(90))});
    let done = bench.call("schedule_email_campaign", arguments).await;
    assert_eq!((&done["campaign"]["status"], schedules(&bench).await), (&json!("scheduled"), 1));
}

#[tokio::test]
async fn a_campaign_that_was_not_sent_is_said_not_to_be() {
    let bench = Bench::in_one_time().await;
    bench.order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/emails/"})).await;
    let arguments = json!({"campaign": DRAFT, "tags": ["src_paid"], "user": "Priya"});
    let refused = bench.refused("schedule_email_campaign", arguments).await;
    assert_eq!(refused.error["details"]["lost_change"], "not_made", "{refused:?}");
    assert_eq!(status(&bench).await, "draft");
}

#[tokio::test]
async fn what_went_out_does_not_go_out_again() {
    let bench = Bench::new().await;
    let arguments = json!({"campaign": "October newsletter", "tags": ["src_paid"], "user": "Priya"});
    assert_eq!(bench.refused("schedule_email_campaign", arguments).await.code(), "failed_precondition");
}

#[tokio::test]
async fn faults_are_told_before_anything_is_sent() {
    let bench = Bench::new().await;
    for (arguments, field) in [
        (json!({"campaign": DRAFT, "user": "Priya"}), "/tags"),
        (json!({"campaign": DRAFT, "tags": ["src_paid"], "contacts": [HUGO], "user": "Priya"}), "/tags"),
        (json!({"campaign": DRAFT, "tags": ["src_paid"], "send_at": "2020-01-01T09:00"}), "/send_at"),
        (json!({"campaign": DRAFT, "tags": ["src_paid"], "from_email": "nobody"}), "/from_email"),
        (json!({"campaign": DRAFT, "segment": "everybody"}), "/segment"),
    ] {
        let refused = bench.refused("schedule_email_campaign", arguments.clone()).await;
        assert_eq!(refused.faulty_fields(), [field], "{arguments}");
    }
    bench.call("save_email_campaign", json!({"name": "Bare", "text": "Hi", "user": "Priya"})).await;
    let refused = bench.refused("schedule_email_campaign", json!({"campaign": "Bare", "tags": ["src_paid"]})).await;
    assert_eq!(refused.faulty_fields(), ["/subject", "/from_name", "/from_email"]);
    let refused = bench.refused("schedule_email_campaign", json!({"campaign": DRAFT, "tags": ["src_pade"]})).await;
    assert!(refused.candidates().contains(&"src_paid"), "{refused:?}");
    assert_eq!(schedules(&bench).await, 0);
}

#[tokio::test]
async fn another_tenant_sends_nothing() {
    let bench = Bench::new().await;
    let arguments = json!({"location": DENTAL, "campaign": DRAFT, "tags": ["src_paid"]});
    bench.refused_as(RIVAL, "schedule_email_campaign", arguments).await;
    assert_eq!(schedules(&bench).await, 0);
}
