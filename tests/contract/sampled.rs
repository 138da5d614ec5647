//! Every typed tool with arguments drawn from its own schema: each optional one alone, all at once, and mixtures at random.
//! Whatever the schema lets through must reach the vendor in the form of the official specification.

mod habits;
mod sampler;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use common::tasks::Tasks;
use serde_json::Value;

use crate::client::Session;
use crate::deviations::is_by_the_words;
use crate::emulator::Emulator;
use crate::prism::{Judge, Oracles, Verdict};
use sampler::Sampler;

/// Calls of all tools together; of the long run at least.
const CALLS: usize = 700;
const CALLS_FULL: usize = 2_400;

/// Each keeps the vendor's rate limit of its own: several are not held up by it.
const SESSIONS: usize = 12;

/// Any seed must do; this one makes runs comparable.
const SEED: u64 = 20_261_120;

/// Tools that take another tool's operation or change: they are driven by tests of their own.
/// One that takes away what all the others are drawn from.
const OTHERS: [&str; 5] =
    ["find_operation", "call_read_operation", "call_write_operation", "undo_change", "delete_contact"];

/// A plan's id comes from whoever approves: `tests/approvals` drives that.
const NEVER_GIVEN: &str = "approval_plan_id";

/// What became of a tool's calls.
#[derive(Debug, Default)]
struct Tally {
    calls: usize,
    answered: usize,
    /// Arguments that were given at least once.
    given: BTreeSet<String>,
    /// And in a call that got through.
    given_answered: BTreeSet<String>,
    refusals: BTreeSet<String>,
}

#[tokio::test]
async fn whatever_a_schema_allows_keeps_to_the_official_specifications() {
    let Some(oracles) = Oracles::find() else { return };
    let tasks = Tasks::new();
    let emulator = Emulator::start(&tasks).await;
    let judge = Judge::start(&oracles, emulator.address).await;
    let sessions: Vec<Session> = (0..SESSIONS).map(|_| Session::start(judge.address)).collect();
    let mut turn = sessions.iter().cycle();
    let session = &sessions[0];
    let tools: Vec<Value> = session.definitions().into_iter().filter(|tool| !OTHERS.contains(&name(tool))).collect();
    let wanted = if tests::time::is_full_run() { CALLS_FULL } else { CALLS };
    let mut sampler = Sampler::new(SEED, words::pools(session).await);
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    judge.take_verdicts().await;

    let rounds_min = wanted.div_ceil(tools.len());
    // What deletes comes last: the others need the records.
    let (deleting, others): (Vec<&Value>, Vec<&Value>) =
        tools.iter().partition(|tool| name(tool).starts_with("delete_"));
    for tools in [others, deleting] {
        let rounds = tools.iter().map(|tool| rounds(tool, rounds_min)).max().unwrap_or(0);
        for round in 0..rounds {
            for tool in tools.iter().filter(|tool| round < self::rounds(tool, rounds_min)) {
                let arguments = sampler.arguments(name(tool), &tool["inputSchema"], round);
                let tally = tallies.entry(name(tool).to_owned()).or_default();
                call(turn.next().unwrap(), name(tool), arguments, tally).await;
            }
        }
    }
    assert_every_argument_was_given(&tools, &tallies);
    report(&tallies, &judge.take_verdicts().await);
}

/// What is required, everything, each optional argument alone; then mixtures.
fn rounds(tool: &Value, rounds_min: usize) -> usize {
    rounds_min.max(arguments_of(tool).count() + 3)
}

fn arguments_of(tool: &Value) -> impl Iterator<Item = &String> {
    tool["inputSchema"]["properties"].as_object().into_iter().flat_map(serde_json::Map::keys)
}

/// Calls a tool; a page leads to the next one, once.
async fn call(session: &Session, tool: &str, mut arguments: Value, tally: &mut Tally) {
    for _ in 0..2 {
        tally.calls += 1;
        let names: Vec<String> = arguments.as_object().unwrap().keys().cloned().collect();
        tally.given.extend(names.iter().cloned());
        match session.try_call(tool, arguments.clone()).await {
            Ok(answer) => {
                tally.answered += 1;
                tally.given_answered.extend(names);
                match answer.get("next_cursor") {
                    Some(cursor) if arguments.get("cursor").is_none() => arguments["cursor"] = cursor.clone(),
                    _ => break,
                }
            }
            Err(error) => {
                tally.refusals.insert(format!("{} {}", error["code"], error["message"]));
                break;
            }
        }
    }
}

fn assert_every_argument_was_given(tools: &[Value], tallies: &BTreeMap<String, Tally>) {
    let (mut total, mut got_through) = (0, 0);
    let mut missing = Vec::new();
    for tool in tools {
        let tally = &tallies[name(tool)];
        for argument in arguments_of(tool).filter(|argument| *argument != NEVER_GIVEN) {
            total += 1;
            if !tally.given.contains(argument) {
                missing.push(format!("{}.{argument}", name(tool)));
            }
            if tally.given_answered.contains(argument) {
                got_through += 1;
            } else {
                println!("{}.{argument} was in no call that got through", name(tool));
            }
        }
    }
    println!("{total} arguments, {} given, {got_through} in calls that got through", total - missing.len());
    assert!(missing.is_empty(), "never given: {missing:#?}");
}

fn report(tallies: &BTreeMap<String, Tally>, verdicts: &[Verdict]) {
    let calls: usize = tallies.values().map(|tally| tally.calls).sum();
    let answered: usize = tallies.values().map(|tally| tally.answered).sum();
    for (tool, tally) in tallies {
        println!("{tool:<28} {:>4} calls, {:>4} answered", tally.calls, tally.answered);
        if tests::time::is_full_run() {
            tally.refusals.iter().for_each(|refusal| println!("    {refusal}"));
        }
    }
    let faulty: Vec<&Verdict> = verdicts
        .iter()
        .filter(|verdict| {
            let is_fault = |it: &String| !it.starts_with("response") && !is_by_the_words(verdict, it);
            verdict.operation.is_none() || verdict.violations.iter().any(is_fault)
        })
        .collect();
    println!(
        "{} tools, {calls} calls ({answered} answered), {} requests, {} violations",
        tallies.len(),
        verdicts.len(),
        faulty.len()
    );
    assert!(faulty.is_empty(), "{faulty:#?}");
    let never: Vec<_> = tallies.iter().filter(|(_, tally)| tally.answered == 0).collect();
    assert!(never.is_empty(), "tools that never got through: {never:#?}");
}

fn name(tool: &Value) -> &str {
    tool["name"].as_str().unwrap()
}
