//! What the engines do in a second, and what the embedded one costs while it waits.
//!
//! `cargo bench -p tests --bench runs_load -- steps restate parked takeover`; PostgreSQL where `LUMINAR_POSTGRES_URL` names one.

#[path = "../orchestrator/booking.rs"]
#[expect(dead_code, reason = "the storm uses more of it")]
mod booking;
#[path = "../orchestrator/engine/flow.rs"]
#[expect(dead_code, reason = "the engine's tests use more of it")]
mod flow;
#[path = "../orchestrator/storm/node.rs"]
#[expect(dead_code, reason = "the storm uses more of it")]
mod node;
#[path = "runs_load/parked.rs"]
mod parked;
#[path = "runs_load/plant.rs"]
mod plant;
#[path = "runs_load/restate.rs"]
mod restate;
#[path = "runs_load/steps.rs"]
mod steps;
#[path = "runs_load/takeover.rs"]
mod takeover;

use tests::database::on_each_database;
use tokio::runtime::Builder;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    if let [first, database, far] = words.as_slice()
        && first == "worker"
    {
        return runtime.block_on(takeover::work(database, far));
    }
    let is_asked = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    if is_asked("steps") {
        runtime.block_on(on_each_database(steps::measure));
    }
    if is_asked("restate") {
        runtime.block_on(on_each_database(restate::measure));
    }
    if is_asked("parked") {
        runtime.block_on(on_each_database(parked::measure));
    }
    if is_asked("takeover") {
        runtime.block_on(on_each_database(takeover::measure));
    }
}
