//! Analytics: the methods, held against published and reference answers on whole data sets, and the server from the
//! outside, data sets and what is made of them, on both databases.

mod bad_input;
mod cdnow;
mod classification;
mod data;
mod determinism;
mod lifetime_value;

mod stage;

mod compare_segments;
mod delete_dataset;
mod describe_dataset;
mod export_segment;
mod eyes_cdnow;
mod eyes_large;
mod get_segment_members;
mod import_bad_input;
mod import_dataset;
mod import_forms;
mod import_large;
mod import_parquet;
mod list_datasets;
mod people;
mod segment_customers;
mod sync_dataset;

#[test]
fn the_server_is_called_analytics() {
    assert_eq!(mcp_analytics::SERVER.name, "analytics");
}
