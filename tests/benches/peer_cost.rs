//! What a call of a server of this process costs, with and without the pipe that lies between: `cargo bench -p tests
//! --bench peer_cost`. One thread, one call after another.

#[path = "../peers/notes.rs"]
#[expect(dead_code, reason = "a measurement looks at less than the tests")]
mod notes;
#[path = "../peers/stage.rs"]
#[expect(dead_code, reason = "a measurement looks at less than the tests")]
mod stage;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::clock::Clock;
use common::peer::PeersSettings;
use common::tool::{Call, DispatchSettings, Surface};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, ann, call};

const CALLS: u32 = 2_000;
const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let stage = Stage::with(PeersSettings::default(), Vec::new(), Clock::system());
    let server = notes::server(&stage.world);
    let dispatch = Arc::new(stage.foundation.dispatch(DispatchSettings::default()));
    let (mut direct, mut piped) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..CALLS {
            let call = Call::new(ann(), CancellationToken::new(), Duration::from_mins(1));
            let arguments = serde_json::Map::new();
            dispatch.run(&server.tools, &Surface::whole(), &call, "list_notes", arguments).await.unwrap().unwrap();
        }
        direct.push(begun.elapsed() / CALLS);
        let begun = Instant::now();
        for _ in 0..CALLS {
            stage.call(&ann(), call("notes", "list_notes", json!({}))).await.unwrap();
        }
        piped.push(begun.elapsed() / CALLS);
        stage.world.traces.lock().unwrap().clear();
    }
    direct.sort();
    piped.sort();
    let (direct, piped) = (direct[ROUNDS / 2], piped[ROUNDS / 2]);
    println!(
        "a call past the pipe {direct:?}, through it {piped:?}: the pipe costs {:?}",
        piped.saturating_sub(direct)
    );
}
