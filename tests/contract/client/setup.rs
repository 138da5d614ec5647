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
];

pub(super) async fn drive(session: &Session) {
    drive_fields(session).await;
    drive_businesses(session).await;
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
        "name": "Contract size", "model": "opportunity", "type": "choices", "options": ["S", "L"], "placeholder": "?"
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
