use serde_json::{Value, json};

use crate::bench::{BOLD, Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn first_free(bench: &Bench, mut fields: Value) -> Value {
    fields["from"] = json!("2027-01-04");
    fields["limit"] = json!(1);
    let days = bench.call("find_free_slots", fields).await["days"].clone();
    json!([days[0]["date"], days[0]["times"][0]])
}

async fn blockings(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| *request == "POST /calendars/events/block-slots").count()
}

#[tokio::test]
async fn a_persons_days_are_not_offered_and_what_stands_in_them_is_named() {
    let bench = Bench::new().await;
    let visit = json!({"contact": HUGO, "calendar": "Consultation", "start": "2027-01-05T11:00", "owner": "Tom"});
    bench.call("book_appointment", visit).await;
    let holiday = json!({"owner": "Tom", "from": "2027-01-04", "to": "2027-01-06", "title": "Away"});
    let mut answer = noted(&bench.call("block_time", holiday.clone()).await);
    assert_eq!(answer["appointments"][0]["starts_at"], "2027-01-05T11:00:00-08:00");
    answer.as_object_mut().unwrap().remove("appointments");
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "blocked": {
            "starts_at": "2027-01-04T00:00:00-08:00", "ends_at": "2027-01-07T00:00:00-08:00", "title": "Away",
            "owner": "Tom Okafor"
        },
        "created": true,
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/calendars/view")
    });
    assert_eq!(answer, expected);
    let toms = first_free(&bench, json!({"calendar": "Consultation", "owner": "Tom"})).await;
    assert_eq!(toms, json!(["2027-01-07", "09:00"]));
    assert_eq!(first_free(&bench, json!({"calendar": "Consultation"})).await, json!(["2027-01-04", "09:00"]));
    assert_eq!(bench.call("block_time", holiday).await["created"], false);
    assert_eq!(blockings(&bench).await, 1);
}

#[tokio::test]
async fn a_calendar_is_blocked_for_its_whole_team() {
    let bench = Bench::new().await;
    let morning = json!({"calendar": "consult", "from": "2027-01-04T08:00", "to": "2027-01-04T12:00"});
    let answer = bench.call("block_time", morning).await;
    assert_eq!(answer["blocked"]["calendar"], "Consultation");
    assert_eq!(first_free(&bench, json!({"calendar": "Consultation"})).await, json!(["2027-01-04", "12:00"]));
    assert_eq!(first_free(&bench, json!({"calendar": "Recall"})).await, json!(["2027-01-04", "08:00"]));
}

#[tokio::test]
async fn a_blocked_time_whose_answer_was_lost_is_found_and_not_blocked_again() {
    for kind in ["done_but_unprocessable", "done_but_server_error"] {
        let bench = Bench::new().await;
        bench.order_fault(json!({"kind": kind, "method": "POST", "path_prefix": "/calendars/"})).await;
        let away = json!({"owner": "Tom", "from": "2027-01-04", "to": "2027-01-04"});
        let answer = bench.call("block_time", away).await;
        assert_eq!((&answer["created"], blockings(&bench).await), (&json!(true), 1), "{kind}");
    }
}

#[tokio::test]
async fn a_server_error_is_told_and_nothing_is_repeated() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/calendars/"})).await;
    let away = json!({"owner": "Tom", "from": "2027-01-04", "to": "2027-01-04"});
    assert_eq!(bench.refused("block_time", away).await.code(), "upstream_unavailable");
    assert_eq!(blockings(&bench).await, 1);
}

#[tokio::test]
async fn bad_arguments_and_other_tenants_people_block_nothing() {
    let bench = Bench::new().await;
    let day = |fields: Value| {
        let mut all = json!({"from": "2027-01-04", "to": "2027-01-04"});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        all
    };
    for (fields, field) in [
        (json!({}), "/calendar"),
        (json!({"owner": "Tom", "calendar": "Consultation"}), "/calendar"),
        (json!({"owner": "Tom", "to": "2027-01-03"}), "/to"),
        (json!({"owner": "Tom", "to": "2027-06-03"}), "/to"),
        (json!({"owner": "Tom", "from": "soon"}), "/from"),
    ] {
        let refused = bench.refused("block_time", day(fields.clone())).await;
        assert_eq!(refused.faulty_fields(), [field], "{fields}");
    }
    let unknown = bench.refused("block_time", day(json!({"owner": "Nobody Else"}))).await;
    assert_eq!(unknown.code(), "not_found");
    let strange = bench.refused("block_time", day(json!({"owner": "Tom", "location": COURSES}))).await;
    assert_eq!(strange.code(), "not_found");
    let strange = bench.refused_as(RIVAL, "block_time", day(json!({"owner": "Tom Okafor"}))).await;
    assert_eq!((strange.code(), blockings(&bench).await), ("not_found", 0));
}

#[tokio::test]
async fn a_blocked_time_can_be_taken_back_once() {
    let bench = Bench::new().await;
    let away = json!({"owner": "Tom", "from": "2027-01-04", "to": "2027-01-04"});
    let blocked = bench.call_as(BOLD, "block_time", away).await;
    let undo = json!({"change": blocked["change_id"]});
    bench.call_as(BOLD, "undo_change", undo).await;
    let toms = first_free(&bench, json!({"calendar": "Consultation", "owner": "Tom"})).await;
    assert_eq!(toms, json!(["2027-01-04", "09:00"]));
}
