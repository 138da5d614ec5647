use serde_json::{Value, json};
use tests::time::in_days;

use crate::bench::{Bench, CAREFUL, DENTAL, DENTAL_NAME, RIVAL};

fn post(mut more: Value) -> Value {
    more["user"] = json!("Priya");
    more["text"] = json!("We are hiring!");
    more
}

async fn written(bench: &Bench) -> usize {
    let is_write = |request: &&String| {
        request.contains("/posts") && !request.contains("/posts/list") && !request.starts_with("GET")
    };
    bench.requests().await.iter().filter(is_write).count()
}

#[tokio::test]
async fn a_post_waits_for_its_local_time_on_all_accounts_of_a_group() {
    let bench = Bench::new().await;
    let send_at = format!("{}T09:00", in_days(30));
    let arguments = post(json!({
        "accounts": ["Everywhere", "facebook"], "status": "scheduled", "send_at": send_at,
        "media_urls": ["https://example.com/team.jpg"], "first_comment": "Message us",
    }));
    let done = bench.call("save_social_post", arguments).await;
    assert_eq!((&done["location"], &done["created"]), (&json!({"id": DENTAL, "name": DENTAL_NAME}), &json!(true)));
    assert_eq!((&done["post"]["status"], &done["post"]["media"]), (&json!("scheduled"), &json!(1)));
    assert_eq!(done["post"]["accounts"].as_array().unwrap().len(), 2, "{done}");
    assert!(done["scheduled_for"].as_str().unwrap().starts_with(&format!("{send_at}:00-0")), "{done}");
}

#[tokio::test]
async fn a_draft_is_replaced_and_what_was_published_is_not() {
    let bench = Bench::new().await;
    let draft = bench.call("save_social_post", post(json!({"status": "draft"}))).await;
    assert_eq!((&draft["post"]["status"], &draft["post"]["accounts"]), (&json!("draft"), &json!([])));
    let arguments = post(json!({"post": draft["post"]["id"], "accounts": ["facebook"], "status": "published"}));
    let done = bench.call("save_social_post", arguments.clone()).await;
    assert_eq!((&done["created"], &done["post"]["id"]), (&json!(false), &draft["post"]["id"]));
    assert_eq!((&done["post"]["status"], done.get("scheduled_for")), (&json!("published"), None));
    assert_eq!(bench.refused("save_social_post", arguments).await.code(), "failed_precondition");
}

#[tokio::test]
async fn a_person_is_asked_with_the_accounts_and_the_text() {
    let bench = Bench::new().await;
    let arguments = post(json!({"accounts": ["facebook"], "status": "published"}));
    let refused = bench.refused_as(CAREFUL, "save_social_post", arguments).await;
    assert_eq!(refused.code(), "approval_required");
    let plan = &refused.error["details"]["plan"]["plan"];
    assert_eq!(plan["summary"], "publish at once on Brightside Dental Group (facebook): “We are hiring!”");
    assert_eq!((&plan["count"], &plan["is_reversible"]), (&json!(1), &json!(false)));
    assert_eq!(written(&bench).await, 0);
}

#[tokio::test]
async fn tiktok_wants_to_know_who_may_see_it() {
    let bench = Bench::new().await;
    let film = json!(["https://example.com/tour.mp4"]);
    let bare = post(json!({"accounts": ["tiktok"], "status": "published", "media_urls": film}));
    assert_eq!(bench.refused("save_social_post", bare.clone()).await.faulty_fields(), ["/tiktok_audience"]);
    let mut told = bare;
    told["tiktok_audience"] = json!("everyone");
    told["kind"] = json!("reel");
    assert_eq!(bench.call("save_social_post", told).await["post"]["kind"], "reel");
    let elsewhere = post(json!({"accounts": ["facebook"], "status": "published", "tiktok_audience": "everyone"}));
    assert_eq!(bench.refused("save_social_post", elsewhere).await.faulty_fields(), ["/tiktok_audience"]);
}

#[tokio::test]
async fn an_account_that_is_not_connected_any_more_takes_no_post() {
    let bench = Bench::new().await;
    let arguments = post(json!({"accounts": ["facebook", "Careers"], "status": "published"}));
    let refused = bench.refused("save_social_post", arguments).await;
    assert_eq!(refused.code(), "failed_precondition");
    assert!(refused.text.contains("Careers (linkedin)"), "{}", refused.text);
    assert_eq!(written(&bench).await, 0);
}

#[tokio::test]
async fn a_post_whose_answer_was_lost_is_found_and_answered_with() {
    let bench = Bench::in_one_time().await;
    let fault = json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": format!("/social-media-posting/{DENTAL}/posts")});
    bench.order_fault(fault).await;
    let arguments = post(json!({"accounts": ["facebook"], "status": "published"}));
    let done = bench.call("save_social_post", arguments).await;
    assert_eq!((&done["post"]["status"], written(&bench).await), (&json!("published"), 1));
}

#[tokio::test]
async fn of_a_post_that_is_not_found_nobody_can_tell() {
    let bench = Bench::in_one_time().await;
    for (status, lost) in [("published", "outcome_unknown"), ("draft", "not_made")] {
        let path = format!("/social-media-posting/{DENTAL}/posts");
        bench.order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": path})).await;
        let refused =
            bench.refused("save_social_post", post(json!({"accounts": ["facebook"], "status": status}))).await;
        assert_eq!(refused.error["details"]["lost_change"], lost, "{refused:?}");
    }
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let arguments = json!({
        "status": "scheduled", "media_urls": ["https://example.com/a.pdf", "javascript:alert(1)"], "user": "Priya",
    });
    let refused = bench.refused("save_social_post", arguments).await;
    assert_eq!(refused.faulty_fields(), ["/send_at", "/accounts", "/media_urls/0", "/media_urls/1"]);
    for (arguments, field) in [
        (json!({"status": "draft"}), "/text"),
        (json!({"status": "published", "accounts": ["facebook"], "text": "x", "send_at": "2027-01-04"}), "/send_at"),
        (json!({"status": "published", "accounts": ["facebook"], "text": "x", "kind": "reel"}), "/media_urls"),
        (json!({"status": "published", "accounts": ["facebook"], "text": "x", "post": "a/b"}), "/post"),
        (json!({"accounts": ["facebook"], "text": "x"}), "/status"),
    ] {
        assert_eq!(bench.refused("save_social_post", arguments.clone()).await.faulty_fields(), [field], "{arguments}");
    }
    let refused = bench.refused("save_social_post", json!({"status": "draft", "text": "x"})).await;
    assert!(refused.candidates().contains(&"Priya Raman"), "somebody has to post: {refused:?}");
    assert_eq!(written(&bench).await, 0);
}

#[tokio::test]
async fn another_tenant_posts_nothing() {
    let bench = Bench::new().await;
    let arguments = post(json!({"location": DENTAL, "accounts": ["facebook"], "status": "published"}));
    bench.refused_as(RIVAL, "save_social_post", arguments).await;
    assert_eq!(written(&bench).await, 0);
}
