use serde_json::{Value, json};

use crate::bench::{AGENCY, Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";
const GYM: &str = "Iron Harbor Gym";

fn verdict<'a>(checked: &'a Value, channel: &str) -> &'a Value {
    checked["channels"].as_array().unwrap().iter().find(|verdict| verdict["channel"] == channel).unwrap()
}

#[tokio::test]
async fn who_can_be_written_to_is_shown_with_the_address() {
    let bench = Bench::new().await;
    let checked = bench.call("check_sendability", json!({"contact": HUGO, "at": "2026-11-24T12:00"})).await;
    let email = &bench.call("get_contact", json!({"contact": HUGO, "include": []})).await["contact"]["email"];
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "channels": [
            {"channel": "sms", "sendable": true, "to": "+15035550164"},
            {"channel": "email", "sendable": true, "to": email}
        ]
    });
    assert_eq!(checked, expected);
}

/// What it says is what `send_message` does.
#[tokio::test]
async fn every_obstacle_is_named_and_sending_is_refused_for_the_same() {
    let bench = Bench::new().await;
    let made = json!({"location": GYM, "email": "mail@example.com"});
    let contact = bench.call_as(AGENCY, "upsert_contact", made).await["contact"]["id"].clone();
    let refuse = json!({"location": GYM, "contact": contact, "do_not_disturb": true});
    let cases = [
        (None, "sms", json!(["no_phone"])),
        (None, "email", Value::Null),
        (Some(json!(["sms"])), "rcs", json!(["channel_refused", "no_phone"])),
        (Some(json!([])), "email", json!(["do_not_disturb", "channel_refused"])),
        (None, "live_chat", json!(["do_not_disturb"])),
    ];
    for (refused, channel, obstacles) in cases {
        if let Some(channels) = refused {
            let mut arguments = refuse.clone();
            arguments["channels"] = channels;
            bench.call_as(AGENCY, "set_contact_consent", arguments).await;
        }
        let question = json!({"location": GYM, "contact": contact, "channels": [channel]});
        let checked = bench.call_as(AGENCY, "check_sendability", question).await;
        let verdict = verdict(&checked, channel);
        assert_eq!(verdict.get("obstacles").cloned().unwrap_or_default(), obstacles, "{channel}");
        assert_eq!(verdict["sendable"], obstacles.is_null(), "{channel}");
        if !obstacles.is_null() {
            let mut order = json!({"location": GYM, "contact": contact, "channel": channel, "text": "Hi"});
            if channel == "email" {
                order["subject"] = json!("Hi");
            }
            assert_eq!(bench.refused_as(AGENCY, "send_message", order).await.code(), "failed_precondition");
        }
    }
}

#[tokio::test]
async fn at_night_telephones_should_be_left_alone_and_the_morning_is_named() {
    let bench = Bench::new().await;
    let question = json!({"contact": HUGO, "at": "2026-11-24T22:30", "channels": ["sms", "whatsapp", "email"]});
    let checked = bench.call("check_sendability", question).await;
    let quiet = json!({
        "local_time": "2026-11-24T22:30:00-08:00", "until": "2026-11-25T08:00:00-08:00", "refused": false
    });
    for channel in ["sms", "whatsapp"] {
        assert_eq!(verdict(&checked, channel)["quiet_hours"], quiet, "{channel}");
        assert_eq!(verdict(&checked, channel)["sendable"], true, "it is up to the sender");
    }
    assert_eq!(verdict(&checked, "email").get("quiet_hours"), None);
}

#[tokio::test]
async fn where_the_operator_wants_it_nothing_is_sent_at_night() {
    let bench = Bench::with_quiet_nights().await;
    let question = json!({"contact": HUGO, "at": "2027-01-04T22:30", "channels": ["sms"]});
    let checked = bench.call("check_sendability", question).await;
    assert_eq!(
        (&checked["channels"][0]["sendable"], &checked["channels"][0]["quiet_hours"]["refused"]),
        (&json!(false), &json!(true))
    );
    let mut order = json!({"contact": HUGO, "channel": "sms", "text": "Hi", "send_at": "2027-01-04T22:30"});
    let refused = bench.refused("send_message", order.clone()).await;
    assert_eq!(refused.code(), "failed_precondition");
    let until = "2027-01-05T08:00:00-08:00";
    assert!(refused.error["hint"].as_str().unwrap().contains(until), "{refused:?}");
    order["send_at"] = json!("2027-01-05T08:00");
    assert_eq!(bench.call("send_message", order).await["scheduled_for"], until);
}

#[tokio::test]
async fn faults_are_told_and_other_tenants_contacts_are_not_found() {
    let bench = Bench::new().await;
    let refused = bench.refused("check_sendability", json!({"contact": HUGO, "at": "soon"})).await;
    assert_eq!(refused.faulty_fields(), ["/at"]);
    let refused = bench.refused("check_sendability", json!({"channels": ["pigeon"]})).await;
    assert_eq!(refused.code(), "invalid_argument");
    assert_eq!(bench.refused_as(RIVAL, "check_sendability", json!({"contact": HUGO})).await.code(), "not_found");
    let elsewhere = json!({"contact": HUGO, "location": COURSES});
    assert_eq!(bench.refused("check_sendability", elsewhere).await.code(), "not_found");
}
