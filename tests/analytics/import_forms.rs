//! `import_dataset` reads CSV as the world writes it, and JSON Lines.

use serde_json::json;
use tests::database::on_each_database;

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_orders_are_read_however_they_are_written() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let semicolons =
            "\u{feff}Kunde;Datum;Betrag;Währung\r\nann;20.01.2026;1.234,50;EUR\r\nbob;03.02.2026;7,00;EUR\r\n";
        let tabs = "customer\tdate\tamount\tcurrency\nann\t2026-01-20\t1234.50\tEUR\nbob\t2026-02-03\t7\tEUR\n";
        let lines = r#"{"customer": {"id": "ann"}, "date": "2026-01-20", "amount": 1234.5, "currency": "EUR"}
{"customer": {"id": "bob"}, "date": "2026-02-03", "amount": 7, "currency": "EUR", "more": [1]}
"#;
        let columns = json!({"customer_id": "Kunde", "at": "Datum", "amount": "Betrag", "currency": "Währung"});
        stage.import_with("one", "transactions", json!({"text": semicolons, "columns": columns})).await;
        stage.import_with("two", "transactions", json!({"text": tabs})).await;
        let read = stage
            .import_with("three", "transactions", json!({"text": lines, "columns": {"customer_id": "customer.id"}}))
            .await;
        assert_eq!(read["form"], "json_lines");
        let mut described = Vec::new();
        for dataset in ["one", "two", "three"] {
            described.push(stage.call("describe_dataset", json!({"dataset": dataset})).await["fields"].clone());
        }
        let max = Stage::column(&described[0], "max");
        assert!(max.contains(&json!(123_450)) && max.contains(&json!("2026-02-03T00:00:00Z")), "{max:?}");
        assert_eq!(described[0], described[1]);
        assert_eq!(described[1], described[2]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_without_header_is_read_by_the_places_of_its_columns() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let text = "00004,19970101,29.33\n00004,19970118,29.73\n00021,19970101,63.34\n";
        let columns = json!({"customer_id": "column 1", "at": "column 2", "amount": "column 3"});
        let done = stage
            .import_with("cdnow", "transactions", json!({"text": text, "columns": columns, "currency": "USD"}))
            .await;
        assert_eq!((&done["rows"], &done["dates"]["at"]), (&json!(3), &json!("compact")), "{done:#}");
    })
    .await;
}
