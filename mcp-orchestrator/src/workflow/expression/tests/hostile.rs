//! Expressions of somebody who means harm, or does not think.

use serde_json::json;

use super::worked_out;

/// Half of what a worker of the runtime has.
const STACK_BYTES: usize = 1024 * 1024;
/// Without bounds each of these runs for ever, or fills the memory.
const HOSTILE: &[&str] = &[
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
];

#[test]
fn hostile_expressions_end() {
    let dot = json!({"list": (0..1000).collect::<Vec<_>>(), "text": "a".repeat(10_000)});
    for code in HOSTILE {
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
