//! The two advanced searches against what the seed holds.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bench, dental};

/// The test that a filter should amount to.
type Holds<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

async fn search(bench: &Bench, fields: Value) -> Value {
    let mut body = json!({"locationId": dental().id, "pageLimit": 500});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    bench.call("POST", "/contacts/search", body).await
}

/// Every filter is compared with the same test made by hand on all contacts.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn filters_mean_what_they_say() {
    let bench = Bench::new().await;
    let fields = bench.call("GET", &format!("/locations/{}/customFields", dental().id), Value::Null).await;
    let score = fields["customFields"][0]["id"].as_str().unwrap().to_owned();
    let all = search(&bench, json!({})).await["contacts"].as_array().unwrap().clone();
    let first = &all[10];
    let (email, lower) = (first["email"].clone(), first["firstNameLowerCase"].clone());
    let has_tag = |contact: &Value, tag: &str| contact["tags"].as_array().unwrap().contains(&json!(tag));
    let score_of = |contact: &Value| {
        let values = contact["customFields"].as_array().unwrap();
        values.iter().find(|value| value["id"] == score.as_str()).and_then(|value| value["value"].as_f64())
    };
    let cases: Vec<(Value, Holds<'_>)> = vec![
        (json!({"field": "email", "operator": "eq", "value": email}), Box::new(|c| c["email"] == email)),
        (
            json!({"field": "email", "operator": "contains", "value": "EXAMPLE.ORG"}),
            Box::new(|c| c["email"].as_str().is_some_and(|e| e.contains("example.org"))),
        ),
        (
            json!({"field": "email", "operator": "not_contains", "value": "example.org"}),
            Box::new(|c| !c["email"].as_str().is_some_and(|e| e.contains("example.org"))),
        ),
        (json!({"field": "email", "operator": "exists"}), Box::new(|c| c["email"].is_string())),
        (json!({"field": "email", "operator": "not_exists"}), Box::new(|c| !c["email"].is_string())),
        (
            json!({"field": "firstNameLowerCase", "operator": "eq", "value": lower}),
            Box::new(|c| c["firstNameLowerCase"] == lower),
        ),
        (
            json!({"field": "firstNameLowerCase", "operator": "not_eq", "value": lower}),
            Box::new(|c| c["firstNameLowerCase"] != lower),
        ),
        (json!({"field": "dnd", "operator": "eq", "value": true}), Box::new(|c| c["dnd"] == true)),
        (
            json!({"field": "tags", "operator": "eq", "value": "stage_tripwire"}),
            Box::new(|c| has_tag(c, "stage_tripwire")),
        ),
        (
            json!({"field": "tags", "operator": "eq", "value": ["interest_implants", "src_referral"]}),
            Box::new(|c| has_tag(c, "interest_implants") || has_tag(c, "src_referral")),
        ),
        (
            json!({"field": "tags", "operator": "not_eq", "value": "stage_tripwire"}),
            Box::new(|c| !has_tag(c, "stage_tripwire")),
        ),
        (
            json!({"field": "tags", "operator": "contains", "value": "interest"}),
            Box::new(|c| c["tags"].to_string().contains("interest")),
        ),
        (
            json!({"field": "dateAdded", "operator": "range", "value": {"gte": "2026-10-01", "lt": "2026-11-01T00:00:00Z"}}),
            Box::new(|c| c["dateAdded"].as_str().unwrap().starts_with("2026-10")),
        ),
        (
            json!({"field": format!("customFields.{score}"), "operator": "range", "value": {"gt": 40, "lte": 90}}),
            Box::new(|c| score_of(c).is_some_and(|s| s > 40.0 && s <= 90.0)),
        ),
        (
            json!({"field": format!("customFields.{score}"), "operator": "not_exists"}),
            Box::new(|c| score_of(c).is_none()),
        ),
        (
            json!({"group": "OR", "filters": [
                {"field": "dnd", "operator": "eq", "value": true},
                {"group": "AND", "filters": [
                    {"field": "tags", "operator": "eq", "value": "src_paid"},
                    {"field": "email", "operator": "contains", "value": ".net"},
                ]},
            ]}),
            Box::new(|c| {
                c["dnd"] == true || (has_tag(c, "src_paid") && c["email"].as_str().is_some_and(|e| e.contains(".net")))
            }),
        ),
    ];
    for (filter, holds) in cases {
        let found = search(&bench, json!({"filters": [filter]})).await;
        let ids =
            |contacts: Vec<&Value>| -> BTreeSet<String> { contacts.into_iter().map(|c| c["id"].to_string()).collect() };
        let expected = ids(all.iter().filter(|contact| holds(contact)).collect());
        assert!(!expected.is_empty() && expected.len() < all.len(), "{filter} tells nothing apart");
        assert_eq!(ids(found["contacts"].as_array().unwrap().iter().collect()), expected, "{filter}");
        assert_eq!(found["total"], expected.len());
    }
}

#[tokio::test]
async fn free_text_finds_names_addresses_and_numbers_and_takes_wildcards_literally() {
    let bench = Bench::new().await;
    let contact = search(&bench, json!({})).await["contacts"][3].clone();
    let name = format!("{} {}", contact["firstName"].as_str().unwrap(), contact["lastName"].as_str().unwrap());
    for query in [name.as_str(), contact["email"].as_str().unwrap(), contact["phone"].as_str().unwrap()] {
        let found = search(&bench, json!({"query": query})).await;
        let ids: Vec<&Value> = found["contacts"].as_array().unwrap().iter().map(|contact| &contact["id"]).collect();
        assert!(ids.contains(&&contact["id"]), "{query}");
    }
    for query in ["%", "_____"] {
        assert_eq!(search(&bench, json!({"query": query})).await["total"], 0, "{query}");
    }
}

#[tokio::test]
async fn both_ways_of_paging_visit_everybody_once_in_order() {
    let bench = Bench::new().await;
    let sort = json!([{"field": "lastNameLowerCase", "direction": "desc"}, {"field": "dateAdded", "direction": "asc"}]);
    let all = search(&bench, json!({"sort": sort})).await["contacts"].as_array().unwrap().clone();
    let ids =
        |contacts: &[Value]| -> Vec<String> { contacts.iter().map(|contact| contact["id"].to_string()).collect() };

    let mut paged = Vec::new();
    for page in 1..=(all.len() / 17 + 1) {
        let found = search(&bench, json!({"sort": sort, "pageLimit": 17, "page": page})).await;
        paged.extend(found["contacts"].as_array().unwrap().clone());
    }
    assert_eq!(ids(&paged), ids(&all));

    let mut walked: Vec<Value> = Vec::new();
    while walked.len() < all.len() {
        let after = walked.last().map_or(json!([]), |last| last["searchAfter"].clone());
        let found = search(&bench, json!({"sort": sort, "pageLimit": 17, "searchAfter": after})).await;
        let contacts = found["contacts"].as_array().unwrap();
        assert!(!contacts.is_empty());
        walked.extend(contacts.clone());
    }
    assert_eq!(ids(&walked), ids(&all));
}

#[tokio::test]
async fn search_hides_consent_and_refuses_what_the_vendor_refuses() {
    let bench = Bench::new().await;
    let found = search(&bench, json!({"filters": [{"field": "dnd", "operator": "eq", "value": true}]})).await;
    assert_eq!(found["contacts"][0].get("dndSettings"), None);
    let cases = [
        json!({"locationId": dental().id}),
        json!({"locationId": dental().id, "pageLimit": 501}),
        json!({"locationId": dental().id, "pageLimit": 500, "page": 21}),
        json!({"locationId": dental().id, "pageLimit": 1, "query": "a".repeat(76)}),
        json!({"locationId": dental().id, "pageLimit": 1, "searchAfter": ["only one"]}),
        json!({"locationId": dental().id, "pageLimit": 1, "filters": [{"field": "contact_name", "operator": "eq", "value": "a"}]}),
        json!({"locationId": dental().id, "pageLimit": 1, "filters": [{"field": "firstName", "operator": "eq", "value": "a"}]}),
        json!({"locationId": dental().id, "pageLimit": 1, "sort": [{"field": "surprise"}]}),
        json!({"locationId": dental().id, "pageLimit": 1, "filters": [{"field": "customFields.a\") or 1=1 --", "operator": "exists"}]}),
    ];
    for case in cases {
        let status = bench.ask("v3", "POST", "/contacts/search", case.clone()).await.status;
        assert!(matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY), "{case}: {status}");
    }
}

#[tokio::test]
async fn the_old_list_pages_by_the_last_seen() {
    let bench = Bench::new().await;
    let total = search(&bench, json!({})).await["total"].as_u64().unwrap();
    let mut path = format!("/contacts/?locationId={}&limit=50", dental().id);
    let mut seen = BTreeSet::new();
    loop {
        let list = bench.ask("2021-07-28", "GET", &path, Value::Null).await.body;
        assert_eq!(list["count"], total);
        seen.extend(list["contacts"].as_array().unwrap().iter().map(|contact| contact["id"].to_string()));
        let Some(next) = list["meta"]["nextPageUrl"].as_str() else { break };
        path = next.strip_prefix("http://localhost").unwrap().to_owned();
    }
    assert_eq!(seen.len(), usize::try_from(total).unwrap());
}

#[tokio::test]
async fn the_opportunity_searches_agree_across_methods_and_generations() {
    let bench = Bench::new().await;
    let id = dental().id;
    let post =
        json!({"locationId": id, "limit": 100, "filters": [{"field": "status", "operator": "eq", "value": "open"}]});
    let advanced = bench.call("POST", "/opportunities/search", post).await;
    let v3 =
        bench.call("GET", &format!("/opportunities/search?locationId={id}&limit=100&status=open"), Value::Null).await;
    let v2 = format!("/opportunities/search?location_id={id}&limit=100&status=open");
    let v2 = bench.ask("2021-07-28", "GET", &v2, Value::Null).await.body;
    let ids = |answer: &Value| -> Vec<String> {
        answer["opportunities"].as_array().unwrap().iter().map(|opportunity| opportunity["id"].to_string()).collect()
    };
    assert_eq!(ids(&advanced), ids(&v3));
    assert_eq!(ids(&advanced), ids(&v2));
    assert_eq!((&advanced["total"], &v3["meta"]["total"]), (&v2["meta"]["total"], &v2["meta"]["total"]));
    assert_eq!(advanced.get("stageAggregations"), None);
}

#[tokio::test]
async fn filters_on_opportunities_mean_what_they_say() {
    let bench = Bench::new().await;
    let all = json!({"locationId": dental().id, "limit": 500});
    let all = bench.call("POST", "/opportunities/search", all).await["opportunities"].as_array().unwrap().clone();
    let stage = all[0]["pipelineStageId"].clone();
    let cases: Vec<(Value, Holds<'_>)> = vec![
        (
            json!({"field": "monetary_value", "operator": "range", "value": {"gte": 1000}}),
            Box::new(|o| o["monetaryValue"].as_f64().unwrap() >= 1000.0),
        ),
        (
            json!({"field": "pipeline_stage_id", "operator": "eq", "value": stage}),
            Box::new(|o| o["pipelineStageId"] == stage),
        ),
        (json!({"field": "assigned_to", "operator": "not_exists"}), Box::new(|o| o.get("assignedTo").is_none())),
        (
            json!({"field": "status", "operator": "not_eq", "value": ["won", "lost"]}),
            Box::new(|o| o["status"] != "won" && o["status"] != "lost"),
        ),
    ];
    for (filter, holds) in cases {
        let body = json!({"locationId": dental().id, "limit": 500, "filters": [filter]});
        let found = bench.call("POST", "/opportunities/search", body).await;
        let expected = all.iter().filter(|opportunity| holds(opportunity)).count();
        assert!(expected > 0 && expected < all.len(), "{filter} tells nothing apart");
        assert_eq!(found["total"], expected, "{filter}");
        assert!(found["opportunities"].as_array().unwrap().iter().all(&holds), "{filter}");
    }
}
