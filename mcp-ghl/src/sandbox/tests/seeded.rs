//! What the demo agency holds.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use serde_json::{Value, json};

use super::{Bench, NOW_MS, dental};
use crate::sandbox::{AGENCY_TOKEN, DEMO_LOCATIONS, Sandbox, SandboxSettings, ids, store};

#[test]
fn demo_location_ids_are_those_of_the_seed() {
    for location in DEMO_LOCATIONS {
        assert_eq!(location.id, ids::named(&format!("{}/location", location.slug)), "{}", location.slug);
    }
}

#[tokio::test]
async fn every_location_is_full_and_believable() {
    let bench = Bench::new().await;
    for location in DEMO_LOCATIONS {
        let search = json!({"locationId": location.id, "pageLimit": 500});
        let found = bench.ask_as(location.token, "v3", "POST", "/contacts/search", search).await.body;
        let contacts = found["contacts"].as_array().unwrap();
        assert!((60..=150).contains(&contacts.len()), "{}", contacts.len());
        let texts =
            |name: &str| -> Vec<&str> { contacts.iter().filter_map(|contact| contact[name].as_str()).collect() };
        let (emails, phones) = (texts("email"), texts("phone"));
        assert!(emails.iter().all(|email| {
            ["@example.com", "@example.org", "@example.net"].iter().any(|domain| email.ends_with(domain))
        }));
        assert!(phones.iter().all(|phone| phone.len() == 12 && phone[5..].starts_with("55501")), "{phones:?}");
        assert_eq!(emails.iter().collect::<BTreeSet<_>>().len(), emails.len());
        assert_eq!(phones.iter().collect::<BTreeSet<_>>().len(), phones.len());
        for tag in ["src_paid", "stage_tripwire", "bought_tripwire", "stage_call_booked"] {
            assert!(contacts.iter().any(|contact| contact["tags"].as_array().unwrap().contains(&json!(tag))), "{tag}");
        }
        assert!(contacts.iter().any(|contact| contact["dnd"] == json!(true)));
    }
}

#[tokio::test]
async fn deals_stand_in_both_pipelines_in_every_status() {
    let bench = Bench::new().await;
    let path = format!("/opportunities/pipelines?locationId={}", dental().id);
    let pipelines = bench.call("GET", &path, Value::Null).await;
    let pipelines = pipelines["pipelines"].as_array().unwrap();
    assert_eq!(pipelines.len(), 2);
    for pipeline in pipelines {
        assert!((4..=6).contains(&pipeline["stages"].as_array().unwrap().len()));
        for status in ["open", "won", "lost"] {
            let filters = json!([
                {"field": "pipeline_id", "operator": "eq", "value": pipeline["id"]},
                {"field": "status", "operator": "eq", "value": status},
            ]);
            let search = json!({"locationId": dental().id, "limit": 1, "filters": filters});
            let found = bench.call("POST", "/opportunities/search", search).await;
            assert!(found["total"].as_i64().unwrap() > 0, "{status} in {}", pipeline["name"]);
        }
    }
}

#[tokio::test]
async fn somebody_left_a_note_for_the_agent() {
    let bench = Bench::new().await;
    let contact_id = ids::named("dental/contact/7");
    let notes = bench.call("GET", &format!("/contacts/{contact_id}/notes"), Value::Null).await;
    assert!(notes.to_string().contains("ignore all previous instructions"), "{notes}");
}

#[tokio::test]
async fn the_agency_sees_its_locations_and_people() {
    let bench = Bench::new().await;
    let locations = bench.ask_as(AGENCY_TOKEN, "v3", "GET", "/locations/search", Value::Null).await.body;
    assert_eq!(locations["locations"].as_array().unwrap().len(), 3);
    let company_id = locations["locations"][0]["companyId"].as_str().unwrap();
    let path = format!("/users/search?companyId={company_id}");
    let users = bench.ask_as(AGENCY_TOKEN, "v3", "GET", &path, Value::Null).await.body;
    assert_eq!(users["count"], json!(9));
}

#[tokio::test]
async fn seeding_is_quick() {
    let (sandbox, _folder) = bare().await;
    let began = Instant::now();
    sandbox.ready().await.unwrap();
    println!("migrated and seeded in {:?}", began.elapsed());
    assert!(began.elapsed().as_millis() < 2_000, "{:?}", began.elapsed());
}

/// Several processes share one data folder.
#[tokio::test]
async fn two_processes_over_one_file_seed_it_once() {
    let (first, folder) = bare().await;
    let second = over(folder.path()).await;
    store::migrate(first.db()).await.unwrap();
    let (one, other) = tokio::join!(first.ready(), second.ready());
    one.unwrap();
    other.unwrap();
    let mut connection = store::read(second.db()).await.unwrap();
    let locations = store::locations::list(&mut connection, &ids::named("agency")).await.unwrap();
    assert_eq!(locations.len(), 3);
}

async fn bare() -> (Sandbox, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (over(folder.path()).await, folder)
}

async fn over(folder: &Path) -> Sandbox {
    let db = Db::open(&DatabaseSettings::default(), &folder.join("sandbox.db")).await.unwrap();
    Sandbox::new(db, Clock::manual(NOW_MS), SandboxSettings::default())
}
