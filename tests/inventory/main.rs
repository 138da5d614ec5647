//! The tool definitions as they are sent: their form, their cost, and a snapshot of each, so that no change goes unseen.

mod rules;
mod threat_model;
mod tokens;

use std::path::Path;

use serde_json::{Value, json};
use tests::{definitions, oracles};

/// Tools in the default list of one server.
const TOOLS_MAX: usize = 20;

/// Tokens of the definitions that mcp-ghl shows at first.
const GHL_TOKENS_MAX: usize = 6_000;

/// Tokens of the definitions of all its toolsets.
const GHL_TOKENS_OF_ALL_MAX: usize = 13_000;

/// Tokens of the definitions of mcp-orchestrator, all of which it shows.
const ORCHESTRATOR_TOKENS_MAX: usize = 4_000;

/// Tokens of the definitions of mcp-analytics, all of which it shows.
const ANALYTICS_TOKENS_MAX: usize = 4_000;

/// Median tokens of one definition.
const TOKENS_PER_TOOL_MEDIAN_MAX: usize = 200;

#[tokio::test]
async fn ghl_definitions_keep_the_rules() {
    let usual = definitions::of("mcp-ghl").await;
    assert!(!usual.is_empty() && usual.len() <= TOOLS_MAX, "{} tools, wanted 1 to {TOOLS_MAX}", usual.len());
    let tools = definitions::of_all_toolsets("mcp-ghl").await;
    let found = tools
        .iter()
        .flat_map(|tool| rules::violations(tool).into_iter().map(|violation| format!("{}: {violation}", tool["name"])));
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[tokio::test]
async fn orchestrator_definitions_keep_the_rules_and_the_budget() {
    check_whole("mcp-orchestrator", ORCHESTRATOR_TOKENS_MAX).await;
}

#[tokio::test]
async fn analytics_definitions_keep_the_rules_and_the_budget() {
    check_whole("mcp-analytics", ANALYTICS_TOKENS_MAX).await;
}

/// A server that shows everything it has.
async fn check_whole(program: &str, tokens_max: usize) {
    let tools = definitions::of_all_toolsets(program).await;
    let usual = definitions::of(program).await;
    assert!(!usual.is_empty() && usual.len() <= TOOLS_MAX, "{} tools, wanted 1 to {TOOLS_MAX}", usual.len());
    let found: Vec<String> = tools
        .iter()
        .flat_map(|tool| rules::violations(tool).into_iter().map(|violation| format!("{}: {violation}", tool["name"])))
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    check_budget(program, &tools, tokens_max);
}

#[tokio::test]
async fn orchestrator_definitions_are_as_reviewed() {
    check_snapshots("mcp-orchestrator").await;
}

#[tokio::test]
async fn analytics_definitions_are_as_reviewed() {
    check_snapshots("mcp-analytics").await;
}

#[tokio::test]
async fn ghl_definitions_keep_the_budget() {
    check_budget("all toolsets", &definitions::of_all_toolsets("mcp-ghl").await, GHL_TOKENS_OF_ALL_MAX);
    check_budget("at first", &definitions::of("mcp-ghl").await, GHL_TOKENS_MAX);
}

fn check_budget(name: &str, tools: &[Value], tokens_max: usize) {
    let costs = tokens::costs(tools);
    for cost in &costs {
        println!("{:<28} {:>5} tokens, output schema {:>5}", cost.name, cost.shown, cost.output);
    }
    let bill = tokens::bill(&costs);
    println!(
        "{name}: {} tools, {} tokens, median {}, output schemas {}",
        bill.tools, bill.total, bill.median, bill.output
    );
    assert!(bill.total <= tokens_max, "{name}: {} tokens, wanted {tokens_max}", bill.total);
    assert!(bill.median <= TOKENS_PER_TOOL_MEDIAN_MAX, "{name}: median {}", bill.median);
}

#[tokio::test]
async fn ghl_definitions_are_as_reviewed() {
    check_snapshots("mcp-ghl").await;
}

/// The words that a table has for what a tool may do to the world.
const ACCESS_WORDS: [&str; 5] = ["read", "write", "send", "destroy", "spend"];

/// The tables of tools name each tool in its place, with what it may do to the world, and nothing that is not there: the
/// suite's those that are shown at first, the server's own all of them, with a mark at those.
#[tokio::test]
async fn the_readmes_list_the_tools() {
    let usual = definitions::of("mcp-ghl").await;
    let all = definitions::of_all_toolsets("mcp-ghl").await;
    let is_usual = |row: &[String]| usual.iter().any(|tool| tool["name"] == *row[1]);
    assert_eq!(listed("README.md").iter().map(|row| shown(row)).collect::<Vec<_>>(), there(&usual), "README.md");
    let rows = listed("mcp-ghl/README.md");
    assert_eq!(rows.iter().map(|row| shown(row)).collect::<Vec<_>>(), there(&all), "mcp-ghl/README.md");
    let wrong: Vec<_> = rows.iter().filter(|row| is_usual(row) != row.contains(&"yes".to_owned())).collect();
    assert!(wrong.is_empty(), "mcp-ghl/README.md, shown at first: {wrong:?}");
    for program in ["mcp-orchestrator", "mcp-analytics"] {
        let all = definitions::of_all_toolsets(program).await;
        let readme = format!("{program}/README.md");
        let rows = listed(&readme);
        assert_eq!(rows.iter().map(|row| shown(row)).collect::<Vec<_>>(), there(&all), "{readme}");
    }
}

/// The rows of a README that are about tools, cell by cell.
fn listed(file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(oracles::workspace().join(file)).expect("the README is there");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
    // Rows begin with a name in code; other tables may have a word of access in their first column.
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.filter(|row: &Vec<String>| row.len() > 4 && row.iter().any(|cell| ACCESS_WORDS.contains(&&**cell))).collect()
}

/// Name, and whether it only reads.
fn shown(row: &[String]) -> (&str, bool) {
    (&row[1], row.contains(&"read".to_owned()))
}

/// The same of definitions.
fn there(tools: &[Value]) -> Vec<(&str, bool)> {
    let is_read = |tool: &Value| tool["annotations"]["readOnlyHint"].as_bool().unwrap_or_default();
    tools.iter().map(|tool| (tool["name"].as_str().unwrap_or_default(), is_read(tool))).collect()
}

/// Compares every definition with its snapshot, and every snapshot with the list.
async fn check_snapshots(program: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/snapshots").join(program);
    let tools = definitions::of_all_toolsets(program).await;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = |tool: &Value| tool["name"].as_str().unwrap_or_default().to_owned();
    settings.bind(|| {
        for tool in &tools {
            insta::assert_json_snapshot!(name(tool), tool);
        }
    });
    let wanted: Vec<String> = tools.iter().map(|tool| format!("{}.snap", name(tool))).collect();
    let entries = folder.read_dir().expect("there are snapshots").map(|entry| entry.unwrap().file_name());
    let stale: Vec<_> = entries.filter(|file| !wanted.contains(&file.to_string_lossy().into_owned())).collect();
    assert!(stale.is_empty(), "snapshots of tools that are not listed: {stale:?}");
}

/// Each rule is shown a definition that breaks it.
#[test]
fn every_rule_bites() {
    let good = json!({
        "name": "get_contact",
        "title": "Get contact",
        "description": "One contact by id.",
        "inputSchema": {"type": "object", "properties": {"id": {"type": "string", "description": "Its id."}}},
        "outputSchema": {"type": "object", "properties": {"name": {"type": "string", "description": "Its name."}}},
        "annotations": {"readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": true},
    });
    assert_eq!(rules::violations(&good), Vec::<String>::new());
    let long = "x".repeat(1_025);
    let cases: &[(&str, &str, Value)] = &[
        ("no noun", "/name", json!("contact")),
        ("capitals", "/name", json!("getContact_now")),
        ("a long name", "/name", json!(format!("get_{}", "x".repeat(61)))),
        ("no title", "/title", json!("")),
        ("no description", "/description", json!("")),
        ("a long description", "/description", json!(long)),
        ("a missing annotation", "/annotations/openWorldHint", json!(null)),
        ("no output schema", "/outputSchema/type", json!(null)),
        ("a property without description", "/inputSchema/properties/id", json!({"type": "string"})),
        ("an output without description", "/outputSchema/properties/name", json!({"type": "string"})),
        ("a list of types", "/inputSchema/properties/id/type", json!(["string", "null"])),
        ("a reference", "/inputSchema/properties/id", json!({"$ref": "#/x", "description": "Its id."})),
        ("definitions", "/inputSchema/$defs", json!({})),
        ("a schema's address", "/inputSchema/$schema", json!("https://json-schema.org/draft/2020-12/schema")),
        ("an unknown format", "/inputSchema/properties/id/format", json!("uint8")),
        ("a null default", "/inputSchema/properties/id/default", json!(null)),
        ("a fault in an item", "/inputSchema/properties/id/items", json!({"type": ["string", "null"]})),
        ("a combinator on top", "/inputSchema/anyOf", json!([])),
    ];
    for (name, place, value) in cases {
        let mut bad = good.clone();
        let (parent, key) = place.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap()[key] = value.clone();
        assert_eq!(rules::violations(&bad).len(), 1, "{name}: {:?}", rules::violations(&bad));
    }
}

#[test]
fn tokens_are_counted_over_what_is_shown() {
    let tool =
        |description: &str| json!({"name": "get_x", "title": "X", "description": description, "inputSchema": {}});
    let costs = tokens::costs(&[tool("one"), tool("one two three four five six seven eight nine ten")]);
    assert!(costs[0].shown > 5 && costs[1].shown >= costs[0].shown + 9);
    assert_eq!(tokens::bill(&costs).total, costs[0].shown + costs[1].shown);
}
