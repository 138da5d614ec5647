//! `import_dataset` reads Parquet, in each packing and with each form of instants that exports have.

use std::sync::Arc;

use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;
use tests::database::on_each_database;

use crate::stage::{NOW_MS, Stage};

const DAY_MS: i64 = 86_400_000;

/// Three orders: by a day, by microseconds, by nanoseconds; a list besides, which is left out.
fn orders(compression: Compression) -> Vec<u8> {
    let message = "message orders {
        required binary customer_id (UTF8);
        required int32 day (DATE);
        required int64 micros (TIMESTAMP_MICROS);
        required int64 nanos (TIMESTAMP(NANOS, true));
        optional double amount;
    }";
    let schema = Arc::new(parse_message_type(message).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let mut group = file.next_row_group().unwrap();
    let days = [1_i64, 2, 3].map(|day| NOW_MS - day * DAY_MS);
    let mut column = group.next_column().unwrap().unwrap();
    let ids = ["ann", "bob", "ann"].map(ByteArray::from);
    column.typed::<ByteArrayType>().write_batch(&ids, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let values = days.map(|at_ms| i32::try_from(at_ms / DAY_MS).unwrap());
    column.typed::<Int32Type>().write_batch(&values, None, None).unwrap();
    column.close().unwrap();
    for factor in [1_000, 1_000_000] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&days.map(|at_ms| at_ms * factor), None, None).unwrap();
        column.close().unwrap();
    }
    let mut column = group.next_column().unwrap().unwrap();
    // Of the second order no amount is known; the third has none that is a number.
    column.typed::<DoubleType>().write_batch(&[29.33, f64::NAN], Some(&[1, 0, 1]), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    file.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_packing_and_every_unit_of_instants_is_read() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let packings = [
            ("none", Compression::UNCOMPRESSED),
            ("snappy", Compression::SNAPPY),
            ("gzip", Compression::GZIP(GzipLevel::default())),
            ("zstd", Compression::ZSTD(ZstdLevel::default())),
        ];
        for (name, compression) in packings {
            stage.file(&format!("{name}.parquet"), &orders(compression));
            for at in ["day", "micros", "nanos"] {
                let further = json!({
                    "file": format!("{name}.parquet"), "columns": {"at": at}, "currency": "EUR", "refused_max": 70,
                });
                let done = stage.import_with("shop", "transactions", further).await;
                assert_eq!((&done["rows"], &done["refused"]), (&json!(1), &json!(2)), "{name} {at}: {done:#}");
                let reasons = Stage::column(&done["refused_rows"], "reason");
                assert!(reasons[0].as_str().unwrap().contains("there is none"), "{reasons:?}");
                assert!(reasons[1].as_str().unwrap().contains("finite"), "{reasons:?}");
                let told = stage.call("describe_dataset", json!({"dataset": "shop"})).await;
                assert_eq!(Stage::column(&told["time"], "last_at"), ["2026-11-19T00:00:00Z"], "{name} {at}");
                assert!(Stage::column(&told["fields"], "max").contains(&json!(2_933)));
            }
        }
    })
    .await;
}
