use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn set(bench: &Bench, arguments: Value) -> Value {
    let mut all = json!({"contact": HUGO});
    all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    bench.call("set_contact_consent", all).await
}

async fn consent(bench: &Bench) -> Value {
    bench.call("get_contact", json!({"contact": HUGO, "include": []})).await["contact"]["consent"].clone()
}

async fn writes(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| request.starts_with("PUT /contacts/")).count()
}

#[tokio::test]
async fn one_channel_is_refused_and_allowed_again() {
    let bench = Bench::new().await;
    let arguments =
        json!({"contact": "Hugo Laurent", "do_not_disturb": true, "channels": ["sms"], "reason": "texted STOP"});
    let mut refused = bench.call("set_contact_consent", arguments).await;
    assert!(refused["change_id"].take().is_string());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "before": {"do_not_disturb": false},
        "after": {"do_not_disturb": false, "blocked_channels": ["sms"]},
        "changed": true,
        "change_id": null,
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{HUGO}")
    });
    assert_eq!(refused, expected);
    assert_eq!(consent(&bench).await, refused["after"]);
    let sms = json!({"contact": HUGO, "channel": "sms", "text": "Hi"});
    assert_eq!(bench.refused("send_message", sms).await.code(), "failed_precondition");
    let allowed = set(&bench, json!({"do_not_disturb": false, "channels": ["sms"], "reason": "asked by phone"})).await;
    assert_eq!(allowed["after"], json!({"do_not_disturb": false}));
    assert_eq!(consent(&bench).await, allowed["after"]);
}

#[tokio::test]
async fn everything_is_refused_and_a_single_channel_does_not_lift_that() {
    let bench = Bench::new().await;
    let refused = set(&bench, json!({"do_not_disturb": true})).await;
    let all = json!(["call", "email", "sms", "whatsapp", "google_business", "facebook"]);
    assert_eq!(refused["after"], json!({"do_not_disturb": true, "blocked_channels": all}));
    let one = set(&bench, json!({"do_not_disturb": false, "channels": ["email"], "reason": "signed up again"})).await;
    assert_eq!(one["after"]["do_not_disturb"], true);
    let email = json!({"contact": HUGO, "channel": "email", "subject": "Hi", "text": "Hi"});
    assert_eq!(bench.refused("send_message", email).await.code(), "failed_precondition");
    let lifted = set(&bench, json!({"do_not_disturb": false, "reason": "signed the form"})).await;
    assert_eq!(lifted["after"], json!({"do_not_disturb": false}));
    assert_eq!(consent(&bench).await, lifted["after"]);
}

#[tokio::test]
async fn what_is_so_already_is_not_written() {
    let bench = Bench::new().await;
    set(&bench, json!({"do_not_disturb": true, "channels": ["sms"]})).await;
    let again = set(&bench, json!({"do_not_disturb": true, "channels": ["sms"]})).await;
    assert_eq!((&again["changed"], again.get("change_id")), (&json!(false), None));
    assert_eq!(writes(&bench).await, 1);
}

#[tokio::test]
async fn a_change_of_consent_can_be_taken_back() {
    let bench = Bench::new().await;
    let before = consent(&bench).await;
    let refused = set(&bench, json!({"do_not_disturb": true, "channels": ["sms", "email"]})).await;
    bench.call("undo_change", json!({"change": refused["change_id"]})).await;
    assert_eq!(consent(&bench).await, before);
}

#[tokio::test]
async fn to_allow_somebody_must_have_said_so() {
    let bench = Bench::new().await;
    for reason in [json!({}), json!({"reason": "  "})] {
        let mut arguments = json!({"contact": HUGO, "do_not_disturb": false, "channels": ["sms"]});
        arguments.as_object_mut().unwrap().extend(reason.as_object().unwrap().clone());
        assert_eq!(bench.refused("set_contact_consent", arguments).await.faulty_fields(), ["/reason"]);
    }
    let wrong = bench.refused("set_contact_consent", json!({"channels": ["pigeon"], "do_not_disturb": "yes"})).await;
    assert_eq!(wrong.code(), "invalid_argument");
    assert_eq!(wrong.faulty_fields().len(), 3, "{wrong:?}");
    assert_eq!(writes(&bench).await, 0);
}

#[tokio::test]
async fn other_tenants_contacts_are_left_alone() {
    let bench = Bench::new().await;
    let arguments = json!({"contact": HUGO, "do_not_disturb": true});
    assert_eq!(bench.refused_as(RIVAL, "set_contact_consent", arguments.clone()).await.code(), "not_found");
    let mut elsewhere = arguments;
    elsewhere["location"] = json!(COURSES);
    assert_eq!(bench.refused("set_contact_consent", elsewhere).await.code(), "not_found");
    assert_eq!(writes(&bench).await, 0);
}

/// Repeating it does no harm: a failed write is made once more.
#[tokio::test]
async fn a_vendor_that_fails_once_is_asked_again_and_one_that_stays_down_is_named() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "PUT", "path_prefix": "/contacts/"})).await;
    let refused = set(&bench, json!({"do_not_disturb": true, "channels": ["sms"]})).await;
    assert_eq!(refused["changed"], true);
    let fault = json!({"kind": "server_error", "method": "PUT", "path_prefix": "/contacts/", "count": 20});
    bench.order_fault(fault).await;
    let arguments = json!({"contact": HUGO, "do_not_disturb": true, "channels": ["email"]});
    assert_eq!(bench.refused("set_contact_consent", arguments).await.code(), "upstream_unavailable");
    assert_eq!(consent(&bench).await["blocked_channels"], json!(["sms"]));
}
