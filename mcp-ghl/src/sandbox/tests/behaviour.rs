//! Records, and the vendor's habits with them.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bench, dental, gym};

async fn create(bench: &Bench, fields: Value) -> String {
    let mut body = json!({"locationId": dental().id});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    bench.call("POST", "/contacts/", body).await["contact"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_contact_lives_and_dies() {
    let bench = Bench::new().await;
    let id =
        create(&bench, json!({"name": "Ada Lovelace", "email": "Ada@example.com", "phone": "(202) 555-0142"})).await;
    let path = format!("/contacts/{id}");
    let contact = bench.call("GET", &path, Value::Null).await["contact"].clone();
    assert_eq!((contact["firstName"].as_str(), contact["lastName"].as_str()), (Some("Ada"), Some("Lovelace")));
    assert_eq!(
        (contact["email"].as_str(), contact["emailLowerCase"].as_str()),
        (Some("Ada@example.com"), Some("ada@example.com"))
    );
    assert_eq!(contact["phone"], "+12025550142");

    let updated = bench.call("PUT", &path, json!({"lastName": null, "city": "London"})).await;
    assert_eq!(updated["succeeded"], true);
    let contact = bench.call("GET", &path, Value::Null).await["contact"].clone();
    assert_eq!((contact.get("lastName"), contact["city"].as_str()), (None, Some("London")));

    assert_eq!(bench.call("DELETE", &path, Value::Null).await["succeeded"], true);
    assert_eq!(bench.ask("v3", "GET", &path, Value::Null).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_second_contact_of_the_same_address_is_refused_where_the_location_says_so() {
    let bench = Bench::new().await;
    let id = create(&bench, json!({"firstName": "Ada", "email": "ada@example.com"})).await;
    let again = json!({"locationId": dental().id, "email": "ADA@example.com"});
    let refused = bench.ask("v3", "POST", "/contacts/", again).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.body["meta"], json!({"contactId": id, "contactName": "Ada", "matchingField": "email"}));

    let twice = json!({"locationId": gym().id, "email": "ada@example.com"});
    for _ in 0..2 {
        let answer = bench.ask_as(gym().token, "v3", "POST", "/contacts/", twice.clone()).await;
        assert_eq!(answer.status, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn upsert_matches_by_email_then_phone_and_leaves_a_strangers_phone_alone() {
    let bench = Bench::new().await;
    let ada = create(&bench, json!({"email": "ada@example.com", "phone": "+12025550141"})).await;
    create(&bench, json!({"email": "bob@example.com", "phone": "+12025550142"})).await;
    let upsert = async |fields: Value| {
        let mut body = json!({"locationId": dental().id});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        bench.call("POST", "/contacts/upsert", body).await
    };

    let both = upsert(json!({"email": "ada@example.com", "phone": "+12025550142"})).await;
    assert_eq!((both["new"].as_bool(), both["contact"]["id"].as_str()), (Some(false), Some(ada.as_str())));
    assert_eq!(both["contact"]["phone"], "+12025550141");
    assert!(both["traceId"].is_string());

    let by_phone = upsert(json!({"email": "ada.l@example.com", "phone": "+12025550141"})).await;
    assert_eq!(
        (by_phone["contact"]["id"].as_str(), by_phone["contact"]["email"].as_str()),
        (Some(ada.as_str()), Some("ada.l@example.com"))
    );

    let fresh = upsert(json!({"email": "carol@example.com"})).await;
    assert_eq!(fresh["new"], true);
}

#[tokio::test]
async fn duplicates_are_made_only_where_both_sides_want_them() {
    let bench = Bench::new().await;
    let upsert = |location_id: &str| json!({"locationId": location_id, "email": "ada@example.com", "createNewIfDuplicateAllowed": true});
    for (location, second_is_new) in [(dental(), false), (gym(), true)] {
        let body = upsert(location.id);
        bench.ask_as(location.token, "v3", "POST", "/contacts/upsert", body.clone()).await;
        let second = bench.ask_as(location.token, "v3", "POST", "/contacts/upsert", body).await;
        assert_eq!(second.body["new"], second_is_new, "{}", location.slug);
    }
}

#[tokio::test]
async fn an_update_replaces_tags_and_the_tag_endpoints_do_not() {
    let bench = Bench::new().await;
    let id = create(&bench, json!({"email": "ada@example.com", "tags": ["A", "b"]})).await;
    let (path, tags) = (format!("/contacts/{id}"), format!("/contacts/{id}/tags"));
    assert_eq!(bench.call("POST", &tags, json!({"tags": ["c", "a"]})).await["tags"], json!(["a", "b", "c"]));
    assert_eq!(bench.call("DELETE", &tags, json!({"tags": ["B"]})).await["tags"], json!(["a", "c"]));
    assert_eq!(bench.ask("v3", "DELETE", &tags, Value::Null).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    bench.call("PUT", &path, json!({"tags": ["d"]})).await;
    assert_eq!(bench.call("GET", &path, Value::Null).await["contact"]["tags"], json!(["d"]));
}

#[tokio::test]
async fn renaming_and_deleting_a_tag_reaches_its_contacts() {
    let bench = Bench::new().await;
    let id = create(&bench, json!({"email": "ada@example.com", "tags": ["old_name", "kept"]})).await;
    let location = format!("/locations/{}/tags", dental().id);
    let tags = bench.call("GET", &location, Value::Null).await;
    let tag = tags["tags"].as_array().unwrap().iter().find(|tag| tag["name"] == "old_name").unwrap().clone();
    let tag = format!("{location}/{}", tag["id"].as_str().unwrap());
    let held = async || bench.call("GET", &format!("/contacts/{id}"), Value::Null).await["contact"]["tags"].clone();

    bench.call("PUT", &tag, json!({"name": "new_name"})).await;
    assert_eq!(held().await, json!(["new_name", "kept"]));
    bench.call("DELETE", &tag, Value::Null).await;
    assert_eq!(held().await, json!(["kept"]));
    assert_eq!(bench.ask("v3", "GET", &tag, Value::Null).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn custom_fields_go_in_by_id_or_key_and_come_out_by_id() {
    let bench = Bench::new().await;
    let fields =
        bench.call("GET", &format!("/locations/{}/customFields?model=contact", dental().id), Value::Null).await;
    let score = fields["customFields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["fieldKey"] == "contact.lead_score")
        .unwrap();
    let id =
        create(&bench, json!({"email": "ada@example.com", "customFields": [{"id": score["id"], "fieldValue": 87}]}))
            .await;
    let path = format!("/contacts/{id}");
    let held = async || bench.call("GET", &path, Value::Null).await["contact"]["customFields"].clone();
    assert_eq!(held().await, json!([{"id": score["id"], "value": 87}]));

    let old_spelling = json!({"customFields": [{"key": "lead_score", "field_value": 12}]});
    assert_eq!(bench.ask("2021-07-28", "PUT", &path, old_spelling).await.status, StatusCode::OK);
    assert_eq!(held().await, json!([{"id": score["id"], "value": 12}]));

    let unknown = json!({"customFields": [{"id": "nope", "fieldValue": 1}]});
    assert_eq!(bench.ask("v3", "PUT", &path, unknown).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_generations_spell_consent_differently() {
    let bench = Bench::new().await;
    let id = create(&bench, json!({"email": "ada@example.com", "dndSettings": {"sms": {"status": "active"}}})).await;
    let path = format!("/contacts/{id}");
    let v2 = bench.ask("2021-07-28", "GET", &path, Value::Null).await.body;
    assert_eq!(v2["contact"]["dndSettings"], json!({"SMS": {"status": "active"}}));
    let wrong = json!({"dndSettings": {"sms": {"status": "active"}}});
    assert_eq!(bench.ask("2021-07-28", "PUT", &path, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = json!({"dndSettings": {"Email": {"status": "inactive"}}});
    assert_eq!(bench.ask("2021-07-28", "PUT", &path, right).await.body["succeded"], true);
    let v3 = bench.call("GET", &path, Value::Null).await;
    assert_eq!(v3["contact"]["dndSettings"], json!({"email": {"status": "inactive"}, "sms": {"status": "active"}}));
}

#[tokio::test]
async fn wrong_bodies_are_refused_with_every_fault() {
    let bench = Bench::new().await;
    let answer = bench.ask("v3", "POST", "/contacts/", json!({"email": "nope", "tags": "a", "surprise": 1})).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["error"], "Unprocessable Entity");
    assert_eq!(
        answer.body["message"],
        json!([
            "locationId must be a string",
            "locationId should not be empty",
            "email must be an email",
            "tags must be an array",
            "property surprise should not exist"
        ])
    );
}

#[tokio::test]
async fn notes_live_and_die_with_their_contact() {
    let bench = Bench::new().await;
    let id = create(&bench, json!({"email": "ada@example.com"})).await;
    let notes = format!("/contacts/{id}/notes");
    let note = bench.call("POST", &notes, json!({"body": "called"})).await["note"].clone();
    let path = format!("{notes}/{}", note["id"].as_str().unwrap());
    let updated = bench.call("PUT", &path, json!({"title": "Call", "pinned": true})).await;
    assert_eq!((updated["note"]["body"].as_str(), updated["note"]["title"].as_str()), (Some("called"), Some("Call")));
    assert_eq!(bench.call("GET", &notes, Value::Null).await["notes"].as_array().unwrap().len(), 1);
    bench.call("DELETE", &path, Value::Null).await;
    assert_eq!(bench.ask("v3", "GET", &path, Value::Null).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_opportunity_moves_is_won_and_is_counted_in_its_stage() {
    let bench = Bench::new().await;
    let contact_id = create(&bench, json!({"firstName": "Ada", "email": "ada@example.com"})).await;
    let pipelines =
        bench.call("GET", &format!("/opportunities/pipelines?locationId={}", dental().id), Value::Null).await;
    let (pipeline, stages) = (&pipelines["pipelines"][0], &pipelines["pipelines"][0]["stages"]);
    let body = json!({
        "locationId": dental().id, "pipelineId": pipeline["id"], "name": "Ada's crown", "status": "open",
        "contactId": contact_id, "monetaryValue": 1234.5,
    });
    let made = bench.call("POST", "/opportunities/", body.clone()).await["opportunity"].clone();
    assert_eq!(made["pipelineStageId"], stages[0]["id"]);
    let path = format!("/opportunities/{}", made["id"].as_str().unwrap());

    bench.wait(Duration::from_mins(1));
    let moved = bench.call("PUT", &path, json!({"pipelineStageId": stages[2]["id"]})).await["opportunity"].clone();
    assert_eq!(moved["pipelineStageId"], stages[2]["id"]);
    assert_ne!(moved["lastStageChangeAt"], made["lastStageChangeAt"]);
    assert_eq!(moved["lastStatusChangeAt"], made["lastStatusChangeAt"]);
    assert_eq!(moved["effectiveProbability"], stages[2]["stageWinProbability"]);

    let before = stage_total(&bench, &pipeline["id"], &stages[2]["id"]).await;
    bench.call("PUT", &format!("{path}/status"), json!({"status": "won"})).await;
    let after = stage_total(&bench, &pipeline["id"], &stages[2]["id"]).await;
    let change = |name: &str| after[name].as_f64().unwrap() - before[name].as_f64().unwrap();
    assert!((change("wonValue") - 1234.5).abs() < 0.01 && (change("openValue") + 1234.5).abs() < 0.01);
    assert!(change("totalCount").abs() < 0.01);

    let again = bench.ask("v3", "POST", "/opportunities/", body).await;
    assert_eq!((again.status.as_u16(), again.body["code"].as_str()), (400, Some("OPPORTUNITY_NO_DUPLICATE")));
    assert_eq!(again.body["meta"]["existingId"], made["id"]);
    bench.call("DELETE", &path, Value::Null).await;
    assert_eq!(bench.ask("v3", "GET", &path, Value::Null).await.status, StatusCode::BAD_REQUEST);
}

async fn stage_total(bench: &Bench, pipeline_id: &Value, stage_id: &Value) -> Value {
    let filters = json!([{"field": "pipeline_id", "operator": "eq", "value": pipeline_id}]);
    let search = json!({"locationId": dental().id, "limit": 1, "filters": filters});
    let found = bench.call("POST", "/opportunities/search", search).await;
    let totals = found["stageAggregations"].as_array().unwrap();
    totals.iter().find(|total| total["pipelineStageId"] == *stage_id).unwrap().clone()
}

#[tokio::test]
async fn upserting_an_opportunity_finds_the_contacts_own_in_the_pipeline() {
    let bench = Bench::new().await;
    let contact_id = create(&bench, json!({"firstName": "Ada", "email": "ada@example.com"})).await;
    let pipelines =
        bench.call("GET", &format!("/opportunities/pipelines?locationId={}", dental().id), Value::Null).await;
    let pipeline = &pipelines["pipelines"][0];
    let body = json!({"locationId": dental().id, "pipelineId": pipeline["id"], "contactId": contact_id});
    let first = bench.call("POST", "/opportunities/upsert", body.clone()).await;
    let second = bench.call("POST", "/opportunities/upsert", body).await;
    assert_eq!((first["new"].as_bool(), second["new"].as_bool()), (Some(true), Some(false)));
    assert_eq!(first["opportunity"]["id"], second["opportunity"]["id"]);

    let foreign_stage = pipelines["pipelines"][1]["stages"][0]["id"].clone();
    let body = json!({"locationId": dental().id, "pipelineId": pipeline["id"], "contactId": contact_id, "pipelineStageId": foreign_stage});
    assert_eq!(bench.ask("v3", "POST", "/opportunities/upsert", body).await.status, StatusCode::BAD_REQUEST);
}
