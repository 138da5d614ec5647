//! What the client does when v3 of the API has dropped an operation, against a vendor that a script plays.

use common::clock::Clock;
use serde_json::json;
use tests::faults::{Answer, Arrival, Fault, FaultyServer};

use crate::bench::{Bench, COURSES, RIVAL, VISITOR};

/// Knows locations in dated versions only, in the vendor's words (highlevel-api-docs issue 304, 2026-06-22).
fn only_dated(arrival: &Arrival) -> Fault {
    let json = |status: u16, body: String| Fault::Answer(Answer::new(status).body(body));
    if arrival.headers["version"] == "v3" {
        let message = "Endpoint /locations not available in API version v3. This endpoint was removed in version v3.";
        return json(400, json!({"statusCode": 400, "message": message, "error": "Bad Request"}).to_string());
    }
    let id = arrival.target.rsplit('/').next().unwrap_or_default();
    json(200, json!({"location": {"id": id, "name": format!("Dated {id}")}}).to_string())
}

#[tokio::test]
async fn an_operation_that_v3_has_dropped_is_asked_in_its_dated_version_and_remembered() {
    let vendor = FaultyServer::start(&Clock::system(), only_dated).await.unwrap();
    let base_url = format!("http://{}", vendor.authority());
    let bench = Bench::before(|_| base_url).await;

    let list = bench.call_as(RIVAL, "list_locations", json!({})).await;
    assert_eq!(list["items"][0]["name"], format!("Dated {COURSES}"));
    bench.call_as(VISITOR, "list_locations", json!({})).await;

    let versions: Vec<String> =
        vendor.arrivals().iter().map(|arrival| arrival.headers["version"].to_str().unwrap().to_owned()).collect();
    assert_eq!(versions, ["v3", "2021-07-28", "2021-07-28", "2021-07-28", "2021-07-28"]);
    assert_eq!(vendor.arrivals()[0].headers["authorization"], "Bearer pit-demo-courses");
}
