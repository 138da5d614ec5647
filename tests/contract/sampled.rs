//! Every typed tool with arguments drawn from its own schema: each optional one alone, all at once, and mixtures at random.
//! Whatever the schema lets through must reach the vendor in the form of the official specification.

mod sampler;

use std::collections::{BTreeMap, BTreeSet};

use common::tasks::Tasks;
use serde_json::{Value, json};

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

/// Messages that wait to be taken back.
const MESSAGES: usize = 12;

/// What became of a tool's calls.
#[derive(Debug, Default)]
struct Tally {
    calls: usize,
    answered: usize,
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
    let mut sampler = Sampler::new(SEED, pools(session).await);
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    judge.take_verdicts().await;

    let rounds = wanted.div_ceil(tools.len());
    // What deletes comes last: the others need the records.
    let (deleting, others): (Vec<&Value>, Vec<&Value>) =
        tools.iter().partition(|tool| name(tool).starts_with("delete_"));
    for (round, tools) in [others, deleting].iter().flat_map(|tools| (0..rounds).map(move |round| (round, tools))) {
        for tool in tools {
            let mut arguments = sampler.arguments(&tool["inputSchema"], round);
            let tally = tallies.entry(name(tool).to_owned()).or_default();
            let session = turn.next().unwrap();
            // A page leads to the next one, once.
            for _ in 0..2 {
                tally.calls += 1;
                match session.try_call(name(tool), arguments.clone()).await {
                    Ok(answer) => {
                        tally.answered += 1;
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
    }
    report(&tallies, &judge.take_verdicts().await);
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

/// What the fields of arguments can hold, by name: records that the demo location has, and words that fit.
async fn pools(session: &Session) -> BTreeMap<String, Vec<Value>> {
    let contacts = session.call("search_contacts", json!({"limit": 20})).await;
    let deals = session.call("search_opportunities", json!({"limit": 20})).await;
    let talks = session.call("search_conversations", json!({"limit": 20})).await;
    let ids = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
    };
    let mut pools: BTreeMap<String, Vec<Value>> =
        sampler::words().into_iter().map(|(name, values)| (name.to_owned(), values)).collect();
    let visits = session.call("list_appointments", json!({"to": "2100-01-01", "contact": contacts["items"][0]["id"]}));
    let visits = [visits.await, session.call("list_appointments", json!({"limit": 20})).await];
    pools.insert("appointment".to_owned(), visits.iter().flat_map(ids).collect());
    pools.insert("contact".to_owned(), ids(&contacts));
    pools.insert("contacts".to_owned(), ids(&contacts));
    pools.insert("opportunity".to_owned(), ids(&deals));
    pools.insert("conversation".to_owned(), ids(&talks));
    pools.insert("message".to_owned(), messages(session, &talks).await);
    pools
}

/// Messages that wait, and the call that the demo has.
async fn messages(session: &Session, talks: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for talk in talks["items"].as_array().unwrap() {
        let talk = session.call("get_conversation", json!({"conversation": talk["id"]})).await;
        let calls = talk["items"].as_array().unwrap().iter().filter(|item| item["channel"] == "call");
        let calls: Vec<Value> = calls.map(|call| call["id"].clone()).collect();
        // As often as what waits: there is one in the demo.
        found.extend(calls.iter().cycle().take(calls.len() * MESSAGES).cloned());
    }
    session.call("upsert_contact", json!({"email": "sampled@example.com", "phone": "+15035550779"})).await;
    for number in 0..MESSAGES {
        let order = json!({
            "contact": "sampled@example.com", "channel": "sms", "text": format!("{number}"),
            "send_at": "2027-01-04T09:00"
        });
        found.push(session.call("send_message", order).await["message_id"].clone());
    }
    found
}
