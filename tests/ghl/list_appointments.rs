use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, GYM, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

/// A Monday on which nothing is booked.
const START: &str = "2027-01-04T09:00:00-08:00";

async fn book(bench: &Bench, start: &str, owner: &str) -> Value {
    let arguments = json!({"contact": HUGO, "calendar": "Consultation", "start": start, "owner": owner});
    bench.call("book_appointment", arguments).await["appointment_id"].clone()
}

/// The demo's own: those of the two weeks after its dates were made.
fn two_weeks() -> Value {
    json!({"from": "2026-11-19", "to": "2026-12-05"})
}

fn with(fields: Value) -> Value {
    let mut all = two_weeks();
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    all
}

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_day_is_listed_by_start_with_names_and_the_locations_clock() {
    let bench = Bench::new().await;
    let late = book(&bench, "2027-01-04T10:00:00-08:00", "Priya").await;
    let early = book(&bench, START, "Tom").await;
    let day = json!({"from": "2027-01-04", "to": "2027-01-04"});
    let mut list = bench.call("list_appointments", day).await;
    assert_eq!(ids(&list), [early.as_str().unwrap(), late.as_str().unwrap()]);
    list["items"].as_array_mut().unwrap().pop();
    let row = json!({
        "id": early, "starts_at": START, "ends_at": "2027-01-04T09:30:00-08:00", "title": "Hugo Laurent",
        "status": "confirmed", "calendar": "Consultation", "owner": "Tom Okafor", "contact_id": HUGO
    });
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME}, "items": [row], "total": 2,
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/calendars/view")
    });
    assert_eq!(list, expected);
}

#[tokio::test]
async fn whose_and_what_became_of_them_can_be_asked_for() {
    let bench = Bench::new().await;
    let all = bench.call("list_appointments", two_weeks()).await;
    let total = all["total"].as_u64().unwrap();
    assert!(total > 4, "{all}");
    let of = async |fields: Value| bench.call("list_appointments", with(fields)).await;
    let (priya, tom) = (of(json!({"owner": "Priya"})).await, of(json!({"owner": "tom"})).await);
    assert!(priya["total"] != json!(0) && tom["total"] != json!(0));
    assert_eq!(priya["total"].as_u64().unwrap() + tom["total"].as_u64().unwrap(), total);
    let toms = of(json!({"owner": "tom", "calendar": "consultation"})).await;
    assert_eq!(ids(&toms), ids(&tom));
    assert_eq!(of(json!({"calendar": "Recall visit"})).await["total"], 0);
    let first = ids(&all)[0];
    bench.call("update_appointment", json!({"appointment": first, "status": "noshow"})).await;
    assert_eq!(ids(&of(json!({"status": "noshow"})).await), [first]);
    assert_eq!(of(json!({})).await["total"], json!(total), "a no-show stays in the list");
}

#[tokio::test]
async fn a_contacts_appointments_are_listed_whenever_they_are() {
    let bench = Bench::new().await;
    let id = book(&bench, START, "Tom").await;
    let list = bench.call("list_appointments", json!({"contact": "Hugo Laurent"})).await;
    assert!(ids(&list).contains(&id.as_str().unwrap()), "{list}");
    assert_eq!(list["items"].as_array().unwrap().last().unwrap()["starts_at"], START);
    assert!(bench.requests().await.iter().all(|request| !request.contains("/calendars/events?")));
}

#[tokio::test]
async fn blocked_times_come_along_when_asked_for() {
    let bench = Bench::new().await;
    let arguments = json!({"from": "2026-12-01", "to": "2026-12-20", "owner": "Priya"});
    assert!(bench.call("list_appointments", arguments.clone()).await.get("blocked").is_none());
    let mut arguments = arguments;
    arguments["blocked"] = json!(true);
    let list = bench.call("list_appointments", arguments).await;
    let lunch = json!({
        "starts_at": "2026-12-10T12:00:00-08:00", "ends_at": "2026-12-10T13:00:00-08:00",
        "title": "Lunch with the bank", "owner": "Priya Raman"
    });
    assert_eq!(list["blocked"], json!([lunch]));
}

#[tokio::test]
async fn pages_lead_to_the_end_and_no_further() {
    let bench = Bench::new().await;
    let whole = bench.call("list_appointments", two_weeks()).await;
    let paged = bench.all_pages("list_appointments", with(json!({"limit": 3}))).await;
    assert_eq!(json!(paged), whole["items"]);
    let page = bench.call("list_appointments", with(json!({"limit": 3}))).await;
    let other = json!({"from": "2026-11-21", "cursor": page["next_cursor"]});
    assert_eq!(bench.refused("list_appointments", other).await.faulty_fields(), ["/cursor"]);
}

#[tokio::test]
async fn a_time_that_is_none_or_too_long_is_refused() {
    let bench = Bench::new().await;
    for (arguments, field) in [
        (json!({"from": "yesterday"}), "/from"),
        (json!({"from": "2026-12-05", "to": "2026-12-01"}), "/to"),
        (json!({"from": "2026-12-05", "to": "2027-12-01"}), "/to"),
        (json!({"status": "done"}), "/status"),
    ] {
        assert_eq!(bench.refused("list_appointments", arguments).await.faulty_fields(), [field]);
    }
    let unknown = bench.refused("list_appointments", json!({"calendar": "Consultatin"})).await;
    assert_eq!((unknown.code(), unknown.candidates()[0]), ("not_found", "Consultation"));
}

#[tokio::test]
async fn tenants_see_their_own_appointments_only() {
    let bench = Bench::new().await;
    let strange = bench.refused("list_appointments", json!({"location": COURSES})).await;
    assert_eq!(strange.code(), "not_found");
    assert_eq!(bench.refused_as(RIVAL, "list_appointments", json!({"contact": HUGO})).await.code(), "not_found");
    let gym = bench.call("list_appointments", with(json!({"location": GYM}))).await;
    assert_eq!(gym["items"][0]["calendar"], "Free trial class");
}
