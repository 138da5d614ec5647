//! Tools over plain HTTP: the same answers, the same checks, errors with their status.

use serde_json::{Value, json};
use tests::http::{Answer, open_request};
use tests::http_server::HttpServer;

use crate::abandoned::{SilentVendor, closed};
use crate::door::{Door, PIPELINE};

const JSON: (&str, &str) = ("Content-Type", "application/json");

async fn call(door: &Door, tool: &str, arguments: Value) -> Answer {
    door.send("POST", &format!("/api/tools/{tool}"), &[JSON], &arguments.to_string()).await
}

#[tokio::test]
async fn a_tool_answers_its_structure_and_nothing_around_it() {
    let door = Door::open("").await;
    let answer = call(&door, "get_account_context", json!({})).await;
    assert_eq!((answer.status, &answer.json()["demo"]), (200, &json!(true)), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let qualified = door.send("POST", "/api/ghl/tools/get_account_context", &[JSON], "").await;
    assert_eq!(qualified.json(), answer.json(), "no body is no arguments");
    let created = call(&door, "upsert_contact", json!({"location": "gym", "email": "rest@example.com"})).await.json();
    let found = call(&door, "get_contact", json!({"location": "gym", "contact": "rest@example.com"})).await.json();
    assert_eq!(created["contact"]["id"], found["contact"]["id"], "{created} {found}");
    let figures = door.send("GET", "/metrics", &[], "").await.body;
    assert!(figures.contains("luminar_tool_calls_total{tool=\"upsert_contact\",code=\"ok\"} 1"), "{figures}");
}

#[tokio::test]
async fn the_list_names_every_tool_with_its_schemas() {
    let door = Door::open("").await;
    let listed = door.send("GET", "/api/tools", &[], "").await.json();
    let tools = listed["tools"].as_array().expect("a list");
    assert!(tools.iter().any(|tool| tool["name"] == "get_contact" && tool["server"] == "ghl"), "{listed}");
    assert!(tools.iter().all(|tool| tool["input_schema"].is_object() && tool["output_schema"].is_object()), "{listed}");
    assert_eq!(door.send("GET", "/api/ghl/tools", &[], "").await.json(), listed);
}

#[tokio::test]
async fn failures_have_one_shape_and_their_own_status() {
    let door = Door::open("[server]\nbody_bytes_max = 1000\n").await;
    let large = json!({"query": "x".repeat(2_000)}).to_string();
    for (path, kind, body, status, code) in [
        ("/api/tools/get_contact", JSON, "{}", 400, "invalid_argument"),
        ("/api/tools/get_contact", JSON, "[]", 400, "invalid_argument"),
        ("/api/tools/get_contact", JSON, "{", 400, "invalid_argument"),
        ("/api/tools/get_contact", JSON, r#"{"location": "gym", "contact": "nobody@example.com"}"#, 404, "not_found"),
        ("/api/tools/no_such_tool", JSON, "{}", 404, "not_found"),
        ("/api/tools/search_contacts", JSON, &large, 413, "invalid_argument"),
        ("/api/tools", JSON, "{}", 405, "invalid_argument"),
        ("/api/nothing", JSON, "{}", 404, "not_found"),
    ] {
        let answer = door.send("POST", path, &[kind], body).await;
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
        assert_eq!(answer.json()["error"]["code"], code, "{path} {body}");
        assert!(answer.json()["error"]["message"].is_string());
    }
    let faults =
        call(&door, "search_contacts", json!({"location": "gym", "limit": 1_000, "colour": "red"})).await.json();
    assert_eq!(faults["error"]["details"]["faults"].as_array().map(Vec::len), Some(2), "every fault at once: {faults}");
    let unknown = call(&door, "get_contacts", json!({})).await.json();
    assert_eq!(unknown["error"]["details"]["candidates"][0]["id"], "/api/tools/get_contact", "{unknown}");
}

#[tokio::test]
async fn what_a_page_of_another_site_can_send_unasked_is_refused() {
    let door = Door::open("").await;
    let arguments = r#"{"location": "gym", "email": "evil@example.com"}"#;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; application/json",
    ] {
        for path in ["/api/tools/upsert_contact", "/api/leads", "/update-stage?email=x&new_tag=y"] {
            let answer = door.send("POST", path, &[("Content-Type", kind)], arguments).await;
            assert_eq!(answer.status, 415, "{path} {kind}: {answer:?}");
        }
    }
    assert_eq!(door.send("POST", "/api/leads", &[], arguments).await.status, 415);
    let from_page = [JSON, ("Origin", "https://evil.example")];
    assert_eq!(door.send("POST", "/api/leads", &from_page, arguments).await.status, 403);
    let found = call(&door, "get_contact", json!({"location": "gym", "contact": "evil@example.com"})).await;
    assert_eq!(found.status, 404, "nothing was done: {found:?}");
}

/// SHA-256 of `right`.
const TOKENS: &str = "
[[auth.tokens]]
subject = 'robot'
sha256 = '27042f4e6eca7d0b2a7ee4026df2ecfa51d3339e6d122aa099118ecd8563bad9'
tenant = 'acme'
role = 'viewer'
scopes = ['toolset:pipeline']
";

#[tokio::test]
async fn identity_role_and_toolsets_hold_here_too() {
    let door = Door::open(TOKENS).await;
    for path in ["/api/tools", "/openapi.json", "/api/leads"] {
        assert_eq!(door.send("GET", path, &[], "").await.status, 401, "{path}");
    }
    let right = ("Authorization", "Bearer right");
    let listed = door.send("GET", "/api/tools", &[right], "").await.json();
    let names: Vec<&str> =
        listed["tools"].as_array().unwrap().iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, PIPELINE);
    let moved = r#"{"opportunity": "x", "stage": "won"}"#;
    let refused = door.send("POST", "/api/tools/move_opportunity", &[JSON, right], moved).await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (403, &json!("permission_denied")));
    assert_eq!(door.send("GET", "/api/leads", &[right], "").await.status, 404, "a tool of another toolset");
    let document = door.send("GET", "/openapi.json", &[right], "").await.body;
    assert!(document.contains("move_opportunity") && !document.contains("upsert_contact"), "{document}");
    let read_only = Door::open("[tools]\nread_only = true\n").await;
    let hidden = read_only.send("POST", "/api/leads", &[JSON], r#"{"email": "a@example.com"}"#).await;
    assert_eq!(hidden.status, 404, "{hidden:?}");
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let door = Door::open("[server]\nrest = false\n").await;
    for path in ["/api/tools", "/api/leads"] {
        assert_eq!(door.send("GET", path, &[], "").await.status, 404, "{path}");
    }
    assert!(!door.send("GET", "/openapi.json", &[], "").await.body.contains("/api/tools"));
}

#[tokio::test]
async fn a_client_that_goes_takes_its_call_back_from_the_vendor() {
    let (data, vendor) = (tempfile::tempdir().unwrap(), SilentVendor::open().await);
    let settings = vendor.settings(data.path()).display().to_string();
    let server = HttpServer::start("mcp-ghl", data.path(), &["--config", &settings]).await;
    let client = open_request(server.address, "POST", "/api/tools/search_contacts", "{}").await;
    let request = vendor.asked().await;
    drop(client);
    closed(request).await;
}
