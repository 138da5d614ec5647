use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn block(bench: &Bench, from: &str, to: &str) {
    bench.call("block_time", json!({"owner": "Tom", "from": from, "to": to})).await;
}

async fn first_free(bench: &Bench) -> Value {
    let day = json!({"calendar": "Consultation", "owner": "Tom", "from": "2027-01-04", "limit": 1});
    bench.call("find_free_slots", day).await["days"][0]["times"][0].clone()
}

async fn removals(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| request.starts_with("DELETE ")).count()
}

#[tokio::test]
async fn what_is_unblocked_can_be_booked_again() {
    let bench = Bench::new().await;
    block(&bench, "2027-01-04T09:00", "2027-01-04T10:00").await;
    assert_eq!(first_free(&bench).await, "10:00");
    let answer = noted(&bench.call("unblock_time", json!({"owner": "Tom", "start": "2027-01-04"})).await);
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "unblocked": {
            "starts_at": "2027-01-04T09:00:00-08:00", "ends_at": "2027-01-04T10:00:00-08:00", "owner": "Tom Okafor"
        }
    });
    assert_eq!(answer, expected);
    assert_eq!(first_free(&bench).await, "09:00");
    let again = bench.refused("unblock_time", json!({"owner": "Tom", "start": "2027-01-04"})).await;
    assert_eq!((again.code(), removals(&bench).await), ("not_found", 1));
}

#[tokio::test]
async fn several_on_a_day_are_told_apart_by_their_start() {
    let bench = Bench::new().await;
    block(&bench, "2027-01-04T09:00", "2027-01-04T10:00").await;
    block(&bench, "2027-01-04T14:00", "2027-01-04T15:00").await;
    let several = bench.refused("unblock_time", json!({"owner": "Tom", "start": "2027-01-04"})).await;
    assert_eq!((several.code(), several.candidates().len()), ("invalid_argument", 2));
    let start = several.error["details"]["candidates"][1]["id"].clone();
    let answer = bench.call("unblock_time", json!({"owner": "Tom", "start": start})).await;
    assert_eq!(answer["unblocked"]["starts_at"], "2027-01-04T14:00:00-08:00");
    assert_eq!(first_free(&bench).await, "10:00");
}

#[tokio::test]
async fn appointments_are_never_taken_away() {
    let bench = Bench::new().await;
    let visit = json!({"contact": HUGO, "calendar": "Consultation", "start": "2027-01-04T09:00", "owner": "Tom"});
    bench.call("book_appointment", visit).await;
    for whose in [json!({"owner": "Tom"}), json!({"calendar": "Consultation"})] {
        let mut arguments = whose;
        arguments["start"] = json!("2027-01-04");
        assert_eq!(bench.refused("unblock_time", arguments).await.code(), "not_found");
    }
    assert_eq!(removals(&bench).await, 0);
}

#[tokio::test]
async fn a_removal_whose_answer_was_lost_is_seen_to_have_been_made() {
    let bench = Bench::new().await;
    block(&bench, "2027-01-04T09:00", "2027-01-04T10:00").await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "DELETE"})).await;
    bench.call("unblock_time", json!({"owner": "Tom", "start": "2027-01-04T09:00"})).await;
    assert_eq!((first_free(&bench).await, removals(&bench).await), (json!("09:00"), 1));
}

#[tokio::test]
async fn a_server_error_leaves_it_blocked() {
    let bench = Bench::new().await;
    block(&bench, "2027-01-04T09:00", "2027-01-04T10:00").await;
    bench.order_fault(json!({"kind": "server_error", "method": "DELETE"})).await;
    let refused = bench.refused("unblock_time", json!({"owner": "Tom", "start": "2027-01-04"})).await;
    assert_eq!((refused.code(), first_free(&bench).await), ("upstream_unavailable", json!("10:00")));
}

#[tokio::test]
async fn bad_arguments_and_other_tenants_people_unblock_nothing() {
    let bench = Bench::new().await;
    let refused = bench.refused("unblock_time", json!({"owner": "Tom", "start": "soon"})).await;
    assert_eq!(refused.faulty_fields(), ["/start"]);
    let refused = bench.refused("unblock_time", json!({"start": "2027-01-04"})).await;
    assert_eq!(refused.faulty_fields(), ["/calendar"]);
    let strange = json!({"owner": "Tom", "start": "2027-01-04", "location": COURSES});
    assert_eq!(bench.refused("unblock_time", strange).await.code(), "not_found");
}

#[tokio::test]
async fn an_unblocked_time_can_be_blocked_again() {
    let bench = Bench::new().await;
    block(&bench, "2027-01-04T09:00", "2027-01-04T10:00").await;
    let answer = bench.call("unblock_time", json!({"owner": "Tom", "start": "2027-01-04"})).await;
    bench.call("undo_change", json!({"change": answer["change_id"]})).await;
    assert_eq!(first_free(&bench).await, "10:00");
}
