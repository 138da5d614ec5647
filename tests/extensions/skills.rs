//! The playbooks that the built program serves, read as a client reads them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::definitions;
use tests::stdio::Server;

/// First words of tools' names (STYLE.md, names).
const VERBS: [&str; 20] = [
    "add", "book", "bulk", "call", "check", "create", "delete", "enroll", "find", "get", "list", "move", "save",
    "schedule", "search", "send", "set", "undo", "update", "upsert",
];

/// Every file of every skill, with its address.
async fn files(program: &str) -> Vec<(String, String)> {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(program, data.path(), &[]);
    server.initialize().await;
    let list = server.call("skills/list", json!({})).await;
    let mut files = Vec::new();
    for skill in list["result"]["skills"].as_array().expect("a list of skills") {
        for piece in skill["resources"].as_array().expect("its files") {
            let uri = piece["uri"].as_str().unwrap().to_owned();
            let read = server.call("resources/read", json!({"uri": uri})).await;
            let text = read["result"]["contents"][0]["text"].as_str().unwrap_or_else(|| panic!("{uri}: {read}"));
            files.push((uri.clone(), text.to_owned()));
        }
    }
    files
}

/// What stands in backticks and looks like a tool.
fn tools_named(text: &str) -> BTreeSet<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_tool = |word: &&str| {
        let is_name = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        is_name && word.split_once('_').is_some_and(|(verb, _)| VERBS.contains(&verb))
    };
    quoted.filter(is_tool).collect()
}

#[tokio::test]
async fn every_tool_that_a_playbook_names_is_there() {
    let tools = definitions::of_all_toolsets("mcp-ghl").await;
    let there: BTreeSet<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    let files = files("mcp-ghl").await;
    let named: BTreeSet<&str> = files.iter().flat_map(|(_, text)| tools_named(text)).collect();
    assert!(named.len() >= 5, "the playbooks name tools: {named:?}");
    let missing: Vec<_> = named.difference(&there).collect();
    assert!(missing.is_empty(), "named, and not there: {missing:?}");
}

#[test]
fn a_tool_that_is_not_there_would_be_found() {
    let text = "Call `send_carrier_pigeon`, then read `created` and `src_paid`; see ` get_up `.";
    assert_eq!(tools_named(text), BTreeSet::from(["send_carrier_pigeon"]));
}

#[tokio::test]
async fn links_between_the_files_of_a_skill_lead_somewhere() {
    let files = files("mcp-ghl").await;
    let addresses: BTreeSet<&str> = files.iter().map(|(uri, _)| uri.as_str()).collect();
    let mut links = 0;
    for (uri, text) in &files {
        let folder = uri.rsplit_once('/').unwrap().0;
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            assert!(addresses.contains(format!("{folder}/{link}").as_str()), "{uri}: {link}");
            links += 1;
        }
    }
    assert!(links > 0, "no link was looked at");
}

#[tokio::test]
async fn a_skill_is_listed_among_the_resources_under_its_own_name() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start("mcp-ghl", data.path(), &[]);
    server.initialize().await;
    let listed = server.call("resources/list", json!({})).await;
    let resources: &Vec<Value> = listed["result"]["resources"].as_array().unwrap();
    let skill = resources.iter().find(|resource| resource["uri"] == "skill://lead-intake/SKILL.md").unwrap();
    assert_eq!((&skill["name"], &skill["mimeType"]), (&json!("lead-intake"), &json!("text/markdown")));
}
