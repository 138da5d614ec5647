//! The floors of `common`: arrows go down or stay, never up.

use crate::circles::Arrows;
use crate::source::Source;

/// Lowest first; a module may name modules of its own floor and of those below.
const FLOORS: &[&[&str]] = &[
    &["clock", "error", "page", "plan", "tenant"],
    &["config", "db", "health", "http", "tasks", "telemetry"],
    &["auth", "entitlements", "secrets"],
    &["audit", "connector"],
    &["completion", "peer", "prompt", "resource", "server", "skill", "store", "tool", "view"],
    &["transport"],
    &["bootstrap", "cli"],
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// Which module of `common` names which other.
fn arrows(sources: &[Source]) -> Arrows<'_> {
    let mut arrows = Arrows::new();
    for source in sources {
        let (folder, place) = source.place();
        if folder != "common" || place[0] == "lib" {
            continue;
        }
        let targets = arrows.entry(place[0]).or_default();
        for name in &source.names {
            if let [first, target, ..] = name.as_slice()
                && first == "crate"
                && target != place[0]
                && floor(target).is_some()
            {
                targets.insert(target);
            }
        }
    }
    arrows
}

/// Modules without a floor, and arrows that go up.
pub(crate) fn violations(sources: &[Source]) -> Vec<String> {
    let arrows = arrows(sources);
    let mut found = Vec::new();
    for (from, targets) in &arrows {
        let Some(own) = floor(from) else {
            found.push(format!("common::{from} stands on no floor: name it in the table of floors"));
            continue;
        };
        let upward = targets.iter().filter(|target| floor(target).is_some_and(|floor| floor > own));
        found.extend(upward.map(|target| format!("common::{from} names common::{target}, which is above it")));
    }
    found
}
