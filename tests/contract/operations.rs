//! Every operation of the catalogue with sampled arguments, called as an agent calls it: by its id, through the tools.
//! Judged by the official specifications; what they cannot judge is counted apart, what they refuse is listed.

mod faults;
mod sampler;

use std::collections::{BTreeMap, BTreeSet};

use common::tasks::Tasks;
use mcp_ghl::catalogue::{Catalogue, Operation, Version};
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
    let sessions =
        [judge.address, judge.address_of_v3].map(|api| (0..SESSIONS).map(move |_| Session::start_as(api, "agency")));
    let sessions = sessions.map(Iterator::collect::<Vec<_>>);
    let [mut of_both, mut of_v3] = sessions.each_ref().map(|sessions| sessions.iter().cycle());
    let known_to_v3 = oracles.ids_of_v3();
    let mut sampler = Sampler::new(SEED);
    let operations: Vec<&Operation> = Catalogue::embedded().unwrap().operations().collect();
    assert_eq!(operations.len(), OPERATIONS);
    let widths: &[Width] = if tests::time::is_full_run() { &Width::ALL } else { &[Width::Least, Width::Whole] };

    let mut fates: BTreeMap<(&str, Width), Fate> = BTreeMap::new();
    for operation in operations {
        for &width in widths {
            let arguments = sampler.arguments(operation, width);
            judge.take_verdicts().await;
            // The gate tells generations apart by the version asked; v3 has operations that demand a dated one.
            let is_of_v3 = matches!(operation.version, Version::Dated(_)) && known_to_v3.contains(&*operation.id);
            let turn = if is_of_v3 { &mut of_v3 } else { &mut of_both };
            let outcome = call(turn.next().unwrap(), operation, arguments).await;
            let fate = judged(operation, outcome, &judge.take_verdicts().await);
            fates.insert((&operation.id, width), fate);
        }
    }
    report(&fates);
}

async fn call(session: &Session, operation: &Operation, arguments: Value) -> Result<Value, Value> {
    let tool = if operation.access.is_read() { "call_read_operation" } else { "call_write_operation" };
    session.try_call(tool, json!({"operation": operation.id, "location": "Brightside", "arguments": arguments})).await
}

/// The first request that is not the directory's own: what a client asks again, of an older version, excuses nothing.
fn judged(operation: &Operation, outcome: Result<Value, Value>, verdicts: &[Verdict]) -> Fate {
    let is_directorys = |verdict: &&Verdict| verdict.operation.as_deref() == Some(ASKED_FIRST);
    let is_about_all = &*operation.id == ASKED_FIRST;
    let Some(first) = verdicts.iter().find(|verdict| is_about_all || !is_directorys(verdict)) else {
        return Fate::NotSent(outcome.err().map(|error| error.to_string()).unwrap_or_default());
    };
    let of_request: Vec<&str> =
        first.violations.iter().map(String::as_str).filter(|it| !it.starts_with("response")).collect();
    if of_request.is_empty() && first.status < 500 {
        return Fate::Accepted;
    }
    let is_judges = |it: &&str| faults::of_the_judge(&operation.id, it).is_some();
    match of_request.iter().find_map(|it| faults::of_the_judge(&operation.id, it)) {
        Some(reason) if of_request.iter().all(is_judges) => Fate::Unjudged(reason.to_owned()),
        _ => Fate::Refused(format!("{} {}", first.status, of_request.join("; "))),
    }
}

/// What the directory asks before it knows the location; its own calls are judged with the tools.
const ASKED_FIRST: &str = "locations.search-locations";

fn report(fates: &BTreeMap<(&str, Width), Fate>) {
    let count = |is_so: fn(&Fate) -> bool| fates.values().filter(|fate| is_so(fate)).count();
    let accepted = count(|fate| *fate == Fate::Accepted);
    let unjudged = count(|fate| matches!(fate, Fate::Unjudged(_)));
    for ((id, width), fate) in fates.iter().filter(|(_, fate)| **fate != Fate::Accepted) {
        let reason = faults::of_the_refusal(id).map(|reason| format!("; {reason}")).unwrap_or_default();
        println!("- {id} ({width:?}): {fate:?}{reason}");
    }
    let judged = fates.len() - unjudged;
    println!(
        "{} operations, {} calls: {accepted} accepted of {judged} that the specifications can judge ({:.1} %), {} refused, \
         {} not sent; {unjudged} that they cannot judge",
        fates.keys().map(|(id, _)| id).collect::<BTreeSet<_>>().len(),
        fates.len(),
        accepted as f64 * 100.0 / judged as f64,
        count(|fate| matches!(fate, Fate::Refused(_))),
        count(|fate| matches!(fate, Fate::NotSent(_))),
    );
    assert!(accepted * 100 >= judged * ACCEPTED_PERCENT_MIN, "{accepted} of {judged} accepted");
}
