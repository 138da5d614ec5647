//! `/openapi.json` is a valid document, says of every route that it is there, and of nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use common::bootstrap::{Foundation, Settings};
use common::clock::Clock;
use common::config::Config;
use common::tool::Surface;
use common::transport::Handler;
use common::transport::streamable_http::{Door as McpDoor, Port};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::oracles;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::door::Door;
use crate::products::PRODUCTS;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

async fn document(door: &Door) -> Value {
    door.send("GET", "/openapi.json", &[], "").await.json()
}

/// The document's operations, as `(method, path)`.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().expect("paths").iter();
    let methods = paths.flat_map(|(path, item)| {
        item.as_object().expect("an item").keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    methods.collect()
}

#[tokio::test]
async fn an_independent_judge_finds_it_valid() {
    let bare = "[server]\nlegacy_sse = 'off'\nstateless = true\nrest = false\n";
    for (product, settings) in PRODUCTS.into_iter().flat_map(|product| [(product, ""), (product, bare)]) {
        let door = Door::of(product, settings).await;
        let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
        let mut document = document(&door).await;
        assert_eq!(judge(file.path(), &document).await, (true, json!({"valid": true})), "{settings}");
        // Without this, "valid" could mean that nobody looked.
        document["paths"]["/health"]["get"]["responses"] = json!("none");
        assert!(!judge(file.path(), &document).await.0);
    }
}

async fn judge(file: &std::path::Path, document: &Value) -> (bool, Value) {
    std::fs::write(file, document.to_string()).unwrap();
    let program = oracles::folder().join("@seriousme/openapi-schema-validator/bin/validate-api-cli.js");
    let output = Command::new(oracles::node()).arg(program).arg(file).output().await.expect("node runs");
    (output.status.success(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

#[tokio::test]
async fn every_operation_has_its_own_id_and_names_the_parameters_of_its_path() {
    for product in PRODUCTS {
        let document = document(&Door::of(product, "").await).await;
        let mut ids = BTreeSet::new();
        for (method, path) in operations(&document) {
            let operation = &document["paths"][&path][method.to_lowercase()];
            assert!(ids.insert(operation["operationId"].as_str().expect("an id").to_owned()), "twice: {operation}");
            let declared: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let named: BTreeSet<&str> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(declared, named, "{method} {path}");
        }
    }
}

/// The paths of the router itself, as it shows them to a debugger: not ours to forget one.
async fn routed(settings: &str) -> (BTreeSet<String>, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("settings.toml");
    std::fs::write(&file, settings).unwrap();
    let entry = mcp_ghl::SERVER;
    let mut config = Config::load(&[entry.default_config], Some(&file)).unwrap();
    let mut settings = Settings::take(&mut config).unwrap();
    settings.server.port = 0;
    let foundation = Foundation::lay(&settings, data.path().to_owned(), Clock::system()).unwrap();
    let server = Arc::new((entry.build)(&foundation, &mut config).unwrap());
    let surroundings = foundation.surroundings(Vec::new());
    let dispatch = Arc::new(foundation.dispatch(settings.tools));
    let handler = Handler::new(server, dispatch, Surface::whole(), None, foundation.tasks.clone());
    let port = Port::open(settings.server, surroundings).await.unwrap();
    let shown = format!("{:?}", port.router(vec![McpDoor::new(handler)], &CancellationToken::new()));
    let paths = shown.split('"').filter(|text| text.starts_with('/')).map(str::to_owned);
    // The fallback's own routes are no routes of ours.
    (paths.filter(|path| path != "/" && !path.contains("__private__")).collect(), data)
}

#[tokio::test]
async fn every_route_is_in_it_and_nothing_else() {
    for settings in ["", "[server]\nlegacy_sse = 'off'\n", "[server]\nrest = false\n"] {
        let document = document(&Door::open(settings).await).await;
        let documented: BTreeSet<String> = operations(&document).into_iter().map(|(_, path)| path).collect();
        let (routed, _data) = routed(settings).await;
        // One route serves all tools; the document has each by its name.
        let generic = |path: &String| {
            let tool = path.strip_prefix("/api/tools/").filter(|tool| *tool != "{name}");
            tool.map_or_else(|| path.clone(), |_| "/api/tools/{name}".to_owned())
        };
        let documented: BTreeSet<String> = documented.iter().map(generic).collect();
        assert_eq!(documented, routed, "{settings}");
    }
}

/// The status line of an answer that may stream on.
async fn status(door: &Door, method: &str, path: &str) -> u16 {
    let address = door.server.address;
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let body = if method == "GET" { "" } else { "{}" };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAccept: application/json, text/event-stream\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.expect("a status");
    String::from_utf8_lossy(&line[9..]).parse().expect("a number")
}

#[tokio::test]
async fn exactly_the_documented_methods_are_answered() {
    let door = Door::open("").await;
    let document = document(&door).await;
    let operations = operations(&document);
    let paths: BTreeSet<&String> = operations.iter().map(|(_, path)| path).collect();
    for path in paths {
        let real = path.replace("{name}", "get_account_context").replace("{contact}", "x?location=gym");
        for method in METHODS {
            let is_documented = operations.contains(&(method.to_owned(), path.clone()));
            let is_answered = status(&door, method, &real).await != 405;
            assert_eq!(is_answered, is_documented, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let door = Door::open("").await;
    let document = document(&door).await;
    for (method, path, real, body) in [
        ("post", "/api/tools/get_account_context", "/api/tools/get_account_context", "{}"),
        ("get", "/api/tools", "/api/tools", ""),
        ("get", "/api/leads", "/api/leads?location=gym&limit=3", ""),
        ("get", "/health", "/health", ""),
    ] {
        let schema = &document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{path} has no schema");
        let answer = door.send(&method.to_uppercase(), real, &[("Content-Type", "application/json")], body).await;
        let validator = jsonschema::validator_for(schema).expect("a schema");
        let faults: Vec<String> = validator.iter_errors(&answer.json()).map(|fault| fault.to_string()).collect();
        assert!(answer.status == 200 && faults.is_empty(), "{path}: {faults:?} {answer:?}");
    }
}
