//! Email templates, drafts of campaigns, and social posts.

use http::Method;
use serde_json::{Value, json};
use tests::time::in_days;

use super::shown;
use crate::bench::{BOLD, Bench, DENTAL};

fn template_path(saved: &Value) -> String {
    format!("/emails/locations/{DENTAL}/templates/{}", saved["template"]["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_email_template_is_deleted_or_as_before() {
    let bench = Bench::new().await;
    let template = json!({"name": "Undo", "html": "<p>Hi</p>", "subject": "One"});
    let created = bench.bold("save_email_template", template).await;
    let path = template_path(&created);
    let before = shown(&bench, &path).await;
    let change = json!({
        "name": "Undo", "rename_to": "Undone", "subject": "Two", "preview_text": "Look", "from_name": "Anna",
        "from_email": "anna@example.com"
    });
    let changed = bench.bold("save_email_template", change.clone()).await;
    let after = shown(&bench, &path).await;
    assert_ne!(after, before);
    let undone = bench.undo(&changed).await;
    assert_eq!((shown(&bench, &path).await, undone.get("not_restored")), (before, None));
    let again = bench.undo(&undone).await;
    assert_eq!(shown(&bench, &path).await, after);
    bench.undo(&again).await;
    bench.undo(&created).await;
    assert!(bench.is_gone(&path).await);
}

#[tokio::test]
async fn what_a_template_or_draft_said_before_is_not_known_and_the_note_says_so() {
    let bench = Bench::new().await;
    let people = json!({"name": "Undo", "text": "Hi", "user": "Tom"});
    for (tool, mut arguments) in
        [("save_email_template", json!({"name": "Undo", "text": "Hi"})), ("save_email_campaign", people)]
    {
        bench.bold(tool, arguments.clone()).await;
        arguments["text"] = json!("Ho");
        arguments["rename_to"] = json!("Undone");
        let changed = bench.bold(tool, arguments).await;
        let refused = bench.refused_as(BOLD, "undo_change", json!({"change": changed["change_id"]})).await;
        assert_eq!(refused.code(), "failed_precondition", "{tool}");
        assert!(refused.text.contains("does not show the source of what it said before"), "{refused:?}");
        let rows = bench.bold("list_changes", json!({"tool": tool})).await;
        assert_eq!(rows["items"][0]["state"], "final");
        assert!(rows["items"][0]["summary"].as_str().unwrap().contains("stays: "), "{rows}");
    }
}

#[tokio::test]
async fn a_template_that_somebody_renamed_since_is_left_alone() {
    let bench = Bench::new().await;
    let created = bench.bold("save_email_template", json!({"name": "Undo", "text": "Hi"})).await;
    let changed = bench.bold("save_email_template", json!({"name": "Undo", "rename_to": "Undone"})).await;
    let (status, _) = bench.at_vendor(Method::PATCH, &template_path(&created), Some(json!({"name": "Theirs"}))).await;
    assert_eq!(status, 200);
    for done in [changed, created] {
        let refused = bench.refused_as(BOLD, "undo_change", json!({"change": done["change_id"]})).await;
        assert_eq!(refused.code(), "conflict");
        assert!(refused.text.contains("changed this since: name"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_draft_of_a_campaign_is_deleted_or_has_its_name_again() {
    let bench = Bench::new().await;
    let created = bench.bold("save_email_campaign", json!({"name": "Undo", "text": "Hi", "user": "Tom"})).await;
    let id = created["campaign"]["id"].as_str().unwrap();
    let path = format!("/emails/locations/{DENTAL}/campaigns/emails/{id}");
    let before = shown(&bench, &path).await;
    let changed = bench.bold("save_email_campaign", json!({"name": "Undo", "rename_to": "Undone"})).await;
    let after = shown(&bench, &path).await;
    let undone = bench.undo(&changed).await;
    assert_eq!(shown(&bench, &path).await, before);
    let again = bench.undo(&undone).await;
    assert_eq!(shown(&bench, &path).await, after);
    bench.undo(&again).await;
    bench.undo(&created).await;
    assert!(bench.is_gone(&path).await);
}

fn post_path(saved: &Value) -> String {
    format!("/social-media-posting/{DENTAL}/posts/{}", saved["post"]["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_social_post_is_deleted_or_as_before() {
    let bench = Bench::new().await;
    let draft = json!({
        "status": "draft", "text": "We are hiring", "user": "Priya", "media_urls": ["https://example.com/team.jpg"]
    });
    let created = bench.bold("save_social_post", draft).await;
    let path = post_path(&created);
    let before = shown(&bench, &path).await;
    let mut change = json!({
        "post": created["post"]["id"], "status": "scheduled", "send_at": format!("{}T09:00", in_days(30)),
        "accounts": ["facebook"], "text": "Come and see", "user": "Priya"
    });
    let waiting = bench.bold("save_social_post", change.clone()).await;
    let between = shown(&bench, &path).await;
    change["send_at"] = json!(format!("{}T10:00", in_days(31)));
    change["accounts"] = json!(["Everywhere"]);
    let later = bench.bold("save_social_post", change).await;
    let after = shown(&bench, &path).await;

    let undone = bench.undo(&later).await;
    assert_eq!((shown(&bench, &path).await, undone.get("not_restored")), (between.clone(), None));
    let again = bench.undo(&undone).await;
    assert_eq!((shown(&bench, &path).await, again.get("not_restored")), (after, None));
    bench.undo(&again).await;
    let undone = bench.undo(&waiting).await;
    assert_eq!((shown(&bench, &path).await, undone.get("not_restored")), (before, None));
    bench.undo(&created).await;
    assert!(bench.is_gone(&path).await);
}

#[tokio::test]
async fn a_post_that_somebody_wrote_anew_is_left_alone() {
    let bench = Bench::new().await;
    let created = bench.bold("save_social_post", json!({"status": "draft", "text": "Hi", "user": "Priya"})).await;
    let path = post_path(&created);
    let user_id = shown(&bench, &path).await["results"]["post"]["createdBy"].clone();
    let theirs = json!({"accountIds": [], "type": "post", "userId": user_id, "summary": "Theirs", "status": "draft"});
    bench.meanwhile(&path, theirs).await;
    let refused = bench.refused_as(BOLD, "undo_change", json!({"change": created["change_id"]})).await;
    assert_eq!(refused.code(), "conflict");
    assert!(refused.text.contains("changed this since: text"), "{refused:?}");
}

#[tokio::test]
async fn a_post_that_went_out_and_a_first_comment_stay() {
    let bench = Bench::new().await;
    let published = json!({"status": "published", "accounts": ["facebook"], "text": "Hi", "user": "Priya"});
    let published = bench.bold("save_social_post", published).await;
    let mut draft = json!({"status": "draft", "text": "Hi", "user": "Priya"});
    draft["post"] = bench.bold("save_social_post", draft.clone()).await["post"]["id"].clone();
    draft["first_comment"] = json!("Write to us");
    let commented = bench.bold("save_social_post", draft).await;
    for (done, why) in [(published, "gone out to people"), (commented, "does not show the first comment")] {
        let refused = bench.refused_as(BOLD, "undo_change", json!({"change": done["change_id"]})).await;
        assert_eq!(refused.code(), "failed_precondition");
        assert!(refused.text.contains(why), "{refused:?}");
    }
}
