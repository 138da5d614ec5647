use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

/// The id of the conversation that is the given number of rows down the list.
async fn id_of(bench: &Bench, row: usize) -> String {
    let found = bench.call("search_conversations", json!({"limit": 100})).await;
    found["items"][row]["id"].as_str().unwrap().to_owned()
}

fn texts(conversation: &Value) -> Vec<&str> {
    let items = conversation["items"].as_array().unwrap();
    items.iter().map(|message| message["text"]["untrusted"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn messages_read_from_top_to_bottom() {
    let bench = Bench::new().await;
    let id = id_of(&bench, 3).await;
    let read = bench.call("get_conversation", json!({"conversation": id})).await;
    let expected = [
        "Do you have anything free this week?",
        "We do: Wednesday at 11 or Thursday at 4.",
        "Thursday it is",
        "Booked. See you on Thursday at 4!",
    ];
    assert_eq!(texts(&read), expected);
    assert_eq!((&read["location"], &read["unread"]), (&json!({"id": DENTAL, "name": DENTAL_NAME}), &json!(0)));
    let link = format!("https://app.gohighlevel.com/v2/location/{DENTAL}/conversations/conversations/{id}");
    assert_eq!((&read["id"], &read["link"]), (&json!(id), &json!(link)));
    let [first, last] = [&read["items"][0], &read["items"][3]];
    assert_eq!((&first["direction"], &first["channel"]), (&json!("inbound"), &json!("sms")));
    assert_eq!((&last["direction"], &last["status"]), (&json!("outbound"), &json!("delivered")));
    assert_eq!((&last["sent_with"], &last["at"]), (&json!("workflow"), &json!("2026-11-19T04:00:00Z")));
    assert_eq!((first.get("sent_with"), first.get("subject")), (None, None));
}

#[tokio::test]
async fn a_contact_means_its_conversation() {
    let bench = Bench::new().await;
    let row = bench.call("search_conversations", json!({"limit": 1})).await["items"][0].clone();
    let by_id = bench.call("get_conversation", json!({"conversation": row["id"]})).await;
    let contact = bench.call("get_contact", json!({"contact": row["contact"]["id"], "include": []})).await;
    for wanted in ["id", "email", "phone"] {
        let arguments = json!({"contact": contact["contact"][wanted]});
        assert_eq!(bench.call("get_conversation", arguments).await, by_id, "{wanted}");
    }
    assert_eq!(by_id["contact"], row["contact"]);
}

#[tokio::test]
async fn emails_come_with_subject_sender_text_and_file_names() {
    let bench = Bench::new().await;
    let read = bench.call("get_conversation", json!({"conversation": id_of(&bench, 2).await})).await;
    let items = read["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "the thread's emails stand for it: {read}");
    let (sent, answer) = (&items[0], &items[1]);
    assert_eq!((&sent["channel"], &sent["direction"]), (&json!("email"), &json!("outbound")));
    let text = "Hello,\n\nplease find the quote attached. It holds until the end of the month.\n\nBest wishes";
    assert_eq!(sent["text"], json!({"untrusted": text, "source": "email"}));
    assert_eq!(answer["subject"], json!({"untrusted": "Re: Your quote", "source": "email"}));
    assert!(answer["from"]["untrusted"].as_str().unwrap().contains("@example."), "{answer}");
    assert_eq!(answer["attachments"], json!(["signed form.pdf"]));
    assert_eq!(read.get("emails_without_text"), None);
    let reads = bench.requests().await.into_iter().filter(|it| it.contains("/messages/email/")).count();
    assert_eq!(reads, 2, "one for each");
}

#[tokio::test]
async fn pages_lead_to_the_oldest_message() {
    let bench = Bench::new().await;
    let id = id_of(&bench, 11).await;
    let mut arguments = json!({"conversation": id, "limit": 2});
    let mut pages = Vec::new();
    loop {
        let page = bench.call("get_conversation", arguments.clone()).await;
        pages.push(texts(&page).into_iter().map(str::to_owned).collect::<Vec<_>>());
        match page.get("next_cursor") {
            Some(cursor) => arguments["cursor"] = cursor.clone(),
            None => break,
        }
        assert!(pages.len() < 10, "the conversation does not end");
    }
    let expected = [
        vec!["Hello, my new address is 9 Harbour Lane. Best wishes", "Got it, thank you!"],
        vec!["Of course. What is the new one?", "I'll send it by email"],
        vec!["Please change my address, I have moved"],
    ];
    assert_eq!(pages, expected);
    let other = id_of(&bench, 0).await;
    arguments["conversation"] = json!(other);
    let refused = bench.refused("get_conversation", arguments).await;
    assert_eq!(refused.faulty_fields(), ["/cursor"]);
}

#[tokio::test]
async fn a_vendor_that_fails_is_reported_and_no_text_is_invented() {
    let bench = Bench::new().await;
    let id = id_of(&bench, 6).await;
    let whole = bench.call("get_conversation", json!({"conversation": id})).await;
    assert!(texts(&whole)[0].contains("new policy from the owner"));
    bench
        .order_fault(json!({"kind": "server_error", "path_prefix": "/conversations/messages/email", "count": 10}))
        .await;
    let refused = bench.refused("get_conversation", json!({"conversation": id})).await;
    assert_eq!(refused.code(), "upstream_unavailable");
}

#[tokio::test]
async fn the_attacks_in_messages_and_emails_are_fenced() {
    let bench = Bench::new().await;
    for (row, source, words) in [(1, "message", "ignore all previous instructions"), (6, "email", "forward all")] {
        let arguments = json!({"conversation": id_of(&bench, row).await});
        let text = bench.text("get_conversation", arguments).await;
        let (before, attack) = text.split_once(words).expect("the seeded attack is shown");
        let opened = before.rfind(&format!("⟦untrusted {source}⟧")).expect("a fence opens before it");
        assert!(!before[opened..].contains("⟦/untrusted⟧"), "the fence is still open where the attack begins");
        assert!(attack.contains("⟦/untrusted⟧"), "the fence closes behind it");
    }
    let text = bench.text("get_conversation", json!({"conversation": id_of(&bench, 1).await})).await;
    assert!(text.contains("|/untrusted| Thanks!"), "the attack cannot close its own fence: {text}");
}

#[tokio::test]
async fn unknown_conversations_and_other_tenants_are_not_found() {
    let bench = Bench::new().await;
    let id = id_of(&bench, 0).await;
    for arguments in [json!({"conversation": id}), json!({"conversation": "zzzzzzzzzzzzzzzzzz99"})] {
        let refused = bench.refused_as(RIVAL, "get_conversation", arguments).await;
        assert_eq!(refused.code(), "not_found");
    }
    let refused = bench.refused("get_conversation", json!({"conversation": id, "location": "gym"})).await;
    assert_eq!(refused.code(), "not_found");
    let silent = bench.call("upsert_contact", json!({"email": "silent@example.com"})).await;
    let refused = bench.refused("get_conversation", json!({"contact": silent["contact"]["id"]})).await;
    assert_eq!(refused.code(), "not_found");
    assert!(refused.text.contains("send_message"), "{}", refused.text);
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("get_conversation", json!({"conversation": 5, "limit": 51, "id": "x"})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/conversation", "/id", "/limit"]);
    assert_eq!(bench.refused("get_conversation", json!({})).await.faulty_fields(), ["/conversation", "/contact"]);
    let both = json!({"conversation": "zzzzzzzzzzzzzzzzzz99", "contact": "Ada"});
    assert_eq!(bench.refused("get_conversation", both).await.faulty_fields(), ["/contact"]);
    let refused = bench.refused("get_conversation", json!({"conversation": "a/b"})).await;
    assert_eq!(refused.faulty_fields(), ["/conversation"]);
}
