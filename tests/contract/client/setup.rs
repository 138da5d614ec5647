//! What a location is set up with: fields, values and tags.

use serde_json::json;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "locations.create-custom-field"),
    ("v3", "locations.update-custom-field"),
    ("v3", "locations.get-custom-values"),
    ("v3", "locations.create-custom-value"),
    ("v3", "locations.update-custom-value"),
    ("v3", "locations.create-tag"),
    ("v3", "locations.update-tag"),
    ("v3", "businesses.get-businesses-by-location"),
    ("v3", "businesses.create-business"),
    ("v3", "businesses.update-business"),
    ("v3", "contacts.get-contacts-by-businessId"),
    ("v3", "contacts.add-remove-contact-from-business"),
    ("v3", "objects.get-object-by-location-id"),
    ("v3", "objects.get-object-schema-by-key"),
    ("v3", "objects.search-object-records"),
    ("v3", "objects.get-record-by-id"),
    ("v3", "objects.create-object-record"),
    ("v3", "objects.update-object-record"),
    ("v3", "associations.find-associations"),
    ("v3", "associations.get-relations-by-record-id"),
    ("v3", "associations.create-relation"),
    ("v3", "associations.delete-relation"),
];

pub(super) async fn drive(session: &Session) {
    drive_fields(session).await;
    drive_businesses(session).await;
    drive_records(session).await;
}

async fn drive_records(session: &Session) {
    let mut plans = json!({"object": "Insurance plans", "query": "a", "limit": 1});
    let page = session.call("search_records", plans.clone()).await;
    plans["cursor"] = page["next_cursor"].clone();
    session.call("search_records", plans).await;
    let fields = json!({
        "plan_name": "Contract Care", "network": "Preferred", "yearly_maximum": "1200.50", "waiting_months": "1",
        "covers": "Cleanings, Implants", "valid_until": "2038-12-31", "hotline": "+15035550166"
    });
    let made = session.call("save_record", json!({"fields": fields})).await;
    let change = json!({"record": made["record"]["id"], "fields": {"network": "closed"}});
    assert_eq!(session.call("save_record", change).await["changed"], json!(["network"]));
    let link = json!({"association": "Patient", "first": "contract+lead@example.com", "second": "Contract Care"});
    assert_eq!(session.call("link_records", link.clone()).await["changed"], true);
    let mut unlink = link;
    unlink["remove"] = json!(true);
    assert_eq!(session.call("link_records", unlink).await["changed"], true);
}

async fn drive_businesses(session: &Session) {
    let contact = "contract+lead@example.com";
    let details = json!({
        "email": "office@contract.example.com", "phone": "+15035550788", "website": "https://contract.example.com",
        "address": "1 Main Street", "city": "Portland", "state": "OR", "postal_code": "97201", "country": "US",
        "description": "made by the contract"
    });
    let business = json!({"name": "Contract & Co", "details": details, "contacts": [contact]});
    assert_eq!(session.call("save_business", business).await["created"], true);
    let change = json!({"name": "Contract & Co", "rename_to": "Contract and Sons", "details": {"city": "Salem"}});
    assert_eq!(session.call("save_business", change).await["changed"], json!(["name", "city"]));
    session.call("list_businesses", json!({"query": "a", "limit": 2})).await;
    assert_eq!(session.call("list_businesses", json!({"business": "Contract and Sons"})).await["contacts_total"], 1);
}

async fn drive_fields(session: &Session) {
    let field = json!({
        "name": "Contract size", "model": "opportunity", "type": "choices", "options": ["S", "L"]
    });
    assert_eq!(session.call("save_custom_field", field.clone()).await["created"], true);
    let mut change = field;
    change["options"] = json!(["S", "M", "L"]);
    change["rename_to"] = json!("Contract sizes");
    assert_eq!(session.call("save_custom_field", change).await["created"], false);
    let plain = json!({"location": "Iron", "name": "Plain", "type": "long_text"});
    session.call("save_custom_field", plain).await;

    session.call("list_custom_values", json!({"query": "o", "limit": 2})).await;
    let value = json!({"name": "Contract", "value": "one"});
    assert_eq!(session.call("set_custom_value", value).await["created"], true);
    assert_eq!(session.call("set_custom_value", json!({"name": "Contract", "value": "two"})).await["changed"], true);

    session.call("save_tag", json!({"name": "contract_made"})).await;
    session.call("save_tag", json!({"name": "contract_made", "rename_to": "contract_renamed"})).await;
}
