//! Every operation of the catalogue with sampled arguments, called as an agent calls it: by its id, through the tools.
//! Judged by the official specifications; what they cannot judge is counted apart, what they refuse is listed.

mod sampler;

use std::collections::BTreeMap;

use common::tasks::Tasks;
use mcp_ghl::catalogue::{Catalogue, Operation};
use serde_json::{Value, json};

use crate::client::Session;
use crate::emulator::Emulator;
use crate::prism::{Judge, Oracles, Verdict};
use sampler::{Sampler, Width};

/// Every operation there is (specification of 2026-06-19: 627 of v3, 40 that only v2 has).
const OPERATIONS: usize = 667;

/// Of the requests that the specifications can judge, in per cent.
const ACCEPTED_PERCENT_MIN: usize = 97;

/// Any seed must do; this one makes runs comparable.
const SEED: u64 = 20_261_120;

/// Each keeps the vendor's rate limit of its own: several are not held up by it.
const SESSIONS: usize = 16;

/// What became of one call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Accepted,
    /// Our own tool did not send it.
    NotSent(String),
    /// The specification refuses it.
    Refused(String),
    /// The judge broke down over it.
    Unjudged(String),
}

#[tokio::test]
async fn every_operation_can_be_called_as_the_official_specifications_want() {
    let Some(oracles) = Oracles::find() else { return };
    let tasks = Tasks::new();
    let emulator = Emulator::start(&tasks).await;
    let judge = Judge::start(&oracles, emulator.address).await;
    let sessions: Vec<Session> = (0..SESSIONS).map(|_| Session::start_as(judge.address, "agency")).collect();
    let mut turn = sessions.iter().cycle();
    let mut sampler = Sampler::new(SEED);
    let operations: Vec<&Operation> = Catalogue::embedded().unwrap().operations().collect();
    assert_eq!(operations.len(), OPERATIONS);

    let mut fates: BTreeMap<(&str, Width), Fate> = BTreeMap::new();
    for operation in operations {
        for width in Width::ALL {
            let arguments = sampler.arguments(operation, width);
            judge.take_verdicts().await;
            let outcome = call(turn.next().unwrap(), operation, arguments).await;
            let fate = judged(outcome, &judge.take_verdicts().await);
            fates.insert((&operation.id, width), fate);
        }
    }
    report(&fates);
}

async fn call(session: &Session, operation: &Operation, arguments: Value) -> Result<Value, Value> {
    let tool = if operation.access.is_read() { "call_read_operation" } else { "call_write_operation" };
    session.try_call(tool, json!({"operation": operation.id, "location": "Brightside", "arguments": arguments})).await
}

fn judged(outcome: Result<Value, Value>, verdicts: &[Verdict]) -> Fate {
    let Some(last) = verdicts.iter().rfind(|verdict| verdict.operation.as_deref() != Some(ASKED_FIRST)) else {
        return Fate::NotSent(outcome.err().map(|error| error.to_string()).unwrap_or_default());
    };
    let of_request: Vec<&str> =
        last.violations.iter().map(String::as_str).filter(|it| !it.starts_with("response")).collect();
    if of_request.iter().any(|it| it.starts_with("upstream")) || last.status >= 500 {
        return Fate::Unjudged(format!("{} {of_request:?}", last.status));
    }
    if of_request.is_empty() { Fate::Accepted } else { Fate::Refused(of_request.join("; ")) }
}

/// What the directory asks before it knows the location; its own call is judged with the tools.
const ASKED_FIRST: &str = "locations.search-locations";

fn report(fates: &BTreeMap<(&str, Width), Fate>) {
    let count = |is_so: fn(&Fate) -> bool| fates.values().filter(|fate| is_so(fate)).count();
    let accepted = count(|fate| *fate == Fate::Accepted);
    let unjudged = count(|fate| matches!(fate, Fate::Unjudged(_)));
    for ((id, width), fate) in fates.iter().filter(|(_, fate)| **fate != Fate::Accepted) {
        println!("- {id} ({width:?}): {fate:?}");
    }
    let judged = fates.len() - unjudged;
    println!(
        "{} operations, {} calls, {judged} that the specifications can judge, {accepted} accepted ({:.1} %)",
        fates.keys().map(|(id, _)| id).collect::<std::collections::BTreeSet<_>>().len(),
        fates.len(),
        accepted as f64 * 100.0 / judged as f64
    );
    assert!(accepted * 100 >= judged * ACCEPTED_PERCENT_MIN, "{accepted} of {judged} accepted");
}
