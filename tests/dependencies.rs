//! Every dependency: its licence, and that no two major versions of one crate are linked without a reason.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use tests::oracles;

/// Licences that ask for attribution at most. Keep `deny.toml` the same.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that are linked in two major versions, and who keeps the old one.
const DUPLICATES: &[(&str, &str)] = &[
    ("base64", "sqlx 0.9 keeps 0.22"),
    ("block-buffer", "through digest"),
    ("const-oid", "jsonwebtoken 10 under restate-sdk keeps 0.9, for signatures"),
    ("cpufeatures", "through sha2"),
    ("crypto-common", "through digest"),
    ("digest", "sqlx 0.9 keeps 0.10, for sha2 and hmac"),
    ("foldhash", "jaq-json 2.0 keeps 0.1"),
    ("getrandom", "ring 0.17 keeps 0.2, ahash 0.8 under jsonschema keeps 0.3"),
    ("hashbrown", "hashlink 0.11 under sqlx keeps 0.16"),
    ("hkdf", "jsonwebtoken 10 under restate-sdk keeps 0.12"),
    ("hmac", "jsonwebtoken 10 under restate-sdk keeps 0.12"),
    ("num-bigint", "fraction 0.17 under jsonschema keeps 0.4"),
    ("rand", "jsonwebtoken 10 under restate-sdk keeps 0.8"),
    ("rand_core", "jsonwebtoken 10 under restate-sdk keeps 0.6"),
    ("sha2", "sqlx 0.9 keeps 0.10"),
    ("strum", "restate-sdk 0.13 keeps 0.27"),
    ("tower-http", "reqwest 0.13 keeps 0.6"),
];

fn metadata() -> Metadata {
    let manifest = oracles::workspace().join("Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// Whether an SPDX expression can be met by allowed licences alone.
fn is_allowed(expression: &str) -> bool {
    // Crates from before SPDX expressions write a slash for "or".
    let expression = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let alternatives: Vec<&str> = expression.split(" OR ").collect();
    // Without parentheses AND binds tighter; with them it may not, so every part of a mixture has to be allowed.
    let parts = |text: &str| text.split(" AND ").all(|licence| LICENCES.contains(&licence.trim()));
    if expression.contains(" AND ") && alternatives.len() > 1 {
        return alternatives.iter().all(|alternative| parts(alternative));
    }
    alternatives.iter().any(|alternative| parts(alternative))
}

fn refused(packages: &[Package]) -> Vec<String> {
    let outside = packages.iter().filter(|package| package.source.is_some());
    outside
        .filter(|package| !package.license.as_deref().is_some_and(is_allowed))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect()
}

/// The versions that count as different: up to the first part that is not zero.
fn majors(names_and_versions: impl Iterator<Item = (String, String)>) -> BTreeMap<String, BTreeSet<String>> {
    let mut majors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version) in names_and_versions {
        let parts: Vec<&str> = version.split('.').collect();
        let length = parts.iter().position(|part| *part != "0").map_or(parts.len(), |at| at + 1);
        majors.entry(name).or_default().insert(parts[..length].join("."));
    }
    majors.retain(|_, versions| versions.len() > 1);
    majors
}

/// The packages that one of our programs links, on any platform that we build for; tests, build tools and macros do not count.
fn linked(metadata: &Metadata) -> BTreeSet<String> {
    let graph = metadata.resolve.as_ref().expect("a resolved graph");
    let edges: BTreeMap<_, _> = graph.nodes.iter().map(|node| (&node.id, &node.deps)).collect();
    let product = metadata.workspace_packages().into_iter().filter(|package| package.name.as_str() != "tests");
    let mut open: Vec<_> = product.map(|package| &package.id).collect();
    let mut seen: BTreeSet<String> = open.iter().map(|id| id.repr.clone()).collect();
    while let Some(id) = open.pop() {
        for dependency in edges[id] {
            let normal = dependency.dep_kinds.iter().any(|kind| {
                kind.kind == cargo_metadata::DependencyKind::Normal
                    && !kind.target.as_ref().is_some_and(|target| is_foreign(&target.to_string()))
            });
            let is_macro = metadata[&dependency.pkg].targets.iter().any(cargo_metadata::Target::is_proc_macro);
            if normal && !is_macro && seen.insert(dependency.pkg.repr.clone()) {
                open.push(&dependency.pkg);
            }
        }
    }
    seen
}

/// Platforms that no program of ours is built for.
fn is_foreign(target: &str) -> bool {
    !target.contains("not(") && ["windows", "uefi", "wasm", "wasi"].iter().any(|platform| target.contains(platform))
}

#[test]
fn every_licence_is_allowed() {
    let found = refused(&metadata().packages);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn no_crate_is_linked_in_two_major_versions_without_a_reason() {
    let metadata = metadata();
    let linked = linked(&metadata);
    let packages = metadata.packages.iter().filter(|package| linked.contains(&package.id.repr));
    let found = majors(packages.map(|package| (package.name.to_string(), package.version.to_string())));
    let known: BTreeMap<_, _> = DUPLICATES.iter().copied().collect();
    let unexplained: Vec<_> = found.iter().filter(|(name, _)| !known.contains_key(name.as_str())).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let outdated: Vec<_> = known.keys().filter(|name| !found.contains_key(**name)).collect();
    assert!(outdated.is_empty(), "explained, but no longer there: {outdated:?}");
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    for (expression, allowed) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 AND ISC", true),
        ("Apache-2.0 AND GPL-2.0", false),
        ("(MIT OR GPL-3.0) AND GPL-2.0", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }
}

#[test]
fn versions_that_cargo_keeps_apart_are_told_apart() {
    let versions = [("a", "1.2.0"), ("a", "1.9.1"), ("b", "0.3.1"), ("b", "0.4.0"), ("c", "1.0.0"), ("c", "2.0.0")];
    let found = majors(versions.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["b", "c"]);
}
