//! What an advance costs: a workflow of four steps from its beginning to its end, the state written and read again at
//! every step, as an engine does.
//!
//! `cargo bench -p mcp-orchestrator --bench interpreter`
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use mcp_orchestrator::interpreter::{Command, Input, Started, State, advance};
use mcp_orchestrator::workflow::Workflow;
use serde_json::json;

const RUNS: u32 = 20_000;
const FOUR_STEPS: &str = "
document: {dsl: '1.0.0', namespace: luminar, name: four-steps, version: '1.0.0'}
do:
- a: {call: mcp, with: {server: ghl, tool: get_contact, arguments: {id: '${ .id }'}}}
- b: {call: mcp, with: {server: ghl, tool: add_note, arguments: {id: '${ .id }', text: '${ .name }'}}}
- c: {set: {id: '${ .id }', name: '${ .name }', done: true}}
- d: {call: mcp, with: {server: ghl, tool: set_contact_tags, arguments: {id: '${ .id }', tags: [booked]}}}";

fn main() -> Result<(), Box<dyn Error>> {
    let workflow = Workflow::read(FOUR_STEPS)?;
    let text = "x".repeat(600);
    println!("{RUNS} runs of four steps, about 1 kB of data each, one thread");
    for is_written in [false, true] {
        let began = Instant::now();
        let mut count = 0_u32;
        let mut bytes = 0_usize;
        for run in 0..RUNS {
            let contact = json!({ "id": run, "name": "Ada Byron", "tags": ["a", "b"], "text": text });
            let started = Started {
                run_id: format!("run_{run}"),
                key: None,
                input: contact.clone(),
                at_ms: 1_800_000_000_000,
                refused: None,
            };
            let mut next = Some(Input::Start(Box::new(started)));
            let mut state = State::default();
            while let Some(input) = next.take() {
                let advanced = advance(&workflow, state, input, 1_800_000_000_000)?;
                count += 1;
                state = advanced.state;
                if is_written {
                    let written = serde_json::to_string(&state)?;
                    bytes += written.len();
                    state = serde_json::from_str(&written)?;
                }
                for command in black_box(advanced.commands) {
                    if let Command::Call(call) = command {
                        let outcome = Ok(contact.clone());
                        next = Some(Input::Called { step: call.step, attempt: call.attempt, outcome });
                    }
                }
            }
        }
        let took = began.elapsed();
        let per_advance_us = took.as_secs_f64() * 1e6 / f64::from(count);
        let per_second = f64::from(RUNS) / took.as_secs_f64();
        let how = if is_written { "state written and read" } else { "state in memory" };
        println!(
            "{how:24} {per_second:8.0} workflows/s  {per_advance_us:6.1} µs an advance  {bytes:11} bytes of state"
        );
    }
    Ok(())
}
