//! What the catalogue costs: time and memory to parse it, to write every signature, and to compile every body's schema.
//! `cargo bench -p tests --bench catalogue_cost`.

use std::time::Instant;

use mcp_ghl::catalogue::Catalogue;

fn main() {
    let (start, before) = (Instant::now(), resident_kb());
    let catalogue = Catalogue::embedded().expect("the embedded files can be read");
    println!("parse      {:>9.2?}  {} kB more resident", start.elapsed(), resident_kb().saturating_sub(before));
    let start = Instant::now();
    let characters: usize = catalogue.operations().map(|operation| operation.signature().len()).sum();
    println!("signatures {:>9.2?}  {characters} characters", start.elapsed());
    let (start, before) = (Instant::now(), resident_kb());
    let bodies = catalogue.operations().filter_map(|operation| operation.body.as_ref());
    let compiled: Vec<_> =
        bodies.map(|body| jsonschema::validator_for(&body.shape.json_schema()).expect("a schema")).collect();
    let (elapsed, more) = (start.elapsed(), resident_kb().saturating_sub(before));
    println!("validators {elapsed:>9.2?}  {} bodies, {more} kB more resident", compiled.len());
}

/// Memory of this process; 0 where the system does not say.
fn resident_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
