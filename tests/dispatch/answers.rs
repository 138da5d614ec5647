//! What a client gets.

use serde_json::json;

use crate::bench::{Bench, error_of, text_of};

#[tokio::test]
async fn an_answer_is_structured_and_the_same_as_text_with_outsiders_words_fenced() {
    let result = Bench::new().call("get_seats", json!({ "seats": 1, "tier": "gold", "owner": "Ann" })).await;
    let owner = json!({ "untrusted": "Ann", "source": "owner" });
    assert_eq!(result.structured_content, Some(json!({ "effects": 0, "tier": "gold", "owner": owner })));
    assert_eq!(text_of(&result), r#"{"effects":0,"tier":"gold","owner":"⟦untrusted owner⟧Ann⟦/untrusted⟧"}"#);
    assert_eq!(result.is_error, Some(false));
}

#[tokio::test]
async fn a_failure_says_what_happened_and_what_to_do_next_but_not_the_vendors_words() {
    let result = Bench::new().call("refuse_always", json!({ "seats": 1 })).await;
    assert_eq!(
        error_of(&result),
        &json!({
            "code": "not_found",
            "message": "there is no such seat",
            "hint": "list the seats first",
            "details": { "vendor_trace_id": "trace-7" },
        })
    );
    assert_eq!(text_of(&result), "not_found: there is no such seat\nnext: list the seats first");
    assert!(!format!("{result:?}").contains("secret words"));
}
