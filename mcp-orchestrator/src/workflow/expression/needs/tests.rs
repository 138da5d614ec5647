//! What expressions look at, each with what is told of it.

use jaq_core::load::Lexer;
use jaq_core::load::parse::Parser;
use serde_json::{Value, json};

use super::*;

fn shown(needed: &Needed) -> Value {
    match needed {
        Needed::All => json!("all"),
        Needed::Fields(fields) => fields.iter().map(|(name, field)| (name.clone(), shown(field))).collect(),
    }
}

#[test]
fn what_is_looked_at_is_told() {
    for (code, dot) in [
        (".a.b == \"x\"", json!({"a": {"b": "all"}})),
        (".a.b and .a.c.d", json!({"a": {"b": "all", "c": {"d": "all"}}})),
        (".a | .b", json!({"a": {"b": "all"}})),
        (".a | (.b == 1 and .c.d)", json!({"a": {"b": "all", "c": {"d": "all"}}})),
        (".a | .b | .c", json!({"a": {"b": {"c": "all"}}})),
        (".a | length", json!({"a": "all"})),
        (".a | 1", json!({"a": {}})),
        (".a | map(.b)", json!({"a": "all"})),
        ("(.a | .b), .a.c", json!({"a": {"b": "all", "c": "all"}})),
        (". | .a", json!({"a": "all"})),
        (".a[0] | .b", json!({"a": "all"})),
        ("{a, b: .c}", json!({"a": "all", "c": "all"})),
        (".a = 1", json!("all")),
        (".a |= . + 1", json!("all")),
        ("if .a then .b end", json!("all")),
        ("if .a then .b else 1 end", json!({"a": "all", "b": "all"})),
        ("\"x\\(.a.b)\"", json!({"a": {"b": "all"}})),
        (".a[.i].c", json!({"a": "all", "i": "all"})),
        (".a[]?.c", json!({"a": "all"})),
        ("length", json!("all")),
        ("any(.a[]; .)", json!("all")),
        ("any(.a[]; .b)", json!({"a": "all", "b": "all"})),
        ("any(.b)", json!("all")),
        ("first", json!("all")),
        ("first(.a[])", json!({"a": "all"})),
        ("reduce .a[] as $x (.n; . + $x)", json!({"a": "all", "n": "all"})),
        (".a as {(.k): $x} | $x", json!("all")),
        (".a as {k: $x} | $x", json!({"a": "all"})),
        ("try .a catch .", json!({"a": "all"})),
        ("[.a, .b] | add", json!({"a": "all", "b": "all"})),
        ("1 + 1", json!({})),
        ("..", json!("all")),
        ("{$x}", json!({})),
        ("{\"a b\"}", json!({"a b": "all"})),
        ("{\"a\\(.k)\"}", json!("all")),
    ] {
        let tokens = Lexer::new(code).lex().expect(code);
        let term = Parser::new(&tokens).parse(Parser::term).expect(code);
        assert_eq!(shown(&Needs::of(&term).dot), dot, "{code}");
    }
}
