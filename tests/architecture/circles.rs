//! No import circles: neither among the files of a crate, nor among its rooms, which are the modules of its `lib.rs`.
//!
//! A file may name its own face and faces further up (`foo/bar.rs` what `foo.rs` says): a private room belongs to its
//! face, which names it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;

/// Who names whom.
pub(crate) type Arrows<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Circles of files and of rooms, crate by crate.
pub(crate) fn violations(sources: &[Source]) -> Vec<String> {
    let mut crates: BTreeMap<&str, BTreeMap<Vec<&str>, &Source>> = BTreeMap::new();
    for source in sources {
        let (folder, place) = source.place();
        crates.entry(folder).or_default().insert(place, source);
    }
    let mut found = Vec::new();
    for (folder, files) in &crates {
        let (mut of_files, mut of_rooms) = (Arrows::new(), Arrows::new());
        for (place, source) in files.iter().filter(|(place, _)| !is_root(place)) {
            for target in targets(place, source, files) {
                of_files.entry(source.path.as_str()).or_default().insert(files[&target].path.as_str());
                if target[0] != place[0] {
                    of_rooms.entry(place[0]).or_default().insert(target[0]);
                }
            }
        }
        found.extend(all(&of_files).into_iter().map(|circle| format!("a circle of files: {}", circle.join(" → "))));
        found.extend(all(&of_rooms).into_iter().map(|circle| format!("{folder}: a circle: {}", circle.join(" → "))));
    }
    found
}

fn is_root(place: &[&str]) -> bool {
    matches!(place, ["lib" | "main"])
}

/// The files that a file names, without its own faces.
fn targets<'a>(
    place: &[&'a str],
    source: &'a Source,
    files: &BTreeMap<Vec<&'a str>, &'a Source>,
) -> BTreeSet<Vec<&'a str>> {
    let mut targets = BTreeSet::new();
    for name in &source.names {
        let mut way = place.to_vec();
        let mut rest: Vec<&str> = name.iter().map(String::as_str).collect();
        match rest[0] {
            "crate" => {
                way.clear();
                rest.remove(0);
            }
            "self" => drop(rest.remove(0)),
            _ => {
                while rest.first() == Some(&"super") && way.pop().is_some() {
                    rest.remove(0);
                }
            }
        }
        let is_from_here = way.len() == place.len();
        way.extend(rest);
        // The longest beginning that is a file; the rest is what is in it.
        let file = (1..=way.len()).rev().find_map(|length| files.get_key_value(&way[..length]));
        let Some((target, _)) = file else { continue };
        let is_own_face = place.starts_with(target);
        // A path that begins here without `self` is a room of this file's, or something else altogether.
        let is_elsewhere = is_from_here && !target.starts_with(place);
        if !is_own_face && !is_elsewhere && !is_root(target) {
            targets.insert(target.clone());
        }
    }
    targets
}

/// Every circle once, as the shortest way round.
fn all<'a>(arrows: &Arrows<'a>) -> Vec<Vec<&'a str>> {
    let (mut circles, mut told) = (Vec::new(), BTreeSet::new());
    for from in arrows.keys() {
        if let Some(circle) = way_back(arrows, from).filter(|_| !told.contains(from)) {
            told.extend(circle.iter().copied());
            circles.push(circle);
        }
    }
    circles
}

fn way_back<'a>(arrows: &Arrows<'a>, from: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = vec![from];
    while !open.is_empty() {
        let mut next = Vec::new();
        for name in open {
            for target in arrows.get(name).into_iter().flatten() {
                if *target == from {
                    let mut way = vec![from, name];
                    while way[way.len() - 1] != from {
                        way.push(came_from[way[way.len() - 1]]);
                    }
                    way.reverse();
                    return Some(way);
                }
                if !came_from.contains_key(target) {
                    came_from.insert(target, name);
                    next.push(*target);
                }
            }
        }
        open = next;
    }
    None
}
