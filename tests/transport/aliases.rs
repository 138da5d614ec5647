//! Paths that the design documents name: each is served, or is known to belong to what is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use common::bootstrap::{Foundation, Settings};
use common::clock::Clock;
use common::config::Config;
use common::tool::{AliasMethod, Registry};
use serde_json::json;
use tests::oracles;

use crate::door::Door;

/// The servers that the suite has.
const SERVERS: [&str; 1] = ["ghl"];

/// A path of the design that nothing answers: whose it is, and, where that server is there, why not.
struct Absent {
    /// Empty where the design names only the path.
    method: &'static str,
    path: &'static str,
    server: &'static str,
    why: &'static str,
}

const fn of(server: &'static str, method: &'static str, path: &'static str) -> Absent {
    Absent { method, path, server, why: "" }
}

const fn not_yet(method: &'static str, path: &'static str, why: &'static str) -> Absent {
    Absent { method, path, server: "ghl", why }
}

const ABSENT: &[Absent] = &[
    not_yet("POST", "/api/platforms/gohighlevel/connect", "an account is connected at the terminal: `mcp-ghl login`"),
    of("orchestrator", "POST", "/webhook/ghl-event"),
    of("orchestrator", "POST", "/webhook/:workflow-id"),
    of("orchestrator", "POST", "/ai-agent/optimize-funnel"),
    of("orchestrator", "POST", "/v1/chat/completions"),
    of("orchestrator", "GET", "/v1/functions"),
    of("orchestrator", "GET", "/api/v1/workflows"),
    of("analytics", "GET", "/api/eyes/segments/30d"),
    of("licensing", "POST", "/api/auth/register"),
    of("licensing", "POST", "/api/v1/wallets"),
    of("licensing", "POST", "/api/v1/tokens/verify"),
    of("licensing", "GET", "/api/v1/tiers"),
];

/// A path as a document names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    /// Empty if it says none.
    method: String,
    path: String,
}

/// Every path that a text names: what begins with `/` and a lower-case letter after a space, a quote or a bracket.
fn paths_in(text: &str) -> BTreeSet<Named> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        for (start, _) in line.match_indices('/') {
            let (before, rest) = line.split_at(start);
            let begins =
                before.chars().next_back().is_none_or(|letter| letter.is_whitespace() || "\"'`(".contains(letter));
            let is_path = rest[1..].starts_with(|letter: char| letter.is_ascii_lowercase());
            if !begins || !is_path {
                continue;
            }
            let end =
                rest.find(|letter: char| letter.is_whitespace() || "\"'`),?".contains(letter)).unwrap_or(rest.len());
            let before = before.trim_end_matches(['"', '\'', '`', '(', ' ']);
            let word = before.rsplit(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
            let is_method = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&word.to_uppercase().as_str());
            let method = if is_method { word.to_uppercase() } else { String::new() };
            found.insert(Named { method, path: rest[..end].trim_end_matches('.').to_owned() });
        }
    }
    found
}

#[test]
fn paths_are_found_as_documents_write_them() {
    let text = "- `GET /api/leads/:id` - one\n@app.post(\"/webhook/x\")\n`/v1/chat` and retry/branch, ./scripts/x.sh, `/go?a=b`.\nAPI: GET /health";
    let found: Vec<(String, String)> = paths_in(text).into_iter().map(|named| (named.method, named.path)).collect();
    let expected =
        [("", "/go"), ("", "/v1/chat"), ("GET", "/api/leads/:id"), ("GET", "/health"), ("POST", "/webhook/x")];
    assert_eq!(found, expected.map(|(method, path)| (method.to_owned(), path.to_owned())));
}

/// Whether a path with values or `:names` is one of a pattern with `{names}`.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(part, given)| part == given || part.starts_with('{'))
}

#[tokio::test]
async fn every_path_of_the_design_is_served_or_known_to_be_elsewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // Beside the workspace; beside its parent in a worktree.
    let design = root.ancestors().skip(1).map(|folder| folder.join("shared/design")).find(|folder| folder.is_dir());
    let Some(design) = design else {
        assert!(!oracles::is_ci(), "../shared/design is missing");
        println!("skipped: ../shared/design is missing; the design is not part of this repository");
        return;
    };
    let texts = std::fs::read_dir(design).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let named: BTreeSet<Named> = texts.flat_map(|text| paths_in(&text)).collect();
    assert!(named.len() >= 20, "the design names more paths than these: {named:?}");
    let door = Door::open("").await;
    let document = door.send("GET", "/openapi.json", &[], "").await.json();
    let served = |method: &str, path: &str| {
        let mut items = document["paths"].as_object().unwrap().iter();
        items.any(|(pattern, item)| {
            fits(pattern, path) && (method.is_empty() || item[method.to_lowercase()].is_object())
        })
    };
    for Named { method, path } in &named {
        let absent = ABSENT.iter().find(|absent| absent.path == path && (method.is_empty() || absent.method == method));
        let is_elsewhere = absent.is_some_and(|absent| !SERVERS.contains(&absent.server) || !absent.why.is_empty());
        assert_ne!(
            served(method, path),
            is_elsewhere,
            "{method} {path} must be served, or belong to a server that is not there, and not both"
        );
    }
    for absent in ABSENT {
        let is_named = named.contains(&Named { method: absent.method.to_owned(), path: absent.path.to_owned() });
        assert!(is_named, "{} {} is in no design document", absent.method, absent.path);
    }
}

/// Every alias of every server, with what it stands for.
#[tokio::test]
async fn aliases_are_sound() {
    let data = tempfile::tempdir().unwrap();
    let foundation = Foundation::lay(&Settings::default(), data.path().to_owned(), Clock::system()).unwrap();
    let mut taken = BTreeMap::new();
    for entry in [mcp_ghl::SERVER] {
        let mut config = Config::load(&[entry.default_config], None).unwrap();
        let server = Arc::new((entry.build)(&foundation, &mut config).unwrap());
        let tools: &Registry = &server.tools;
        for alias in server.aliases {
            let place = (format!("{:?}", alias.method), alias.path);
            assert_eq!(taken.insert(place, entry.name), None, "{} is taken twice", alias.path);
            let tool = tools.definition(alias.tool).unwrap_or_else(|| panic!("{} names no tool", alias.path));
            let properties = &tool.input_schema["properties"];
            for outside in alias.parameters().chain(alias.renamed.iter().map(|(outside, _)| *outside)) {
                assert!(properties[alias.argument(outside)].is_object(), "{}: `{outside}` is no argument", alias.path);
            }
            let reads = tool.annotations.and_then(|annotations| annotations.read_only_hint) == Some(true);
            assert!(reads || alias.method != AliasMethod::Get, "{}: a link could change something", alias.path);
        }
    }
}

#[tokio::test]
async fn leads_are_contacts() {
    let door = Door::open("").await;
    let json = [("Content-Type", "application/json")];
    let lead = r#"{"location": "gym", "email": "lead@example.com", "first_name": "Lee"}"#;
    let created = door.send("POST", "/api/leads", &json, lead).await;
    assert_eq!((created.status, &created.json()["created"]), (200, &json!(true)), "{created:?}");
    let id = created.json()["contact"]["id"].as_str().unwrap().to_owned();
    let read = door.send("GET", &format!("/api/contacts/{id}?location=gym&notes_limit=1&include=notes"), &[], "").await;
    assert_eq!((read.status, &read.json()["contact"]["email"]), (200, &json!("lead@example.com")), "{read:?}");
    let path = format!("/api/leads/{id}");
    let renamed = door.send("PUT", &path, &json, r#"{"location": "gym", "email": "lee@example.com"}"#).await;
    assert_eq!((renamed.status, &renamed.json()["changed"]), (200, &json!(["email"])), "{renamed:?}");
    let unapproved = door.send("DELETE", &format!("{path}?location=gym"), &[], "").await;
    assert_eq!(unapproved.json()["error"]["code"], "approval_required", "{unapproved:?}");
    let moved = door
        .send("POST", "/update-stage?location=gym&email=lee@example.com&new_tag=stage_call_no_show", &json, "")
        .await;
    assert_eq!((moved.status, &moved.json()["added"]), (200, &json!(["stage_call_no_show"])), "{moved:?}");
    let found = door.send("GET", "/api/leads?location=gym&limit=2", &[], "").await;
    assert_eq!((found.status, found.json()["items"].as_array().map(Vec::len)), (200, Some(2)), "{found:?}");
    let wrong = door.send("GET", "/api/leads?location=gym&limit=two&colour=red", &[], "").await.json();
    assert_eq!(wrong["error"]["details"]["faults"].as_array().map(Vec::len), Some(2), "{wrong}");
}
