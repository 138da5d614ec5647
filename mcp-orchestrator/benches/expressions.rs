//! What an expression costs: `cargo bench -p mcp-orchestrator --bench expressions`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and stops where it cannot measure"
)]

use std::time::{Duration, Instant};

use mcp_orchestrator::workflow::Workflow;
use mcp_orchestrator::workflow::expression::{Scope, Template};
use mcp_orchestrator::workflow::ready::READY;
use serde_json::json;

fn main() {
    let event = json!({
        "id": "evt_1", "source": "ghl", "type": "ContactCreate",
        "data": {
            "id": "c1", "name": "Ada Lovelace", "email": "ada@example.com", "tags": ["src_paid", "hot"],
            "customFields": (0..20).map(|number| json!({"id": format!("f{number}"), "value": number})).collect::<Vec<_>>(),
        },
    });
    let bound = [("context", &event)];
    for code in [
        ".data.email",
        ".data.email == \"x\"",
        "$context.data.email == \"x\"",
        ".data.tags | any(. == \"hot\")",
        "\"Dear \\(.data.name), welcome\"",
        ".data.customFields | map(select(.value > 10)) | length",
    ] {
        let template = Template::compile_jq(code, &["context"]).unwrap();
        measure(code, || template.render(Scope { dot: &event, bound: &bound }).unwrap());
    }
    let small = json!({"a": {"b": "x"}});
    let template = Template::compile_jq(".a.b == \"x\"", &[]).unwrap();
    measure(".a.b == \"x\" (small)", || template.render(Scope { dot: &small, bound: &[] }).unwrap());
    measure("compile `.a.b == \"x\"`", || Template::compile_jq(".a.b == \"x\"", &[]).unwrap());
    measure("compile `map(select(test(\"a\")))`", || Template::compile_jq("map(select(test(\"a\")))", &[]).unwrap());
    for ready in READY {
        measure(ready.name, || Workflow::read(ready.text).unwrap());
    }
    println!("the dearest that is ended:");
    for code in [
        "reduce range(60) as $i (0; [., .]) | [..] | length",
        "[repeat(1)]",
        "until(1 > 2; .)",
        "reduce range(100) as $i ([0]; . + .)",
        "\"aaaaaaaaaaaaaaaaaaaa\" * 500 | test(\"(((a{9}){9}){3})*b\")",
        "[range(1e12)] | sort",
    ] {
        let template = Template::compile_jq(code, &[]).unwrap();
        let began = Instant::now();
        let _ = template.render(Scope { dot: &small, bound: &[] });
        println!("{:>12.1?}  {code}", began.elapsed());
    }
}

fn measure<T>(name: &str, mut work: impl FnMut() -> T) {
    const AT_LEAST: Duration = Duration::from_millis(200);
    let (began, mut rounds) = (Instant::now(), 0_u32);
    while began.elapsed() < AT_LEAST {
        std::hint::black_box(work());
        rounds += 1;
    }
    println!("{:>12.1?}  {name}", began.elapsed() / rounds);
}
