//! The process that the storm kills: keeps runs of the booking flow going until then.
#![expect(clippy::print_stdout, reason = "it says how it is used")]

#[path = "booking.rs"]
#[expect(dead_code, reason = "the storm looks at its steps")]
mod booking;
#[path = "engine/flow.rs"]
#[expect(dead_code, reason = "the engine's tests use more of it")]
mod flow;
#[path = "storm/node.rs"]
mod node;

use std::path::PathBuf;

use common::db::DatabaseSettings;
use common::tasks::Tasks;
use mcp_orchestrator::engine::{EngineKind, EngineSettings, RestateSettings};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(database), Some(far)) = (arguments.next(), arguments.next()) else {
        println!("usage: storm-worker FILE|URL FAR [INGRESS ADMIN LISTEN NAME]");
        return;
    };
    let is_url = database.starts_with("postgres");
    let url = is_url.then(|| database.clone().into());
    let settings = DatabaseSettings { url, ..DatabaseSettings::default() };
    let tasks = Tasks::new();
    let (file, stop) = (PathBuf::from(database), tasks.stopping().clone());
    match [(); 4].map(|()| arguments.next()) {
        [Some(ingress), Some(admin), Some(listen), Some(name)] => {
            let listen = listen.parse().expect("an address");
            let restate = RestateSettings { ingress, admin, listen, name, ..RestateSettings::default() };
            let kept = EngineSettings { kind: EngineKind::Restate, restate, ..node::hasty() };
            node::restate((&settings, &file), &far, kept, &tasks).serve(stop).await;
        }
        _ => node::engine((&settings, &file), &far, node::hasty(), &tasks).serve(stop).await,
    }
}
