//! The storm over runs that Restate keeps: our processes are killed, and Restate itself.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use common::error::{Error, ErrorCode};
use common::tasks::Tasks;
use common::tenant::TenantId;
use mcp_orchestrator::engine::{Answering, Engine, EngineKind, EngineSettings, NewRun, RestateSettings, Resume, Start};
use mcp_orchestrator::event::Event;
use mcp_orchestrator::run::RunId;
use tests::database::on_each_database;
use tests::restate::{RestateServer, free_address};
use tests::time::is_full_run;

use super::{SIZES, Storm, node, pause};

const NAME: &str = "storm";

/// Every so many kills it is Restate that is killed.
const RESTATE_EVERY: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nothing_done_twice_whenever_restate_or_a_process_of_ours_is_killed() {
    on_each_database(|database| async move {
        let (kills, runs) = SIZES[usize::from(is_full_run())];
        let storm = RestateStorm {
            storm: Storm::begin(database, runs).await,
            restate: RestateServer::start(),
            listen: free_address(),
        };
        let in_flight = storm.rage(kills).await;
        storm.storm.calm_down().await;
        storm.storm.check(kills, &in_flight, 0).await;
    })
    .await;
}

struct RestateStorm {
    storm: Storm,
    restate: RestateServer,
    listen: SocketAddr,
}

impl RestateStorm {
    async fn rage(&self, kills: usize) -> HashMap<(String, String), usize> {
        let tasks = Tasks::new();
        let restate = RestateSettings {
            ingress: self.restate.ingress(),
            admin: self.restate.admin(),
            listen: self.listen,
            name: NAME.to_owned(),
            ..RestateSettings::default()
        };
        let settings = EngineSettings { kind: EngineKind::Restate, restate, ..node::hasty() };
        let at = (&self.storm.database.settings, self.storm.database.file.as_path());
        let door = Stubborn(node::restate(at, &self.storm.far, settings, &tasks));
        let mut workers = vec![self.worker(), self.worker()];
        self.restate.wait_for(&format!("{NAME}.Run"));
        let mut in_flight: HashMap<(String, String), usize> = HashMap::new();
        let killing = async {
            for kill in 0..kills {
                let (pause_ms, victim) = {
                    let mut random = self.storm.random.lock().unwrap();
                    (random.u64(20..250), random.usize(0..2))
                };
                pause(pause_ms).await;
                let before = self.storm.calls_of("restate").await;
                if kill % RESTATE_EVERY == RESTATE_EVERY - 1 {
                    tokio::task::block_in_place(|| self.restate.kill());
                } else {
                    end(workers.swap_remove(victim));
                    workers.push(self.worker());
                }
                // What was opened between the look and the kill counts as well.
                let mut calls = self.storm.calls_of("restate").await;
                calls.extend(before);
                calls.sort();
                calls.dedup();
                for call in calls {
                    *in_flight.entry(call).or_default() += 1;
                }
                if self.restate.process().is_none() {
                    tokio::task::block_in_place(|| self.restate.start_again());
                }
            }
        };
        let handing_in = async { tokio::join!(killing, self.storm.start_all(&door, kills)) };
        tokio::select! {
            _ = handing_in => {}
            () = self.storm.book(&door) => {}
        }
        self.storm.finish(&door).await;
        workers.into_iter().for_each(end);
        in_flight
    }

    fn worker(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_storm-worker"))
            .args([&self.storm.at(), &self.storm.far, &self.restate.ingress(), &self.restate.admin()])
            .args([&self.listen.to_string(), NAME])
            .stdin(Stdio::null())
            .spawn()
            .unwrap()
    }
}

fn end(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Does again what could not be handed in because Restate was dead: as whoever routes events does.
#[derive(Debug)]
struct Stubborn<E>(E);

impl<E: Engine> Engine for Stubborn<E> {
    fn start<'a>(&'a self, tenant: &'a TenantId, run: NewRun) -> Answering<'a, Start> {
        Box::pin(async move {
            let mut tries = 0;
            loop {
                match self.0.start(tenant, run.clone()).await {
                    Err(error) if is_away(&error) => pause(20).await,
                    // It had been taken, and nobody heard so.
                    Ok(Start::Known) if tries > 0 => return Ok(Start::Started),
                    other => return other,
                }
                tries += 1;
            }
        })
    }

    fn deliver<'a>(&'a self, tenant: &'a TenantId, event: &'a Event) -> Answering<'a, usize> {
        Box::pin(async move {
            loop {
                match self.0.deliver(tenant, event).await {
                    Err(error) if is_away(&error) => pause(20).await,
                    other => return other,
                }
            }
        })
    }

    fn signal<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, event: &'a Event) -> Answering<'a, ()> {
        self.0.signal(tenant, run, event)
    }

    fn cancel<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, reason: String) -> Answering<'a, ()> {
        self.0.cancel(tenant, run, reason)
    }

    fn resume<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, how: Resume) -> Answering<'a, ()> {
        self.0.resume(tenant, run, how)
    }
}

fn is_away(error: &Error) -> bool {
    matches!(error.code(), ErrorCode::UpstreamUnavailable | ErrorCode::DeadlineExceeded)
}
