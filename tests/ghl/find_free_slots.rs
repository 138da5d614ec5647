use common::clock::Clock;
use serde_json::{Value, json};
use tests::faults::{Answer, Arrival, Fault, FaultyServer};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, GYM, RIVAL};

/// All slots as `date time offset`.
fn slots(found: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all = Vec::new();
    for day in found["days"].as_array().unwrap() {
        for time in day["times"].as_array().unwrap() {
            all.push(format!("{} {} {}", text(&day["date"]), text(time), text(&day["offset"])));
        }
    }
    all
}

async fn asked(bench: &Bench) -> Vec<String> {
    bench.requests().await.into_iter().filter(|request| request.contains("/free-slots")).collect()
}

#[tokio::test]
async fn slots_come_by_day_on_the_locations_clock() {
    let bench = Bench::new().await;
    let arguments = json!({"calendar": "consultation", "from": "2027-01-04", "to": "2027-01-04", "limit": 3});
    let mut found = bench.call("find_free_slots", arguments).await;
    assert!(found["calendar"]["id"].take().is_string());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "calendar": {"id": null, "name": "Consultation"},
        "slot_minutes": 30,
        "timezone": "America/Los_Angeles",
        "days": [{
            "date": "2027-01-04", "weekday": "Mon", "offset": "-08:00", "times": ["09:00", "09:30", "10:00"]
        }],
        "count": 3,
        "next_from": "2027-01-04T10:30:00-08:00"
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn next_from_goes_on_without_a_gap_or_a_repetition() {
    let bench = Bench::new().await;
    let whole = json!({"calendar": "recall", "from": "2027-01-04", "to": "2027-01-08", "limit": 200});
    let whole = bench.call("find_free_slots", whole).await;
    assert_eq!((slots(&whole).len(), whole.get("next_from")), (40, None));
    let mut pieces = Vec::new();
    let mut arguments = json!({"calendar": "recall", "from": "2027-01-04", "to": "2027-01-08", "limit": 7});
    for _ in 0..20 {
        let piece = bench.call("find_free_slots", arguments.clone()).await;
        pieces.extend(slots(&piece));
        match piece.get("next_from") {
            Some(next) => arguments["from"] = next.clone(),
            None => break,
        }
    }
    assert_eq!(pieces, slots(&whole));
}

#[tokio::test]
async fn a_change_of_the_clocks_keeps_the_wall_clock() {
    let bench = Bench::new().await;
    let arguments = json!({"calendar": "recall", "from": "2027-03-12", "to": "2027-03-15"});
    let found = slots(&bench.call("find_free_slots", arguments).await);
    assert_eq!(found[0], "2027-03-12 08:00 -08:00");
    assert_eq!(found[8], "2027-03-15 08:00 -07:00");
    assert_eq!(found.len(), 16);
}

#[tokio::test]
async fn another_zone_reads_and_shows_on_its_own_clock() {
    let bench = Bench::new().await;
    let arguments = json!({
        "calendar": "consultation", "from": "2027-01-04T18:00", "to": "2027-01-04T19:00", "timezone": "Europe/Berlin"
    });
    let found = bench.call("find_free_slots", arguments).await;
    assert_eq!(slots(&found), ["2027-01-04 18:00 +01:00", "2027-01-04 18:30 +01:00", "2027-01-04 19:00 +01:00"]);
    assert_eq!(found["timezone"], "Europe/Berlin");
    let refused =
        bench.refused("find_free_slots", json!({"calendar": "consultation", "timezone": "Mars/Olympus"})).await;
    assert_eq!(refused.faulty_fields(), ["/timezone"]);
}

#[tokio::test]
async fn long_ranges_are_asked_in_pieces_of_31_days_and_only_as_far_as_needed() {
    let bench = Bench::new().await;
    let mut arguments = json!({"calendar": "recall", "from": "2026-12-01", "to": "2027-02-28", "limit": 200});
    let found = bench.call("find_free_slots", arguments.clone()).await;
    assert_eq!((&found["count"], asked(&bench).await.len()), (&json!(200), 2));
    arguments["calendar"] = json!("consultation");
    arguments["limit"] = json!(1);
    bench.call("find_free_slots", arguments).await;
    assert_eq!(asked(&bench).await.len(), 3, "the first piece held enough");
    let weekend = json!({"calendar": "recall", "from": "2027-01-02", "to": "2027-01-03"});
    let found = bench.call("find_free_slots", weekend).await;
    assert_eq!((&found["days"], &found["count"]), (&json!([]), &json!(0)));
    // Nothing is offered so far ahead, so that all three pieces are asked for.
    let far = json!({"calendar": "recall", "from": "2027-08-01", "to": "2027-11-01", "limit": 5});
    assert_eq!(bench.call("find_free_slots", far).await["count"], 0);
    assert_eq!(asked(&bench).await.len(), 7);
    for request in asked(&bench).await {
        let part = |name: &str| -> i64 {
            let rest = request.split_once(&format!("{name}=")).unwrap().1;
            rest.split('&').next().unwrap().parse().unwrap()
        };
        assert!(part("endDate") - part("startDate") <= 31 * 86_400_000, "{request}");
    }
}

#[tokio::test]
async fn an_owners_slots_are_the_owners_only() {
    let bench = Bench::new().await;
    let arguments =
        |owner: &str| json!({"calendar": "recall", "from": "2027-01-04", "to": "2027-01-04", "owner": owner});
    assert_eq!(bench.call("find_free_slots", arguments("lena")).await["count"], 8);
    assert_eq!(bench.call("find_free_slots", arguments("tom")).await["count"], 0, "not of this calendar's team");
}

#[tokio::test]
async fn a_location_with_one_calendar_needs_no_name() {
    let bench = Bench::new().await;
    let found = bench.call("find_free_slots", json!({"location": GYM, "from": "2027-01-04", "limit": 1})).await;
    assert_eq!(
        (&found["calendar"]["name"], &found["timezone"]),
        (&json!("Free trial class"), &json!("America/New_York"))
    );
}

#[tokio::test]
async fn ambiguity_and_the_unknown_are_answered() {
    let bench = Bench::new().await;
    let refused = bench.refused("find_free_slots", json!({"from": "2027-01-04"})).await;
    assert_eq!((refused.code(), refused.candidates()), ("invalid_argument", vec!["Consultation", "Recall visit"]));
    let refused = bench.refused("find_free_slots", json!({"calendar": "recal visits"})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Recall visit"));
    let elsewhere = json!({"location": COURSES, "calendar": "Strategy call"});
    assert_eq!(bench.refused("find_free_slots", elsewhere).await.code(), "not_found");
    assert_eq!(bench.refused_as(RIVAL, "find_free_slots", json!({"calendar": "Recall"})).await.code(), "not_found");
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("find_free_slots", json!({"from": 5, "limit": 0, "until": "x"})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/from", "/limit", "/until"]);
    let refused = bench.refused("find_free_slots", json!({"from": "monday", "to": "2027-03-14T02:30"})).await;
    assert_eq!(refused.faulty_fields(), ["/from", "/to"]);
    for (from, to) in [("2027-01-04", "2027-01-03"), ("2027-01-01", "2027-06-01")] {
        let refused = bench.refused("find_free_slots", json!({"from": from, "to": to})).await;
        assert_eq!(refused.faulty_fields(), ["/to"], "{from} {to}");
    }
}

#[tokio::test]
async fn a_server_error_is_repeated() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "GET", "path_prefix": "/calendars/"})).await;
    let arguments = json!({"calendar": "recall", "from": "2027-01-04", "limit": 1});
    assert_eq!(bench.call("find_free_slots", arguments).await["count"], 1);
}

/// Knows calendars in their dated version only, and sends what the vendor sends among the dates.
fn only_dated(arrival: &Arrival) -> Fault {
    let json = |status: u16, body: Value| Fault::Answer(Answer::new(status).body(body.to_string()));
    if arrival.target.starts_with("/locations/") {
        return json(200, json!({"location": {"id": COURSES, "name": "Courses", "timezone": "America/Chicago"}}));
    }
    if arrival.headers["version"] != "2021-04-15" {
        let message = "Endpoint not available in API version v3. This endpoint was removed in version v3.";
        return json(400, json!({"statusCode": 400, "message": message}));
    }
    if arrival.target.contains("/free-slots") {
        return json(200, json!({"2027-01-04": {"slots": ["2027-01-04T09:00:00-06:00"]}, "traceId": "t-1"}));
    }
    json(200, json!({"calendars": [{"id": "c1", "name": "Call"}, {"id": "c2", "name": "Old", "isActive": false}]}))
}

#[tokio::test]
async fn calendars_that_v3_has_dropped_are_asked_in_their_own_dated_version() {
    let vendor = FaultyServer::start(&Clock::system(), only_dated).await.unwrap();
    let base_url = format!("http://{}", vendor.authority());
    let bench = Bench::before(|_| base_url).await;
    let found = bench.call_as(RIVAL, "find_free_slots", json!({"from": "2027-01-04"})).await;
    assert_eq!(slots(&found), ["2027-01-04 09:00 -06:00"]);
    assert_eq!(found["calendar"]["name"], "Call");
}
