//! The emulator judged by GoHighLevel's own specifications: Prism in proxy mode, one for each API generation,
//! behind a gate that also refuses unknown operations and query parameters.

mod client;
mod deviations;
mod emulator;
mod oauth;
mod operations;
mod plain_http;
mod prism;
mod sampled;

use std::collections::BTreeSet;

use common::tasks::Tasks;

use crate::emulator::{Emulator, LIAR};
use crate::plain_http::Client;
use crate::prism::{Judge, Oracles, Verdict};

#[tokio::test]
async fn the_emulator_keeps_to_the_official_specifications() {
    let Some(oracles) = Oracles::find() else { return };
    let tasks = Tasks::new();
    let emulator = Emulator::start(&tasks).await;
    let judge = Judge::start(&oracles, emulator.address).await;

    emulator::drive_v2(&Client::new(judge.address, "2021-07-28")).await;
    emulator::drive_v3(&Client::new(judge.address, "v3")).await;
    let verdicts = judge.take_verdicts().await;
    assert_every_operation_was_driven(&verdicts);
    assert_only_listed_deviations(&verdicts);

    assert_violations_are_noticed(&judge).await;
}

/// What no handler knows: the answers made from shapes.
#[tokio::test]
async fn answers_from_shapes_keep_to_the_official_specifications() {
    let Some(oracles) = Oracles::find() else { return };
    let tasks = Tasks::new();
    let emulator = Emulator::start(&tasks).await;
    let judge = Judge::start(&oracles, emulator.address).await;

    let driven = emulator::shapes::drive(&Client::new(judge.address, "v3")).await;
    let verdicts = judge.take_verdicts().await;
    let asked = driven.from_shapes.len();
    assert!(verdicts.len() >= asked);
    let mut refused = BTreeSet::new();
    for verdict in &verdicts {
        let is_clean = verdict.violations.is_empty() && verdict.status < 400;
        let operation = verdict.operation.as_deref().unwrap_or("none");
        if driven.refused_by_handlers.contains(operation) {
            continue;
        }
        match emulator::shapes::UNJUDGED.iter().find(|(unjudged, _)| *unjudged == operation) {
            Some((unjudged, reason)) if !is_clean => {
                println!("- {unjudged}: {reason}");
                assert!(refused.insert(*unjudged), "{unjudged} was asked once");
            }
            _ => assert!(is_clean, "{verdict:#?}"),
        }
    }
    println!("refused by handlers for an unknown id: {:?}", driven.refused_by_handlers);
    println!("{asked} operations answered from their shape, {} accepted", asked - refused.len());
}

fn assert_every_operation_was_driven(verdicts: &[Verdict]) {
    for (generation, expected) in [("v2", emulator::operations_v2()), ("v3", emulator::operations_v3())] {
        let driven: BTreeSet<&str> = verdicts
            .iter()
            .filter(|verdict| verdict.generation == generation && (200..300).contains(&verdict.status))
            .filter_map(|verdict| verdict.operation.as_deref())
            .collect();
        assert_eq!(driven, expected, "{generation}");
    }
}

/// Requests must be without fault; every fault in a response must be in the table, and every row of it must be needed.
fn assert_only_listed_deviations(verdicts: &[Verdict]) {
    let mut needed = BTreeSet::new();
    let mut unlisted = BTreeSet::new();
    for verdict in verdicts {
        for violation in &verdict.violations {
            match deviations::find(verdict, violation) {
                Some(row) if violation.starts_with("response") => drop(needed.insert(row)),
                Some(_) | None => drop(unlisted.insert(format!("{violation}\n  {verdict:?}"))),
            }
        }
    }
    assert!(unlisted.is_empty(), "{unlisted:#?}");
    let all: BTreeSet<usize> = (0..deviations::DEVIATIONS.len()).collect();
    assert_eq!(needed, all, "rows that nothing needs should go");
    println!("{} calls, 0 request violations, {} listed deviations:", verdicts.len(), all.len());
    for row in deviations::DEVIATIONS {
        println!("- {row}");
    }
}

/// The negative control: an oracle that lets these pass proves nothing.
async fn assert_violations_are_noticed(judge: &Judge) {
    for version in ["2021-07-28", "v3"] {
        let client = Client::new(judge.address, version);
        let location_id = emulator::location_id();
        let controls = [
            (
                "GET",
                format!("/contacts/search/duplicate?locationId={location_id}&surprise=1"),
                "",
                "unknown query surprise",
            ),
            ("POST", "/contacts/".to_owned(), r#"{"email": "a@example.com"}"#, "request.body: "),
            ("POST", "/contacts/".to_owned(), r#"{"locationId": "x", "dnd": "yes"}"#, "request.body.dnd: "),
            ("POST", "/contacts/".to_owned(), r#"{"locationId": "x", "surprise": 1}"#, "request.body: "),
            ("GET", "/opportunities/pipelines".to_owned(), "", "request.query: "),
            ("GET", "/contacts".to_owned(), "", "no such operation"),
            ("GET", format!("/contacts/{LIAR}"), "", "response.body.contact.id: "),
        ];
        for (method, path, body, expected) in controls {
            client.send(method, &path, body).await;
            let verdicts = judge.take_verdicts().await;
            let noticed = verdicts.iter().flat_map(|verdict| &verdict.violations).any(|it| it.starts_with(expected));
            assert!(noticed, "{version} {method} {path} {body}: {expected:?} is missing from {verdicts:?}");
        }
    }
}

/// Our client in place of the script: every tool with every branch, through gate and Prism to the emulator.
#[tokio::test]
async fn every_tool_keeps_to_the_official_specifications() {
    let Some(oracles) = Oracles::find() else { return };
    let tasks = Tasks::new();
    let emulator = Emulator::start(&tasks).await;
    let judge = Judge::start(&oracles, emulator.address).await;

    client::drive_all_tools(judge.address).await;

    let verdicts = judge.take_verdicts().await;
    let faulty: Vec<&Verdict> =
        verdicts.iter().filter(|verdict| verdict.violations.iter().any(|it| !it.starts_with("response"))).collect();
    assert!(faulty.is_empty(), "{faulty:#?}");
    let unrouted: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.operation.is_none()).collect();
    assert!(unrouted.is_empty(), "{unrouted:#?}");
    let driven: BTreeSet<(&str, &str)> = verdicts
        .iter()
        .filter_map(|verdict| Some((verdict.generation.as_str(), verdict.operation.as_deref()?)))
        .collect();
    assert_eq!(driven, client::operations());
    println!("{} calls of our client, {} operations, 0 request violations", verdicts.len(), driven.len());
}
