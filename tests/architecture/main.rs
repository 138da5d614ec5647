//! ARCHITECTURE.md, section 3, as tests: what may name what, how long files are and how they are called.

mod circles;
mod floors;
mod rules;
mod source;

use source::Source;
use tests::oracles;

#[test]
fn every_file_keeps_the_rules() {
    let sources = source::read_all(oracles::workspace());
    let mut found: Vec<String> = sources.iter().flat_map(rules::violations).collect();
    found.extend(floors::violations(&sources));
    found.extend(circles::violations(&sources));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn most_files_are_short() {
    let mut lines: Vec<usize> = source::read_all(oracles::workspace()).iter().map(|source| source.lines).collect();
    lines.sort_unstable();
    let [median, most] = [50, 90].map(|percent| lines[(lines.len() - 1) * percent / 100]);
    assert!(median <= 120 && most <= 300, "median {median}, 9 in 10 up to {most} lines; wanted 120 and 300");
}

/// Each rule is shown a file that breaks it and one that does not.
#[test]
fn every_rule_bites_and_only_where_it_should() {
    let cases: &[(&str, &str, &str, usize)] = &[
        ("sqlx outside of a store", "mcp-ghl/src/client.rs", "use sqlx::Any;", 1),
        ("sqlx in a store", "mcp-ghl/src/store/contact.rs", "use sqlx::Any;", 0),
        ("a file that only begins like a store", "mcp-ghl/src/storey.rs", "use sqlx::Any;", 1),
        ("rmcp in a group", "common/src/audit.rs", "use {rmcp::model::Tool, std::fmt};", 1),
        ("rmcp in the transport", "common/src/transport/stdio.rs", "use rmcp::model::Tool;", 0),
        ("reqwest without an import", "common/src/auth.rs", "fn ask() { let _ = reqwest::get(\"x\"); }", 1),
        ("axum in a tool", "mcp-ghl/src/tools/get_x.rs", "use axum::Router; const N: &str = \"get_x\";", 1),
        ("axum in a door", "mcp-ghl/src/door.rs", "use axum::Router;", 0),
        ("the environment", "mcp-ghl/src/client.rs", "fn home() { let _ = std::env::var(\"HOME\"); }", 1),
        ("a forged caller", "mcp-ghl/src/demo.rs", "use common::auth::Caller; fn f() { Caller::local(); }", 1),
        ("untyped JSON, renamed", "mcp-ghl/src/client.rs", "use serde_json::Value as Json;", 1),
        ("another server", "mcp-ghl/src/client.rs", "use mcp_analytics::dataset;", 1),
        ("its own server", "mcp-ghl/src/main.rs", "fn main() { mcp_ghl::build(); }", 0),
        ("the suite may name servers", "src/main.rs", "fn main() { mcp_ghl::build(); }", 0),
        ("another tool", "mcp-ghl/src/tools/get_x.rs", "use crate::tools::get_y::Y; const N: &str = \"get_x\";", 1),
        ("another tool, nearby", "mcp-ghl/src/tools/get_x.rs", "use super::get_y::Y; const N: &str = \"get_x\";", 1),
        ("the list of tools", "mcp-ghl/src/tools/get_x.rs", "use crate::tools::toolset; const N: &str = \"get_x\";", 0),
        ("the list's own file", "mcp-ghl/src/tools/typed.rs", "use super::get_y::Y;", 0),
        (
            "untyped JSON in a tool",
            "mcp-ghl/src/tools/get_x.rs",
            "use serde_json::Value; const N: &str = \"get_x\";",
            1,
        ),
        (
            "operations of any shape",
            "mcp-ghl/src/operations/check.rs",
            "use {serde_json::Value, crate::deps::Deps};",
            0,
        ),
        ("a noun that calls operations", "mcp-ghl/src/contact.rs", "use crate::operations::Ready;", 1),
        ("a tool of another name", "mcp-ghl/src/tools/get_x.rs", "const N: &str = \"get_y\";", 1),
        ("a noun that knows a store", "mcp-ghl/src/contact.rs", "use crate::store::contact;", 1),
        ("a noun that knows the database", "mcp-ghl/src/contact.rs", "use common::db::Db;", 1),
        (
            "a noun that knows words and nouns",
            "mcp-ghl/src/contact.rs",
            "use {common::error::Error, crate::tag::Tag};",
            0,
        ),
        ("a banned name", "common/src/http/helpers.rs", "", 1),
        ("mod.rs", "common/src/http/mod.rs", "", 1),
        ("test code is free", "common/src/http.rs", "#[cfg(test)] mod tests { use sqlx::Any; }", 0),
    ];
    for (name, path, text, wanted) in cases {
        let found = rules::violations(&Source::parse(path, text));
        assert_eq!(found.len(), *wanted, "{name}: {found:?}");
    }
    let long = Source::parse("common/src/http.rs", &"\n".repeat(501));
    assert_eq!(rules::violations(&long).len(), 1);
}

fn house(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source::parse(path, text)).collect()
}

#[test]
fn floors_refuse_arrows_up_and_modules_without_a_floor() {
    let found = |path: &str, text: &str| floors::violations(&house(&[(path, text)]));
    assert!(found("common/src/tool.rs", "use crate::{audit::Log, error::Error};").is_empty());
    assert_eq!(found("common/src/http/retry.rs", "use crate::tool::Tool;").len(), 1, "an arrow up");
    assert_eq!(found("common/src/attic.rs", "").len(), 1, "a module without a floor");
}

#[test]
fn circles_are_found_among_files_and_among_rooms() {
    let found = |files: &[(&str, &str)]| circles::violations(&house(files));
    let pair = [("mcp-x/src/a.rs", "use crate::b::B;"), ("mcp-x/src/b.rs", "fn f() { crate::a::g(); }")];
    assert_eq!(
        found(&pair),
        ["a circle of files: mcp-x/src/a.rs → mcp-x/src/b.rs → mcp-x/src/a.rs", "mcp-x: a circle: a → b → a"],
    );
    let siblings = [
        ("mcp-x/src/a/b.rs", "use super::c::C;"),
        ("mcp-x/src/a/c.rs", "use crate::a::d;"),
        ("mcp-x/src/a/d.rs", "use super::b;"),
    ];
    assert_eq!(found(&siblings).len(), 1, "three private rooms of one face");
    let through_a_face = [("mcp-x/src/a.rs", "pub use b::B;"), ("mcp-x/src/a/b.rs", ""), ("mcp-x/src/a/c.rs", "")];
    assert!(found(&through_a_face).is_empty(), "a face names its rooms");
    let by_its_face = [("mcp-x/src/a.rs", "pub use b::B;"), ("mcp-x/src/a/b.rs", "use super::A;")];
    assert!(found(&by_its_face).is_empty(), "a room uses the words of its face");
    let behind_the_face = [
        ("mcp-x/src/a.rs", "pub use b::B;"),
        ("mcp-x/src/a/b.rs", "use crate::c::C;"),
        ("mcp-x/src/c.rs", "use crate::a::A;"),
    ];
    assert_eq!(found(&behind_the_face).len(), 2, "round through a face's room, of files and of rooms");
    let of_rooms = [
        ("mcp-x/src/a/one.rs", "use crate::b::one;"),
        ("mcp-x/src/b/two.rs", "use crate::a::two;"),
        ("mcp-x/src/a/two.rs", ""),
        ("mcp-x/src/b/one.rs", ""),
    ];
    assert_eq!(found(&of_rooms), ["mcp-x: a circle: a → b → a"], "no file is in a circle, yet the rooms are");
    let of_tests =
        [("mcp-x/src/a.rs", "#[cfg(test)] mod tests { use crate::b::B; }"), ("mcp-x/src/b.rs", "use crate::a;")];
    assert!(found(&of_tests).is_empty(), "test code is free");
}
