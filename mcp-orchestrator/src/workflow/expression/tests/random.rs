//! Expressions that nobody wrote.

use serde_json::json;

use crate::workflow::expression::{Scope, Template};

const WORDS: &[&str] = &[
    ".",
    "..",
    ".a",
    ".a.b",
    ".[0]",
    ".[]",
    ".[1:]",
    ".[-1]",
    "$x",
    "1",
    "2.5",
    "1e9",
    "\"t\"",
    "\"\\(.a)\"",
    "null",
    "true",
    "empty",
    "error",
    "map(",
    "select(",
    "reduce .[] as $x (",
    "foreach .[] as $x (0;",
    "range(9)",
    "limit(2;",
    "first(",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "{a",
    ":",
    ";",
    ",",
    "|",
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "<",
    "and",
    "or",
    "//",
    "|=",
    "=",
    "+=",
    "?",
    "try",
    "catch",
    "if",
    "then",
    "else",
    "end",
    "as $x |",
    "as [$x] |",
    "as {a: $x} |",
    "label $f |",
    "break $f",
    "not",
    "length",
    "keys",
    "sort",
    "add",
    "paths",
    "tojson",
    "fromjson",
    "recurse",
    "until(. > 9; . + 1)",
    "walk(",
    "del(",
    "to_entries",
    "from_entries",
    "flatten",
    "tostring",
    "@base64",
    "@uri \"\\(.a)\"",
    "ascii",
    "implode",
    "test(\"a\")",
    "gsub(\"a\"; \"b\")",
    "getpath([\"a\"])",
    "splits(\"a\")",
    "limit(3; repeat(.))",
    "input",
    "$__loc__",
    "#",
    "\"",
    "\\(",
    "reverse",
    "floor",
    "infinite",
    "nan",
    "-1",
    "99999999999999999999",
    "group_by(.a)",
    "min_by(.)",
    "has(\"a\")",
    "ltrimstr(\"a\")",
    "fromdate",
    "todate",
    "gmtime",
    "mktime",
    "strftime(\"%Y\")",
    "strptime(\"%Y\")",
    "splits(1)",
    "indices(1)",
    "combinations",
];

#[test]
fn random_expressions_end() {
    let values = [
        json!(null),
        json!({"a": {"b": [1, "x", null]}, "x": "text"}),
        json!([3, 1, {"a": 2}, [4, [5]], "aab"]),
        json!("aXbX"),
        json!(-7.5),
    ];
    // xorshift (Marsaglia 2003).
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut below = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or(0) % most
    };
    let mut compiled = 0;
    for _ in 0..20_000 {
        let mut code = String::new();
        for _ in 0..=below(9) {
            code.push_str(WORDS[below(WORDS.len())]);
            code.push(' ');
        }
        let Ok(template) = Template::compile_jq(&code, &["x"]) else { continue };
        compiled += 1;
        let dot = &values[below(values.len())];
        if let Err(error) = template.render(Scope { dot, bound: &[("x", dot)] }) {
            assert!(!error.message().contains("cannot be worked out"), "{code} on {dot}: {error}");
        }
    }
    assert!(compiled > 1_000, "{compiled}");
}
