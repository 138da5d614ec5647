//! Many transactions: how long they take to come in and to be summed up. Ten million where the long tests are asked for
//! (`tests/run --full`), 100,000 otherwise.

use std::io::Write as _;
use std::time::Instant;

use serde_json::json;
use tests::database::on_each_database;

use crate::stage::{NOW_MS, Stage};

fn rows() -> u64 {
    if tests::time::is_full_run() { 10_000_000 } else { 100_000 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transaction_of_a_large_file_is_there_afterwards() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let path = stage.file("large.csv", b"");
        let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        writeln!(file, "transaction_id,customer_id,at,amount,currency").unwrap();
        let (rows, people) = (rows(), rows() / 20);
        for row in 0..rows {
            let at_ms = NOW_MS - i64::try_from(row * 7_919 % 63_072_000).unwrap() * 1_000;
            let person = row.wrapping_mul(2_654_435_761) % people;
            writeln!(file, "t{row},c{person},{at_ms},{}.{:02},EUR", row % 200, row % 100).unwrap();
        }
        file.flush().unwrap();
        let began = Instant::now();
        let done = stage.import_with("large", "transactions", json!({"file": "large.csv"})).await;
        println!("{rows} rows imported in {:?}", began.elapsed());
        assert_eq!((&done["rows"], &done["refused"]), (&json!(rows), &json!(0)), "{done:#}");
        let began = Instant::now();
        let told = stage.call("describe_dataset", json!({"dataset": "large"})).await;
        println!("described in {:?}", began.elapsed());
        assert_eq!(told["consent"]["people"], people, "{told:#}");
    })
    .await;
}
