//! A whole run of EYES from files to segments, and what it takes. 100,000 people with 2,000,000 transactions where the long
//! tests are asked for (`tests/run --full`), a fiftieth of them otherwise.

use std::io::Write as _;
use std::time::Instant;

use serde_json::json;
use tests::database::TestDatabase;

use crate::stage::{NOW_MS, Stage};

const DAY_MS: i64 = 86_400_000;

/// The most memory that this process has held so far, in MB; none where the system does not say.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1_024)
}

/// Processor time that this process has taken so far, in seconds; none where the system does not say.
fn cpu_s() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the program's name: `utime` and `stime` are the 12th and 13th, in hundredths of a second (proc(5)).
    let mut times = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || times.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / 100.0)
}

/// A sequence that is always the same.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Four kinds of people: how many of ten they are, their orders, the days since the last ones, and the cents of each.
const KINDS: [(u64, u64, (u64, u64), u64); 4] =
    [(2, 60, (0, 40), 9_000), (3, 20, (30, 200), 5_000), (4, 4, (300, 300), 2_500), (1, 2, (0, 25), 1_500)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_run_keeps_its_people_and_repeats_itself_from_the_cache() {
    let people: u64 = if tests::time::is_full_run() { 100_000 } else { 2_000 };
    let stage = Stage::open(TestDatabase::sqlite());
    let mut customers = std::io::BufWriter::new(std::fs::File::create(stage.file("people.csv", b"")).unwrap());
    let mut orders = std::io::BufWriter::new(std::fs::File::create(stage.file("orders.csv", b"")).unwrap());
    writeln!(customers, "customer_id,consent").unwrap();
    writeln!(orders, "transaction_id,customer_id,at,amount,currency").unwrap();
    let (mut sequence, mut rows) = (Sequence(1), 0_u64);
    for person in 0..people {
        writeln!(customers, "c{person},yes").unwrap();
        let kind = KINDS.iter().scan(0, |sum, kind| {
            *sum += kind.0;
            Some((*sum, kind))
        });
        let (_, (_, count, (from, span), cents)) = { kind }.find(|(upto, _)| person % 10 < *upto).unwrap();
        for _ in 0..count + sequence.below(count / 2 + 1) {
            let days = from + sequence.below(*span * 8);
            let at_ms =
                NOW_MS - i64::try_from(days).unwrap() * DAY_MS - i64::try_from(sequence.below(86_400_000)).unwrap();
            let cents = cents / 2 + sequence.below(*cents);
            writeln!(orders, "o{rows},c{person},{at_ms},{}.{:02},EUR", cents / 100, cents % 100).unwrap();
            rows += 1;
        }
    }
    customers.flush().unwrap();
    orders.flush().unwrap();
    let (began, cpu) = (Instant::now(), cpu_s());
    stage.import_with("shop", "customers", json!({"file": "people.csv"})).await;
    let done = stage.import_with("shop", "transactions", json!({"file": "orders.csv"})).await;
    assert_eq!((&done["rows"], &done["refused"]), (&json!(rows), &json!(0)));
    let spent = |since: Option<f64>| Some(cpu_s()? - since?);
    let (took, spent_s) = (began.elapsed(), spent(cpu));
    println!(
        "{people} people, {rows} transactions: imported in {took:?}, processor {spent_s:?} s, peak {:?} MB",
        peak_mb()
    );
    let (began, cpu) = (Instant::now(), cpu_s());
    let answer = stage.call("segment_customers", json!({"dataset": "shop"})).await;
    println!("segmented in {:?}, processor {:?} s, peak {:?} MB", began.elapsed(), spent(cpu), peak_mb());
    assert_eq!(answer["provenance"]["people"], people, "{answer:#}");
    println!("passed: {}, {} {}", answer["gate_passed"], answer["algorithm"], answer["parameters"]);
    let began = Instant::now();
    let again = stage.call("segment_customers", json!({"dataset": "shop"})).await;
    println!("from the cache in {:?}", began.elapsed());
    assert_eq!((&again["result"], &again["provenance"]["cached"]), (&answer["result"], &json!(true)));
    let in_segments: u64 =
        Stage::column(&answer["segments"], "people").iter().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(in_segments + answer["in_no_segment"].as_u64().unwrap(), people);
}
