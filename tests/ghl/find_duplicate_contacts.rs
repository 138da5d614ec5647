use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";
const GYM: &str = "Iron Harbor Gym";

fn ids(found: &Value) -> Vec<&str> {
    found["duplicates"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// A contact of the gym, which allows several with one address; straight at the vendor, as our upsert makes no doubles.
async fn double(bench: &Bench, email: &str, phone: &str) -> String {
    let body = json!({"locationId": crate::bench::GYM, "firstName": "Twin", "email": email, "phone": phone});
    let (status, made) = bench.at_vendor_of(1, http::Method::POST, "/contacts/", Some(body)).await;
    assert_eq!(status, 201, "{made}");
    made["contact"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn doubles_of_a_contact_are_shown_with_what_they_share() {
    let bench = Bench::new().await;
    let first = double(&bench, "twin@example.com", "+14105550701").await;
    let both = double(&bench, "TWIN@example.com", "+14105550701").await;
    let phone_only = double(&bench, "other@example.com", "+1 410 555 0701").await;
    let found = bench.call("find_duplicate_contacts", json!({"location": GYM, "contact": first})).await;
    assert_eq!((&found["email"], &found["phone"]), (&json!("twin@example.com"), &json!("+14105550701")));
    let shares: Vec<(&str, &Value)> = found["duplicates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].as_str().unwrap(), &row["shares"]))
        .collect();
    assert_eq!(shares.len(), 2, "{found}");
    assert!(shares.contains(&(both.as_str(), &json!(["email", "phone"]))), "{found}");
    assert!(shares.contains(&(phone_only.as_str(), &json!(["phone"]))), "{found}");
}

#[tokio::test]
async fn values_find_everybody_who_has_them() {
    let bench = Bench::new().await;
    let hugo = bench.call("get_contact", json!({"contact": HUGO, "include": []})).await["contact"].clone();
    let found = bench.call("find_duplicate_contacts", json!({"email": hugo["email"], "phone": "+15035559999"})).await;
    assert_eq!(ids(&found), [HUGO]);
    assert_eq!(found["duplicates"][0]["shares"], json!(["email"]));
    let alone = bench.call("find_duplicate_contacts", json!({"contact": HUGO})).await;
    assert!(ids(&alone).is_empty(), "nobody is their own double: {alone}");
}

#[tokio::test]
async fn faults_are_told_and_other_tenants_see_nothing() {
    let bench = Bench::new().await;
    let refused = bench.refused("find_duplicate_contacts", json!({})).await;
    assert_eq!(refused.faulty_fields(), ["/email", "/phone"]);
    let refused = bench.refused("find_duplicate_contacts", json!({"email": "x", "phone": "5"})).await;
    assert_eq!(refused.faulty_fields(), ["/email", "/phone"]);
    let both = json!({"contact": HUGO, "email": "a@example.com"});
    assert_eq!(bench.refused("find_duplicate_contacts", both).await.faulty_fields(), ["/contact"]);
    assert_eq!(bench.refused_as(RIVAL, "find_duplicate_contacts", json!({"contact": HUGO})).await.code(), "not_found");
    let elsewhere = json!({"contact": HUGO, "location": COURSES});
    assert_eq!(bench.refused("find_duplicate_contacts", elsewhere).await.code(), "not_found");
}
