use mcp_ghl::catalogue::Catalogue;
use mcp_ghl::catalogue::search::{Index, Wanted};
use serde_json::{Value, json};

use crate::bench::{Bench, NOBODY};

const PRACTICE: &str = include_str!("operations/queries.practice.tsv");
const HELD_OUT: &str = include_str!("operations/queries.held_out.tsv");

/// A question, and the ids of which each is a right answer.
fn questions(text: &'static str) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let (question, ids) = line.split_once('\t').expect("a question and its answers");
        (question, ids.split(',').collect())
    })
}

/// The share of questions with a right answer among the first 1 and the first 5, in percent. The questions that fail
/// are named only on demand: whoever builds the search should not learn them by heart.
fn recall(name: &str, text: &'static str) -> (f64, f64) {
    let catalogue = Catalogue::embedded().expect("the catalogue can be read");
    let began = std::time::Instant::now();
    let index = Index::over(catalogue);
    let built = began.elapsed();
    let (mut all, mut first, mut among_five) = (0_u32, 0_u32, 0_u32);
    let began = std::time::Instant::now();
    for (question, ids) in questions(text) {
        let found = index.search(catalogue, &Wanted::text(question));
        let rank = found.iter().position(|operation| ids.contains(&&*operation.id));
        all += 1;
        first += u32::from(rank == Some(0));
        among_five += u32::from(rank.is_some());
        if rank.is_none() && std::env::var_os("LUMINAR_SHOW_MISSES").is_some() {
            println!("missed: {question}");
        }
    }
    let per_question = began.elapsed() / all;
    let percent = |count: u32| 100.0 * f64::from(count) / f64::from(all);
    println!(
        "{name}: {all} questions, recall@1 {:.1} %, recall@5 {:.1} %; index built in {built:?}, {per_question:?} a question",
        percent(first),
        percent(among_five)
    );
    (percent(first), percent(among_five))
}

#[test]
fn questions_that_nobody_tuned_the_search_on_find_their_operation() {
    let (first, among_five) = recall("held out", HELD_OUT);
    assert!(among_five >= 97.0, "recall@5 {among_five:.1} %, wanted 97 %");
    assert!(first >= 80.0, "recall@1 {first:.1} %, wanted 80 %");
}

#[test]
fn questions_for_practice_find_their_operation() {
    let (first, among_five) = recall("practice", PRACTICE);
    assert!(among_five >= 97.0 && first >= 80.0);
}

#[tokio::test]
async fn a_row_says_all_that_it_takes_to_call_the_operation() {
    let bench = Bench::new().await;
    let found = bench.call("find_operation", json!({"query": "void an invoice", "limit": 1})).await;
    let row = &found["items"][0];
    assert_eq!(row["id"], "invoices.void-invoice");
    assert_eq!(row["access"], "destroy");
    let arguments = row["arguments"].as_str().expect("a signature");
    assert!(arguments.starts_with("{invoiceId"), "{arguments}");
    for filled in ["altId", "altType", "locationId"] {
        assert!(!arguments.contains(filled), "{filled} is filled in: {arguments}");
    }
    assert!(row["summary"].as_str().is_some_and(|summary| summary.len() > 5));
}

#[tokio::test]
async fn a_tool_that_does_the_same_is_named() {
    let bench = Bench::new().await;
    let found = bench.call("find_operation", json!({"query": "add a note to a contact", "family": "contacts"})).await;
    let row = &found["items"][0];
    assert_eq!((&row["id"], &row["tool"]), (&json!("contacts.create-note"), &json!("add_note")));
    assert_eq!(row["note"], Value::Null, "it is shown at first");
}

#[tokio::test]
async fn families_and_kinds_narrow_the_search() {
    let bench = Bench::new().await;
    let ids = |found: &Value| -> Vec<String> {
        let items = found["items"].as_array().expect("rows").iter();
        items.map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
    };
    let arguments = json!({"query": "delete a contact", "family": "contacts", "kind": "write", "limit": 20});
    let found = bench.call("find_operation", arguments).await;
    assert_eq!(ids(&found)[0], "contacts.delete-contact");
    assert!(ids(&found).iter().all(|id| id.starts_with("contacts.")), "{found}");
    assert!(found["items"].as_array().expect("rows").iter().all(|row| row["access"] != "read"), "{found}");
    let found = bench.call("find_operation", json!({"query": "contact", "kind": "read"})).await;
    assert!(found["items"].as_array().expect("rows").iter().all(|row| row["access"] == "read"), "{found}");
    assert_eq!(ids(&found).len(), 5);
    let refused = bench.refused("find_operation", json!({"query": "contact", "family": "kontakts"})).await;
    assert_eq!(refused.code(), "not_found");
    assert!(refused.text.contains("contacts"), "{refused:?}");
}

#[tokio::test]
async fn slips_of_the_finger_are_forgiven_and_nonsense_finds_nothing() {
    let bench = Bench::new().await;
    let found = bench.call("find_operation", json!({"query": "lsit oportunity pipelins"})).await;
    assert_eq!(found["items"][0]["id"], "opportunities.get-pipelines");
    let found = bench.call("find_operation", json!({"query": "zzqx the of"})).await;
    assert_eq!(found["items"], json!([]));
}

#[tokio::test]
async fn who_has_connected_nothing_may_look_around() {
    let bench = Bench::new().await;
    let found = bench.call_as(NOBODY, "find_operation", json!({"query": "contacts"})).await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(5));
    let refused = bench.refused_as(NOBODY, "call_read_operation", json!({"operation": "workflows.get-workflow"})).await;
    assert_eq!(refused.code(), "failed_precondition");
}

#[tokio::test]
async fn a_long_signature_is_cut_among_others_and_whole_alone() {
    let bench = Bench::new().await;
    let mut arguments = json!({"query": "update an invoice", "family": "invoices", "limit": 5});
    let among = bench.call("find_operation", arguments.clone()).await;
    arguments["limit"] = json!(1);
    let alone = bench.call("find_operation", arguments).await;
    let (among, alone) = (&among["items"][0], &alone["items"][0]);
    assert_eq!(among["id"], alone["id"]);
    let length = |row: &Value| row["arguments"].as_str().expect("a signature").len();
    assert!(among["cut"] == true && alone.get("cut").is_none(), "{among}");
    assert!(length(among) < length(alone));
    let required = "invoiceId";
    assert!(among["arguments"].as_str().expect("a signature").contains(required), "{among}");
}

#[tokio::test]
async fn rows_are_short() {
    let bench = Bench::new().await;
    let tokenizer = tiktoken_rs::o200k_base().expect("the vocabulary is built in");
    let mut rows = Vec::new();
    for (question, _) in questions(PRACTICE) {
        let found = bench.call("find_operation", json!({"query": question})).await;
        rows.extend(
            found["items"]
                .as_array()
                .expect("rows")
                .iter()
                .map(|row| tokenizer.encode_ordinary(&row.to_string()).len()),
        );
    }
    rows.sort_unstable();
    let (median, ninth) = (rows[rows.len() / 2], rows[rows.len() * 9 / 10]);
    println!("{} rows: median {median} tokens, nine in ten at most {ninth}, longest {:?}", rows.len(), rows.last());
    assert!(median <= 150, "{median} tokens");
}

/// What clients show to a model of all three tools: name, title, description and input schema.
#[tokio::test]
async fn three_short_definitions_reach_every_operation() {
    let bench = Bench::new().await;
    let tokenizer = tiktoken_rs::o200k_base().expect("the vocabulary is built in");
    let mut all = 0;
    for tool in ["find_operation", "call_read_operation", "call_write_operation"] {
        let definition = serde_json::to_value(bench.server.tools.definition(tool).expect("the tool")).expect("JSON");
        let shown: Value = ["name", "title", "description", "inputSchema"]
            .into_iter()
            .map(|key| (key.to_owned(), definition[key].clone()))
            .collect::<serde_json::Map<String, Value>>()
            .into();
        let tokens = tokenizer.encode_ordinary(&shown.to_string()).len();
        println!("{tool}: {tokens} tokens");
        all += tokens;
    }
    assert!(all <= 700, "{all} tokens");
}
