//! A person logs in, or does not.

use std::time::Duration;

use mcp_ghl::sandbox::DEMO_APP;
use serde_json::json;

use super::stage::{Stage, get};
use crate::bench::{DENTAL, DENTAL_NAME, GYM};

#[tokio::test]
async fn an_agencys_login_opens_its_locations() {
    let stage = Stage::new().await;
    let said = stage.log_in("agency").await;
    for expected in
        ["tenant `local` has an agency's login", "3 locations are open", DENTAL_NAME, "No tool lacks a scope"]
    {
        assert!(said.contains(expected), "{expected} is missing from {said}");
    }

    let session = stage.server();
    let listed = session.call("list_locations", json!({})).await;
    let rows = listed["items"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row["is_connected"] == json!(true)), "{listed}");
    assert_eq!(stage.count("POST /oauth/locationToken").await, 0, "a location is opened when it is needed");
    for _ in 0..2 {
        let found = session.call("search_contacts", json!({"location": GYM, "limit": 2})).await;
        assert_eq!(found["items"].as_array().unwrap().len(), 2);
    }
    stage.server().call("search_contacts", json!({"location": GYM, "limit": 2})).await;
    assert_eq!(stage.count("POST /oauth/locationToken 200").await, 1, "the next process finds it in the vault");
    assert_eq!(stage.count("POST /oauth/token 200").await, 1);
}

#[tokio::test]
async fn a_locations_login_opens_it_alone() {
    let stage = Stage::new().await;
    let said = stage.log_in(DENTAL).await;
    assert!(said.contains("1 locations are open") && said.contains(DENTAL_NAME), "{said}");
    let session = stage.server();
    let listed = session.call("list_locations", json!({})).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    session.call("get_pipeline_board", json!({"pipeline": "New patients"})).await;
    assert_eq!(session.refused("search_contacts", json!({"location": GYM})).await["code"], "not_found");

    let token =
        format!("[[ghl.connections]]\ntenant = \"local\"\ntoken = \"pit-demo-dental\"\nlocation_id = \"{DENTAL}\"");
    stage.configure(&token);
    let (_, found) = stage.run(&["doctor"]).await;
    assert!(found.contains("has 1 locations, 1 of them open"), "two ways into one location: {found}");
}

#[tokio::test]
async fn a_login_belongs_to_its_tenant() {
    let stage = Stage::new().await;
    let attempt = stage.begin_login_for("acme").await;
    get(&attempt.choose("agency").await).await;
    let (is_success, said) = attempt.end().await;
    assert!(is_success && said.contains("tenant `acme` has an agency's login"), "{said}");
    let error = stage.server().refused("list_locations", json!({})).await;
    assert_eq!(error["code"], "failed_precondition", "the local tenant has connected nothing: {error}");
    let (_, said) = stage.run(&["logout"]).await;
    assert!(said.contains("tenant `local` had no such login"), "{said}");
    let (_, said) = stage.run(&["logout", "--tenant", "acme"]).await;
    assert!(said.contains("forgot the login of tenant `acme`"), "{said}");
}

#[tokio::test]
async fn an_answer_of_another_login_ends_the_attempt() {
    let stage = Stage::new().await;
    let attempt = stage.begin_login().await;
    let redirect = attempt.redirect_uri();
    let mut elsewhere = redirect.clone();
    elsewhere.set_path("/favicon.ico");
    assert_eq!(get(&elsewhere).await.status, 404, "what is no answer ends nothing");
    let mut forged = redirect;
    forged.set_query(Some("code=stolen&state=guessed"));
    let answer = get(&forged).await;
    assert_eq!(answer.status, 400);
    let (is_success, said) = attempt.end().await;
    assert!(!is_success && said.contains("the answer does not belong to this login"), "{said}");
    assert_eq!(stage.count("POST /oauth/token").await, 0, "the code was not even shown to the vendor");
}

#[tokio::test]
async fn what_the_person_or_the_vendor_refuses_is_told() {
    let stage = Stage::new().await;
    let attempt = stage.begin_login().await;
    let redirect = attempt.choose("nothing").await;
    let page = get(&redirect).await;
    assert!(page.body.contains("refused the login"), "{}", page.body);
    let (is_success, said) = attempt.end().await;
    assert!(!is_success && said.contains("access_denied: The person has refused"), "{said}");
}

#[tokio::test]
async fn a_code_that_has_expired_opens_nothing() {
    let stage = Stage::new().await;
    let attempt = stage.begin_login().await;
    let redirect = attempt.choose("agency").await;
    stage.clock.advance(Duration::from_mins(11));
    get(&redirect).await;
    let (is_success, said) = attempt.end().await;
    assert!(!is_success && said.contains("GoHighLevel does not accept the login"), "{said}");
    let error = stage.server().refused("list_locations", json!({})).await;
    assert_eq!(error["code"], "failed_precondition");
}

#[tokio::test]
async fn logout_forgets_all_that_login_has_kept() {
    let stage = Stage::new().await;
    stage.log_in("agency").await;
    stage.log_in(DENTAL).await;
    let session = stage.server();
    session.call("search_contacts", json!({"location": GYM, "limit": 1})).await;
    let (is_success, said) = stage.run(&["logout"]).await;
    assert!(is_success && said.contains("forgot 2 logins of tenant `local`"), "{said}");
    let left = session.foundation.secrets.list(&common::tenant::TenantId::local(), "ghl/").await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    let error = stage.server().refused("list_locations", json!({})).await;
    assert!(error["hint"].as_str().unwrap().contains("mcp-ghl login"), "{error}");
    let (_, said) = stage.run(&["logout"]).await;
    assert!(said.contains("had no such login"), "{said}");
}

#[tokio::test]
async fn logins_and_logouts_stand_in_the_trail() {
    let stage = Stage::new().await;
    stage.log_in(DENTAL).await;
    stage.run(&["logout"]).await;
    let db = stage.server().foundation.db.clone();
    let done: Vec<(String, String, String)> = sqlx::query_as(
        "select intent.tool, intent.subject, outcome.code
        from audit_events intent
        join audit_events outcome on outcome.tenant_id = intent.tenant_id and outcome.intent_id = intent.event_id
        where intent.tenant_id = 'local' and intent.kind = 'intent'
        order by intent.at_ms",
    )
    .fetch_all(db.read().await.unwrap())
    .await
    .unwrap();
    let line = |tool: &str| (tool.to_owned(), "operator".to_owned(), "ok".to_owned());
    assert_eq!(done, [line("login"), line("logout")]);
}

#[tokio::test]
async fn login_and_doctor_say_which_scopes_are_missing_for_which_tools() {
    let stage = Stage::new().await;
    stage.configure("scopes = [\"locations.readonly\", \"contacts.readonly\", \"oauth.readonly\"]");
    let said = stage.log_in("agency").await;
    let (is_success, found) = stage.run(&["doctor"]).await;
    assert!(is_success, "{found}");
    for text in [&said, &found] {
        for expected in [
            "`contacts.write` for upsert_contact, set_contact_tags, add_note, save_task",
            "`opportunities.write` for move_opportunity, upsert_opportunity",
            "`oauth.write` for opening the agency's locations",
        ] {
            assert!(text.contains(expected), "{expected} is missing from {text}");
        }
    }
    stage.configure(&format!(
        "[[ghl.connections]]\ntenant = \"local\"\ntoken = \"pit-demo-gym\"\nlocation_id = \"{GYM}\""
    ));
    let (_, found) = stage.run(&["doctor"]).await;
    assert!(found.contains("unknown for 1 connections (private integration token)"), "{found}");
}

#[tokio::test]
async fn a_tool_whose_scope_is_missing_names_it() {
    let stage = Stage::new().await;
    stage.configure("scopes = [\"locations.readonly\", \"contacts.readonly\"]");
    stage.log_in(DENTAL).await;
    let session = stage.server();
    let error = session.refused("get_pipeline_board", json!({"pipeline": "New patients"})).await;
    assert_eq!(error["code"], "permission_denied");
    assert!(error["message"].as_str().unwrap().contains("opportunities.readonly"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("mcp-ghl login"), "{error}");
    assert_eq!(stage.count("POST /oauth/token").await, 1, "another token would not help");
}

#[tokio::test]
async fn without_an_app_nobody_is_sent_anywhere() {
    let stage = Stage::new().await;
    std::fs::write(stage.settings_file(), "").unwrap();
    let (is_success, said) = stage.run(&["login", "--no-browser"]).await;
    assert!(!is_success && said.contains("`ghl.oauth.client_id` is not set"), "{said}");
}

#[tokio::test]
async fn no_secret_lies_open_in_the_data_folder_or_is_said() {
    let stage = Stage::new().await;
    let said = stage.log_in("agency").await;
    let session = stage.server();
    session.call("search_contacts", json!({"location": GYM, "limit": 1})).await;
    let (_, found) = stage.run(&["doctor"]).await;
    let (agency, gym) =
        (session.stored("ghl/oauth/agency").await, session.stored(&format!("ghl/oauth/agency/{GYM}")).await);
    let secrets: Vec<String> = [&agency["access_token"], &agency["refresh_token"], &gym["access_token"]]
        .into_iter()
        .map(|token| token.as_str().unwrap().to_owned())
        .chain([DEMO_APP.client_secret.to_owned()])
        .collect();
    let mut open = vec![said.into_bytes(), found.into_bytes()];
    for file in std::fs::read_dir(stage.data.path()).unwrap() {
        open.push(std::fs::read(file.unwrap().path()).unwrap());
    }
    assert!(open.len() > 2, "the data folder holds a database");
    for secret in &secrets {
        let is_found = open.iter().any(|bytes| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert!(!is_found, "a secret of {} letters lies open", secret.len());
    }
}
