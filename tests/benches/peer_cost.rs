//! What the pipe between two servers of this process costs: `cargo bench -p tests --bench peer_cost`. One thread, one
//! call after another; processor time, which other programs do not change. A name that no tool has goes the whole way there and back and does nothing in between; a tool that
//! reads shows it beside the trail, which is written meanwhile.

#[path = "../peers/notes.rs"]
mod notes;
#[path = "../peers/stage.rs"]
#[expect(dead_code, reason = "a measurement looks at less than the tests")]
mod stage;

use std::time::Duration;

use common::clock::Clock;
use common::peer::PeersSettings;
use serde_json::json;

use crate::stage::{Stage, ann, call};

const CALLS: u32 = 2_000;
const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let stage = Stage::with(PeersSettings::default(), Vec::new(), Clock::system());
    let empty = median(&stage, "no_such_tool").await;
    let reading = median(&stage, "list_notes").await;
    println!("there and back through the pipe: {empty:?}; with a tool that reads and its trail: {reading:?}");
}

/// Of one call, over rounds.
async fn median(stage: &Stage, tool: &str) -> Duration {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let begun = on_processor();
        for _ in 0..CALLS {
            let answer = stage.call(&ann(), call("notes", tool, json!({}))).await;
            assert_eq!(answer.is_ok(), tool == "list_notes");
        }
        rounds.push(on_processor().saturating_sub(begun) / CALLS);
        stage.world.traces.lock().unwrap().clear();
    }
    rounds.sort();
    rounds.swap_remove(ROUNDS / 2)
}

/// How long this thread has run so far (proc(5), `schedstat`).
fn on_processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    Duration::from_nanos(text.split(' ').next().unwrap().parse().expect("nanoseconds"))
}
