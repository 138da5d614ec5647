//! What comes in is checked before anything happens.

use serde_json::json;

use crate::bench::{Bench, error_of, text_of};

#[tokio::test]
async fn every_fault_is_reported_at_once_with_place_expectation_and_example() {
    let bench = Bench::new();
    let result =
        bench.call("set_seats", json!({ "seats": 0, "tier": "platinum", "owner": "secret-name", "sets": 1 })).await;
    let error = error_of(&result);
    assert_eq!(error["code"], "invalid_argument");
    let mut faults = error["details"]["faults"].as_array().expect("faults").clone();
    faults.sort_by_key(|fault| fault["field"].to_string());
    assert_eq!(
        json!(faults),
        json!([
            { "field": "/owner", "problem": "is too long", "expected": "string of at most 5 characters" },
            { "field": "/seats", "problem": "is too small", "expected": "integer from 1 to 100", "example": "1" },
            { "field": "/sets", "problem": "is not an argument of this tool", "expected": "one of `seats`, `tier`, `owner`, `labels`, `location`, `idempotency_key`" },
            { "field": "/tier", "problem": "is not one of the accepted values", "expected": "one of \"bronze\", \"gold\"", "example": "\"bronze\"" },
        ])
    );
    assert!(text_of(&result).contains("- /seats is too small, expected integer from 1 to 100, for example 1"));
    assert!(!format!("{result:?}").contains("secret-name"), "a value was repeated");
    assert_eq!(bench.effects(), 0);
}

#[tokio::test]
async fn a_missing_argument_is_named() {
    let result = Bench::new().call("get_seats", json!({})).await;
    assert_eq!(
        error_of(&result)["details"]["faults"],
        json!([{ "field": "/seats", "problem": "is missing", "expected": "integer from 1 to 100", "example": "1" }])
    );
}

#[tokio::test]
async fn an_explicit_null_means_absent() {
    let labels = json!({ "row": "a", "block": null });
    let result =
        Bench::new().call("get_seats", json!({ "seats": 1, "tier": null, "owner": null, "labels": labels })).await;
    assert_eq!(result.structured_content, Some(json!({ "effects": 0, "tier": "bronze" })));
}
