//! Custom fields and values of a location.

use serde_json::{Value, json};

use super::{LOCATION, expect, text};
use crate::plain_http::Client;

pub(super) const OPERATIONS: &[&str] = &[
    "locations.create-custom-field",
    "locations.get-custom-field",
    "locations.update-custom-field",
    "locations.delete-custom-field",
    "locations.get-custom-values",
    "locations.create-custom-value",
    "locations.get-custom-value",
    "locations.update-custom-value",
    "locations.delete-custom-value",
    "businesses.get-businesses-by-location",
    "businesses.create-business",
    "businesses.get-business",
    "businesses.update-business",
    "businesses.delete-Business",
    "contacts.get-contacts-by-businessId",
    "contacts.add-remove-contact-from-business",
];

pub(super) async fn drive(client: &Client, contact_id: &str) {
    drive_businesses(client, contact_id).await;
    let fields = format!("/locations/{}/customFields", LOCATION.id);
    let body = json!({
        "name": "Size of shoe", "dataType": "SINGLE_OPTIONS", "model": "contact", "placeholder": "?", "position": 10,
        "textBoxListOptions": [{"label": "38", "prefillValue": ""}, {"label": "39", "prefillValue": ""}],
    });
    let made = expect(client, 201, "POST", &fields, body).await;
    assert_eq!(made["customField"]["picklistOptions"], json!(["38", "39"]));
    assert_eq!(made["customField"]["fieldKey"], "contact.size_of_shoe");
    let field = format!("{fields}/{}", text(&made, "/customField/id"));
    expect(client, 200, "GET", &field, Value::Null).await;
    expect(client, 200, "PUT", &field, json!({"name": "Shoe"})).await;
    expect(client, 200, "DELETE", &field, Value::Null).await;
    expect(client, 422, "POST", &fields, json!({"name": "Empty", "dataType": "RADIO"})).await;

    let values = format!("/locations/{}/customValues", LOCATION.id);
    expect(client, 200, "GET", &values, Value::Null).await;
    let made = expect(client, 201, "POST", &values, json!({"name": "Motto", "value": "Smile"})).await;
    let value = format!("{values}/{}", text(&made, "/customValue/id"));
    expect(client, 200, "GET", &value, Value::Null).await;
    expect(client, 200, "PUT", &value, json!({"name": "Motto", "value": "Smile more"})).await;
    expect(client, 200, "DELETE", &value, Value::Null).await;
}

async fn drive_businesses(client: &Client, contact_id: &str) {
    let location = LOCATION.id;
    expect(client, 200, "GET", &format!("/businesses/?locationId={location}&limit=2&skip=1"), Value::Null).await;
    let body = json!({"locationId": location, "name": "Analytical Engines", "city": "London", "postalCode": "W1"});
    let made = expect(client, 201, "POST", "/businesses/", body).await;
    let id = text(&made, "/buiseness/id");
    let business = format!("/businesses/{id}");
    expect(client, 200, "GET", &business, Value::Null).await;
    expect(client, 200, "PUT", &business, json!({"name": "Analytical Engines Ltd"})).await;
    let put = json!({"locationId": location, "ids": [contact_id], "businessId": id});
    expect(client, 200, "POST", "/contacts/bulk/business", put).await;
    let people = format!("/contacts/business/{id}?locationId={location}&limit=5&skip=0&query=ada");
    assert_eq!(expect(client, 200, "GET", &people, Value::Null).await["count"], 1);
    let out = json!({"locationId": location, "ids": [contact_id], "businessId": null});
    expect(client, 200, "POST", "/contacts/bulk/business", out).await;
    assert_eq!(expect(client, 200, "GET", &people, Value::Null).await["count"], 0);
    expect(client, 200, "DELETE", &business, Value::Null).await;
}
