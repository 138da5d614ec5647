//! Through dispatch, which asks for an approval first; what the plan looks at is also tested where the tool is written.

use serde_json::{Value, json};

use crate::bench::{AGENCY, Bench, CAREFUL, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn sends(bench: &Bench) -> usize {
    let requests = bench.requests().await;
    requests.into_iter().filter(|request| request.starts_with("POST /conversations/messages")).count()
}

/// The contact of the seeded conversation that ends in `STOP`.
async fn who_wants_nothing(bench: &Bench, tenant: &str, location: &str) -> Value {
    let arguments = json!({"location": location, "channel": "sms", "limit": 50});
    let found = bench.call_as(tenant, "search_conversations", arguments).await;
    let rows = found["items"].as_array().unwrap();
    let stopped = rows.iter().find(|row| row["last_message"]["untrusted"] == "STOP");
    stopped.expect("somebody has said stop")["contact"]["id"].clone()
}

#[tokio::test]
async fn nothing_is_sent_without_an_approval_and_the_plan_says_what_would_be() {
    let bench = Bench::new().await;
    let arguments = json!({"contact": HUGO, "channel": "sms", "text": "See you at 3"});
    let refused = bench.refused_as(CAREFUL, "send_message", arguments).await;
    assert_eq!(refused.code(), "approval_required");
    let plan = &refused.error["details"]["plan"]["plan"];
    let target = "Hugo Laurent (+15035550164)";
    assert_eq!(plan["summary"], format!("send an SMS to {target}: “See you at 3”"));
    assert_eq!((&plan["targets"], &plan["count"]), (&json!([target]), &json!(1)));
    assert_eq!(plan["is_reversible"], false);
    assert_eq!(sends(&bench).await, 0);
}

/// Nobody is asked to approve what will not be sent anyway.
#[tokio::test]
async fn who_wants_nothing_is_left_alone_whatever_the_mode() {
    let bench = Bench::new().await;
    for (tenant, location) in [(CAREFUL, "Brightside Dental Group"), (AGENCY, "Iron Harbor Gym")] {
        let contact = who_wants_nothing(&bench, tenant, location).await;
        for channel in ["sms", "whatsapp", "live_chat"] {
            let arguments = json!({"location": location, "contact": contact, "channel": channel, "text": "Hi"});
            let refused = bench.refused_as(tenant, "send_message", arguments).await;
            assert_eq!(refused.code(), "failed_precondition", "{tenant} {channel}");
            assert!(refused.text.contains("nothing was sent"), "{}", refused.text);
        }
    }
    assert_eq!(sends(&bench).await, 0);
}

#[tokio::test]
async fn who_cannot_be_reached_so_is_said_before_anything_is_sent() {
    let bench = Bench::new().await;
    let made = bench.call("upsert_contact", json!({"email": "mail@example.com"})).await;
    let arguments = json!({"contact": made["contact"]["id"], "channel": "sms", "text": "Hi"});
    let refused = bench.refused("send_message", arguments).await;
    assert_eq!(refused.code(), "failed_precondition");
    assert!(refused.error["hint"].as_str().unwrap().contains("channel"), "{refused:?}");
    assert_eq!(sends(&bench).await, 0);
}

#[tokio::test]
async fn what_a_tenant_lets_through_is_sent_and_can_be_read() {
    let bench = Bench::new().await;
    let made = json!({"email": "ada@example.com", "phone": "+14105550777", "first_name": "Ada"});
    let contact = bench.call_as(AGENCY, "upsert_contact", in_gym(made)).await["contact"]["id"].clone();
    let order = json!({"contact": contact, "channel": "sms", "text": "See you at 3"});
    let sent = bench.call_as(AGENCY, "send_message", in_gym(order)).await;
    assert_eq!((&sent["to"], &sent["status"]), (&json!("+14105550777"), &json!("pending")));
    let order = json!({"contact": contact, "channel": "email", "subject": "Visit", "text": "Hi <b>\n\nBye"});
    bench.call_as(AGENCY, "send_message", in_gym(order)).await;
    let talk = json!({"conversation": sent["conversation_id"]});
    let read = bench.call_as(AGENCY, "get_conversation", in_gym(talk)).await;
    let [sms, email] = read["items"].as_array().unwrap().as_slice() else { panic!("{read}") };
    assert_eq!((&sms["id"], &sms["text"]["untrusted"]), (&sent["message_id"], &json!("See you at 3")));
    assert_eq!((&sms["sent_with"], &sms["direction"]), (&json!("api"), &json!("outbound")));
    assert_eq!(
        (&email["subject"]["untrusted"], &email["text"]["untrusted"]),
        (&json!("Visit"), &json!("Hi <b>\n\nBye"))
    );
    let found = bench.call_as(AGENCY, "search_conversations", in_gym(json!({"limit": 1}))).await;
    assert_eq!((&found["items"][0]["id"], &found["items"][0]["channel"]), (&sent["conversation_id"], &json!("email")));
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_found_and_not_sent_again() {
    let bench = Bench::in_one_time().await;
    let fault = json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/conversations/messages"});
    let made = in_gym(json!({"phone": "+14105550777", "first_name": "Ada"}));
    let contact = bench.call_as(AGENCY, "upsert_contact", made).await["contact"]["id"].clone();
    let order = in_gym(json!({"contact": contact, "channel": "sms", "text": "See you at 3"}));
    bench.order_fault(fault).await;
    let sent = bench.call_as(AGENCY, "send_message", order).await;
    let talk = in_gym(json!({"conversation": sent["conversation_id"]}));
    let read = bench.call_as(AGENCY, "get_conversation", talk).await;
    assert_eq!((read["items"].as_array().unwrap().len(), &read["items"][0]["id"]), (1, &sent["message_id"]));
    assert_eq!(sends(&bench).await, 1);
}

#[tokio::test]
async fn a_message_of_which_nobody_can_tell_is_not_repeated() {
    let bench = Bench::in_one_time().await;
    let made = in_gym(json!({"phone": "+14105550777", "first_name": "Ada"}));
    let contact = bench.call_as(AGENCY, "upsert_contact", made).await["contact"]["id"].clone();
    bench
        .order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/conversations/messages"}))
        .await;
    let order = in_gym(json!({"contact": contact, "channel": "sms", "text": "See you at 3"}));
    let refused = bench.refused_as(AGENCY, "send_message", order).await;
    assert_eq!(refused.error["details"]["lost_change"], "outcome_unknown", "{refused:?}");
    assert_eq!(sends(&bench).await, 1);
}

fn in_gym(mut arguments: Value) -> Value {
    arguments["location"] = json!("Iron Harbor Gym");
    arguments
}

#[tokio::test]
async fn another_tenant_sends_nothing_either() {
    let bench = Bench::new().await;
    let arguments = json!({"contact": HUGO, "channel": "sms", "text": "Hi"});
    bench.refused_as(RIVAL, "send_message", arguments).await;
    assert_eq!(sends(&bench).await, 0);
}

/// Before anybody is asked to approve.
#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let arguments = json!({"channel": "pigeon", "text": "", "subject": 5, "to": "everybody"});
    let refused = bench.refused("send_message", arguments).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/channel", "/contact", "/subject", "/text", "/to"]);
}

#[tokio::test]
async fn it_says_of_itself_that_it_reaches_people() {
    let bench = Bench::new().await;
    let definition = serde_json::to_value(bench.server.tools.definition("send_message").unwrap().annotations).unwrap();
    assert_eq!((&definition["readOnlyHint"], &definition["destructiveHint"]), (&json!(false), &json!(true)));
    assert_eq!((&definition["idempotentHint"], &definition["openWorldHint"]), (&json!(false), &json!(true)));
}
