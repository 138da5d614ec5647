//! Operations of the catalogue with a login, whose scopes and agency are known.

use serde_json::json;

use super::stage::Stage;
use crate::bench::{DENTAL, GYM};

#[tokio::test]
async fn a_scope_that_the_login_lacks_is_named_before_anything_is_sent() {
    let stage = Stage::new().await;
    stage.configure("scopes = [\"locations.readonly\", \"contacts.readonly\"]");
    stage.log_in(DENTAL).await;
    let session = stage.server();
    let error = session.refused("call_read_operation", json!({"operation": "opportunities.get-pipelines"})).await;
    assert_eq!(error["code"], "permission_denied");
    assert!(error["message"].as_str().unwrap().contains("`opportunities.readonly`"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("mcp-ghl login"), "{error}");
    let deletion = json!({"operation": "contacts.delete-contact", "arguments": {"contactId": "c1"}});
    let error = session.refused("call_write_operation", deletion).await;
    assert_eq!(error["code"], "permission_denied", "nobody is asked for what cannot be done: {error}");
    assert_eq!(stage.count("GET /opportunities").await, 0);
    let read = json!({"operation": "contacts.search-contacts-advanced", "arguments": {"pageLimit": 1}});
    session.call("call_read_operation", read).await;

    let found = session.call("find_operation", json!({"query": "pipelines of deals", "limit": 1})).await;
    assert_eq!(found["items"][0]["scopes_missing"], json!(["opportunities.readonly"]), "{found}");
    let found =
        session.call("find_operation", json!({"query": "find contacts", "family": "contacts", "limit": 1})).await;
    assert!(found["items"][0].get("scopes_missing").is_none(), "{found}");
}

#[tokio::test]
async fn a_login_asks_for_the_scopes_of_every_operation_on_demand() {
    for (scopes, lacks) in [("[]", true), ("[\"tools\"]", true), ("[\"operations\"]", false)] {
        let stage = Stage::new().await;
        stage.configure(&format!("scopes = {scopes}"));
        stage.log_in(DENTAL).await;
        let session = stage.server();
        let phone_bots = json!({"query": "phone bots", "family": "voice-ai", "kind": "read", "limit": 1});
        let found = session.call("find_operation", phone_bots).await;
        assert_eq!(found["items"][0].get("scopes_missing").is_some(), lacks, "{scopes}: {found}");
        let found = session.call("find_operation", json!({"query": "find contacts", "limit": 1})).await;
        assert!(found["items"][0].get("scopes_missing").is_none(), "{scopes}: {found}");
    }
}

#[tokio::test]
async fn an_agencys_login_calls_what_only_agencies_may_and_opens_its_locations() {
    let stage = Stage::new().await;
    stage.log_in("agency").await;
    let session = stage.server();
    let company_id = session.stored("ghl/oauth/agency").await["company_id"].clone();
    let installed =
        json!({"operation": "oauth.get-installed-location-v2", "arguments": {"appId": "app"}, "dry_run": true});
    let shown = session.call("call_read_operation", installed).await;
    let target = shown["request"]["target"].as_str().unwrap();
    assert!(target.contains(&format!("companyId={}", company_id.as_str().unwrap())), "{target}");
    let pipelines = json!({"operation": "opportunities.get-pipelines", "location": GYM});
    let answer = session.call("call_read_operation", pipelines).await;
    assert_eq!(answer["location"]["id"], GYM);
}
