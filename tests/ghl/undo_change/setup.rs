//! Businesses and who works there, custom fields, records of custom objects.

use http::Method;
use serde_json::{Value, json};

use super::{HUGO, shown};
use crate::bench::{BOLD, Bench, DENTAL};

async fn employer(bench: &Bench) -> Value {
    shown(bench, &format!("/contacts/{HUGO}")).await["contact"]["businessId"].clone()
}

#[tokio::test]
async fn a_business_is_deleted_or_as_before_and_so_is_who_works_there() {
    let bench = Bench::new().await;
    let at_first = employer(&bench).await;
    let business = json!({"name": "Undo", "details": {"city": "Rome"}, "contacts": [HUGO]});
    let created = bench.bold("save_business", business).await;
    let path = format!("/businesses/{}", created["business"]["id"].as_str().unwrap());
    let before = (shown(&bench, &path).await, employer(&bench).await);
    assert_eq!(before.1, created["business"]["id"]);

    let other = bench.bold("save_business", json!({"name": "Other", "contacts": [HUGO]})).await;
    assert_eq!(employer(&bench).await, other["business"]["id"]);
    bench.undo(&other).await;
    assert_eq!(employer(&bench).await, created["business"]["id"], "back into the former one");

    let details = json!({"city": "Milan", "postal_code": "20121", "email": "undo@example.com"});
    let change = json!({"name": "Undo", "rename_to": "Undone", "details": details});
    let changed = bench.bold("save_business", change).await;
    let after = shown(&bench, &path).await;
    let undone = bench.undo(&changed).await;
    assert_eq!((shown(&bench, &path).await, undone.get("not_restored")), (before.0, None));
    let again = bench.undo(&undone).await;
    assert_eq!(shown(&bench, &path).await, after);
    bench.undo(&again).await;

    bench.undo(&created).await;
    assert!(bench.is_gone(&path).await);
    assert_eq!(employer(&bench).await, at_first);
}

#[tokio::test]
async fn a_business_that_somebody_has_worked_on_is_not_deleted() {
    let bench = Bench::new().await;
    let created = bench.bold("save_business", json!({"name": "Undo"})).await;
    let path = format!("/businesses/{}", created["business"]["id"].as_str().unwrap());
    bench.meanwhile(&path, json!({"phone": "+15035550101"})).await;
    let refused = bench.refused_as(BOLD, "undo_change", json!({"change": created["change_id"]})).await;
    assert_eq!(refused.code(), "conflict");
    assert!(refused.text.contains("changed this since: phone"), "{refused:?}");
}

#[tokio::test]
async fn a_custom_field_is_deleted_or_as_before() {
    let bench = Bench::new().await;
    let field = json!({"name": "Undo", "type": "choice", "options": ["Small", "Large"]});
    let created = bench.bold("save_custom_field", field).await;
    let path = format!("/locations/{DENTAL}/customFields/{}", created["field"]["id"].as_str().unwrap());
    for change in [
        json!({"name": "Undo", "rename_to": "Undone", "options": ["Small", "Medium", "Large"]}),
        json!({"name": "Undo", "rename_to": "Undone"}),
        json!({"name": "Undo", "options": ["Large", "Small"]}),
    ] {
        let before = shown(&bench, &path).await;
        let changed = bench.bold("save_custom_field", change.clone()).await;
        let after = shown(&bench, &path).await;
        assert_ne!(after, before, "{change}");
        let undone = bench.undo(&changed).await;
        assert_eq!((shown(&bench, &path).await, undone.get("not_restored")), (before, None), "{change}");
        let again = bench.undo(&undone).await;
        assert_eq!(shown(&bench, &path).await, after, "{change}");
        bench.undo(&again).await;
    }
    bench.undo(&created).await;
    assert!(bench.is_gone(&path).await);
    let schema = bench.bold("get_crm_schema", json!({"parts": ["custom_fields"]})).await;
    assert!(!schema.to_string().contains("Undo"), "what was remembered of the fields is forgotten");
}

#[tokio::test]
async fn a_custom_field_that_somebody_gave_other_options_is_left_alone() {
    let bench = Bench::new().await;
    let field = json!({"name": "Undo", "type": "choice", "options": ["Small", "Large"]});
    let created = bench.bold("save_custom_field", field).await;
    let changed = bench.bold("save_custom_field", json!({"name": "Undo", "options": ["Small"]})).await;
    let path = format!("/locations/{DENTAL}/customFields/{}", created["field"]["id"].as_str().unwrap());
    let theirs = json!({"name": "Undo", "textBoxListOptions": [{"label": "Huge", "prefillValue": ""}]});
    bench.meanwhile(&path, theirs).await;
    for done in [changed, created] {
        let refused = bench.refused_as(BOLD, "undo_change", json!({"change": done["change_id"]})).await;
        assert!(refused.text.contains("changed this since: options"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_record_is_deleted_or_as_before() {
    let bench = Bench::new().await;
    let fields = json!({"plan_name": "Undo", "network": "closed", "yearly_maximum": "1200.5"});
    let created = bench.bold("save_record", json!({"object": "Insurance plans", "fields": fields})).await;
    let id = created["record"]["id"].clone();
    let key = created["object"]["key"].as_str().unwrap_or("custom_objects.insurance_plans").to_owned();
    let path = format!("/objects/{key}/records/{}", id.as_str().unwrap());
    let before = shown(&bench, &path).await;
    let fields = json!({
        "plan_name": "Undone", "network": "preferred", "yearly_maximum": "900", "waiting_months": "2",
        "covers": "implants, Clear aligners", "valid_until": "2027-12-31"
    });
    let changed = bench.bold("save_record", json!({"record": id, "fields": fields})).await;
    let after = shown(&bench, &path).await;
    assert_ne!(after, before);
    let undone = bench.undo(&changed).await;
    assert_eq!((shown(&bench, &path).await, undone.get("not_restored")), (before, None));
    let again = bench.undo(&undone).await;
    assert_eq!(shown(&bench, &path).await, after);
    bench.undo(&again).await;

    let theirs = json!({"properties": {"yearly_maximum": {"currency": "default", "value": 5}}});
    let with_location = format!("{path}?locationId={DENTAL}");
    let (status, answer) = bench.at_vendor(Method::PUT, &with_location, Some(theirs)).await;
    assert_eq!(status, 200, "{answer}");
    let refused = bench.refused_as(BOLD, "undo_change", json!({"change": created["change_id"]})).await;
    assert!(refused.text.contains("changed this since: yearly_maximum"), "{refused:?}");
    bench.bold("undo_change", json!({"change": created["change_id"], "force": true})).await;
    assert!(bench.is_gone(&path).await);
}
