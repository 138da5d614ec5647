//! docs/threat-model.md names the test behind each of its promises; a name that nothing answers to is a promise that
//! nobody keeps.

use std::collections::BTreeSet;
use std::path::Path;

use tests::oracles;

/// Where its tests are.
const FOLDERS: [&str; 4] = ["tests", "common/src", "mcp-ghl/src", "mcp-analytics/src"];

/// What stands in backticks in the last column of a table, and is a name.
fn tests_named(text: &str) -> BTreeSet<&str> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let last_columns = rows.filter_map(|row| row.trim_end().strip_suffix('|')?.rsplit('|').next());
    last_columns.flat_map(|column| column.split('`').skip(1).step_by(2)).collect()
}

/// The names of all functions in a text of Rust, also of those in its comments: close enough, and simple.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |letter: char| letter != '_' && !letter.is_ascii_alphanumeric();
    text.split("fn ").skip(1).filter_map(move |rest| rest.split(is_end).next())
}

fn missing<'text>(document: &'text str, sources: &[String]) -> Vec<&'text str> {
    let there: BTreeSet<&str> = sources.iter().flat_map(|source| functions(source)).collect();
    tests_named(document).into_iter().filter(|name| !there.contains(name)).collect()
}

fn read_folder(folder: &Path, sources: &mut Vec<String>) {
    for entry in folder.read_dir().expect("the folder is readable").map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != "node_modules" {
            read_folder(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(std::fs::read_to_string(&path).expect("the file is text"));
        }
    }
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let document = std::fs::read_to_string(oracles::workspace().join("docs/threat-model.md")).expect("it is there");
    let mut sources = Vec::new();
    for folder in FOLDERS {
        read_folder(&oracles::workspace().join(folder), &mut sources);
    }
    assert!(tests_named(&document).len() >= 50, "its tables name tests: {:?}", tests_named(&document));
    assert_eq!(missing(&document, &sources), Vec::<&str>::new(), "named, and not there");
}

#[test]
fn a_test_that_is_not_there_would_be_found() {
    let document =
        "Text with `a_word`.\n| tries | `a_setting` | `it_is_refused`, `nobody_wrote_this`; *not tested* |\n";
    let there = "async fn it_is_refused() {}\nfn nobody_wrote_this_one() {}".to_owned();
    assert_eq!(missing(document, &[there]), ["nobody_wrote_this"]);
    let there = "pub(crate) fn it_is_refused<T>() { fn nobody_wrote_this() {} }".to_owned();
    assert_eq!(missing(document, &[there]), Vec::<&str>::new());
}
