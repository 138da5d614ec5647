use serde_json::{Value, json};

use super::{Scope, Template};

/// Half of what a worker of the runtime has.
const STACK_BYTES: usize = 1024 * 1024;

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
fn hostile_expressions_end() {
    let dot = json!({"list": (0..1000).collect::<Vec<_>>(), "text": "a".repeat(10_000)});
    for code in [
        "[range(1e12)]",
        "[repeat(1)]",
        "first(repeat(empty))",
        "until(1 > 2; .)",
        "[recurse(.)]",
        "last(range(infinite))",
        "[limit(1e12; repeat(.))]",
        "\"x\" * 1000000000000",
        "reduce range(100) as $i (\"x\"; . * 2)",
        "reduce range(100) as $i ([0]; . + .)",
        "reduce range(100) as $i (0; [., .])",
        "reduce range(60) as $i (0; [., .]) | tojson",
        "reduce range(60) as $i (0; [., .]) | . == .",
        "reduce range(60) as $i (0; [., .]) | tostring",
        "reduce range(60) as $i (0; [., .]) | error",
        "reduce range(60) as $i (0; [., .]) | [..] | length",
        "reduce range(60) as $i (0; [., .]) | flatten",
        "reduce range(60) as $i (0; {a: ., b: .}) | [paths] | length",
        "reduce range(60) as $i (0; [., .]) | [.] | unique",
        "reduce range(60) as $i (0; [., .]) | . + 1",
        "reduce range(60) as $i (0; [., .]) | @base64",
        "reduce range(60) as $i (0; [., .]) | [.] - [.]",
        "reduce range(60) as $i (0; [., .]) | contains([1])",
        "reduce range(60) as $i (0; [., .]) | index([[1]])",
        "reduce range(1000000) as $i (0; [.])",
        "[[1,2,3,4,5,6,7,8,9,10] | combinations(10)]",
        "[.list | combinations(2)]",
        "try repeat(1) catch until(1 > 2; .)",
        "[.[]?, .list[]?] | [., .] | [combinations] | length",
        "reduce range(100000) as $i (2; . * .)",
        ".text | [scan(\"(a|b)*c\")]",
        ".text * 100 | test(\"(((a{9}){9}){3})*b\")",
        ".text | test(\"(((a{99}){99}){99})\")",
        "label $f | repeat(if . then . else break $f end) | empty",
        "[foreach range(1e12) as $i (0; . + 1)]",
        "path(repeat(.))",
        ".list |= map(repeat(.))",
        "[splits(\"\")]|[limit(100000;repeat(.[]))]",
        "walk(repeat(.))",
        ".list[1e12] = 1",
        "setpath([1e15]; 1)",
        "[.text | explode | repeat(implode)]",
        "jn(2147483647; 1)",
        "pow(2; 1e300) | tojson | [repeat(.)]",
        "isempty(range(1e12) | select(. < 0))",
        "any(range(1e12); . < 0)",
        "[range(0; 1e12; 0)]",
        "limit(1e12; range(1e12)) | select(. < 0)",
        "input_line_number",
        "getpath([\"a\", \"b\"]) | while(true; .) | empty",
        "$__loc__",
    ] {
        let began = std::time::Instant::now();
        let outcome = worked_out(code, &dot);
        let took = began.elapsed();
        assert!(outcome.is_err() || code.contains("test(") || code.contains("scan("), "{code}: {outcome:?}");
        assert!(took.as_secs() < 30, "{code} took {took:?}");
    }
}

#[test]
fn expressions_as_deep_as_allowed_need_little_stack() {
    let codes = [
        format!("{}1", "-".repeat(40)),
        format!("{}.", ". | ".repeat(199)),
        format!("{}1", "1 + ".repeat(199)),
        format!("{}1", ". as $x | ".repeat(79)),
        format!("{}1{}", "[".repeat(39), "]".repeat(39)),
        format!("{}1{}", "(".repeat(39), ")".repeat(39)),
        format!("{}1", "try ".repeat(40)),
        format!("{}1", "label $x | ".repeat(40)),
        format!("{}. {}", "if . then ".repeat(40), "end ".repeat(40)),
        format!("{}1", "(".repeat(39) + &"-".repeat(40)) + &")".repeat(39),
        "[-".repeat(39) + "1" + &"]".repeat(39),
        format!("{}.", ". | ".repeat(62)),
        format!("{}1", "1 + ".repeat(62)),
        format!("{}1", ". as $x | ".repeat(62)),
        format!("{}1", ". // ".repeat(62)),
        format!("{}1", ". // ".repeat(199)),
        format!("{}1", "., ".repeat(199)),
        format!("{}.", "map(".repeat(38)) + &")".repeat(38),
        "reduce range(62) as $i (0; [.]) | flatten(100)".to_owned(),
        "reduce range(62) as $i (0; [.]) | flatten".to_owned(),
        "reduce range(62) as $i (0; [.]) | walk(.)".to_owned(),
        "reduce range(62) as $i (0; [.]) | [paths] | length".to_owned(),
        "reduce range(62) as $i (0; [.]) | tojson | fromjson | [..] | length".to_owned(),
        "[limit(10000; repeat(.))] | length".to_owned(),
        "[recurse(if . == null then 0 elif . < 10000 then . + 1 else empty end)] | length".to_owned(),
        "last(range(100000))".to_owned(),
        "reduce range(20000) as $i (0; . + 1)".to_owned(),
        "[foreach range(20000) as $i (0; . + 1; .)] | length".to_owned(),
        "null | until(. != null and . > 10000; (. // 0) + 1)".to_owned(),
        "[while((. // 0) < 5000; (. // 0) + 1)] | length".to_owned(),
    ];
    let work = move || {
        for code in codes {
            let _ = worked_out(&code, &json!(null));
        }
    };
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).expect("thread").join().expect("no overflow");
}

#[test]
fn random_expressions_end() {
    let words = [
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
            code.push_str(words[below(words.len())]);
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
