mod hostile;
mod random;

use serde_json::{Value, json};

use super::{Scope, Template};

fn worked_out(code: &str, dot: &Value) -> Result<Value, String> {
    let template = Template::compile_jq(code, &[]).map_err(|error| error.to_string())?;
    template.render(Scope { dot, bound: &[] }).map_err(|error| error.to_string())
}

#[test]
fn jq_does_what_jq_does() {
    let dot = json!({"a": {"b": "x"}, "n": [3, 1, 2], "s": "Köln am Rhein", "t": true});
    for (code, expected) in [
        (".a.b == \"x\"", json!(true)),
        (".n | sort", json!([1, 2, 3])),
        ("[1, [2, [3, [4]]]] | flatten(2)", json!([1, 2, 3, [4]])),
        ("[1, [2, [3]]] | flatten", json!([1, 2, 3])),
        (".n | map(. * 2) | add", json!(12)),
        ("4 / 2", json!(2)),
        ("1 / 4", json!(0.25)),
        (".n[-1]", json!(2)),
        (".n[1:]", json!([1, 2])),
        (".s[0:4]", json!("Köln")),
        (".s | length", json!(13)),
        (".s | test(\"^K.ln\")", json!(true)),
        (".s | split(\" \")", json!(["Köln", "am", "Rhein"])),
        (".s | sub(\"am\"; \"vom\")", json!("Köln vom Rhein")),
        ("[.s | scan(\"[a-z]n\")]", json!(["ln", "in"])),
        ("\"hello \\(.a.b)\"", json!("hello x")),
        (".a + {c: 1}", json!({"b": "x", "c": 1})),
        ("{a} * {a: {c: 2}}", json!({"a": {"b": "x", "c": 2}})),
        (".a.b |= ascii_upcase | .a", json!({"b": "X"})),
        ("del(.a, .n, .s)", json!({"t": true})),
        (".missing.deep", json!(null)),
        ("empty", json!(null)),
        (".n | to_entries | map(.value)", json!([3, 1, 2])),
        ("reduce .n[] as $x (0; . + $x)", json!(6)),
        ("[limit(3; range(10))]", json!([0, 1, 2])),
        ("[.n[] | if . > 1 then \"big\" else \"small\" end]", json!(["big", "small", "big"])),
        ("try error(\"no\") catch .", json!("no")),
        (".a | has(\"b\")", json!(true)),
        (".n | index(2)", json!(2)),
        (".s | indices(\"n\")", json!([3, 12])),
        ("\"2026-01-02T03:04:05Z\" | fromdate", json!(1_767_323_045)),
        ("\"[1,{\\\"a\\\":2}]\" | fromjson", json!([1, {"a": 2}])),
        (".a | tojson", json!("{\"b\":\"x\"}")),
        ("\"12\" | tonumber + 1", json!(13)),
        (".n | group_by(. > 1) | map(length)", json!([1, 2])),
        ("[.n[] as $x | $x + 1]", json!([4, 2, 3])),
        (".new.list[1] = 5 | .new", json!({"list": [null, 5]})),
        ("9223372036854775807 + 1 | . > 9e18", json!(true)),
        ("[paths]| length", json!(8)),
        ("@base64 \"x\\(.a.b)\"", json!("xeA==")),
        (".s | @uri", json!("K%C3%B6ln%20am%20Rhein")),
    ] {
        assert_eq!(worked_out(code, &dot), Ok(expected), "{code}");
    }
}

#[test]
fn templates_are_shared_among_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Template>();
}

#[test]
fn what_is_wrong_is_said() {
    let dot = json!({"a": "text", "n": [1, 2]});
    for (code, said) in [
        (".a.b", "cannot index \"text\" with \"b\""),
        (".n[]", "gives several values"),
        (".a + 1", "cannot calculate \"text\" + 1"),
        ("1 % 0", "cannot calculate 1 % 0"),
        ("error(\"mine\")", "mine"),
        (".a |", "cannot be read at its end"),
        (".a == 'x'", "cannot be read at character 7"),
        ("(.a", "a closing parenthesis"),
        ("now", "`$task.startedAt`"),
        ("env.HOME", "pass values in"),
        ("$ENV", "no variable `$ENV`"),
        ("input", "everything is in `.`"),
        ("lenght", "did you mean `length`?"),
        ("map(.a; .b)", "`map` gets 2 arguments"),
        ("def f: f; f", "defines a function `f`"),
        ("import \"a\" as a; .", "cannot be read"),
        ("hello", "a text stands in double quotes"),
    ] {
        let error = worked_out(code, &dot).expect_err(code);
        assert!(error.contains(said), "{code}: {error}");
    }
}

#[test]
fn the_functions_are_those_of_the_documentation() {
    let page = include_str!("../../../../docs/workflows.md");
    let listed = page.split("<!-- functions -->").nth(1).expect("the list of functions");
    let listed: std::collections::BTreeSet<&str> = listed.split('`').skip(1).step_by(2).collect();
    let mut known = std::collections::BTreeSet::new();
    let signatures: Vec<String> = super::library::signatures()
        .filter(|(name, _)| super::library::is_for_authors(name))
        .map(|(name, arity)| if arity == 0 { name.to_owned() } else { format!("{name}/{arity}") })
        .collect();
    known.extend(signatures.iter().map(String::as_str));
    assert_eq!(listed, known, "{}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" "));
}
