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
    "objects.get-object-by-location-id",
    "objects.get-object-schema-by-key",
    "objects.search-object-records",
    "objects.get-record-by-id",
    "objects.create-object-record",
    "objects.update-object-record",
    "objects.delete-object-record",
    "associations.find-associations",
    "associations.get-association-by-ID",
    "associations.get-relations-by-record-id",
    "associations.create-relation",
    "associations.delete-relation",
];

pub(super) async fn drive(client: &Client, contact_id: &str) {
    drive_businesses(client, contact_id).await;
    drive_records(client, contact_id).await;
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

async fn drive_records(client: &Client, contact_id: &str) {
    let location = LOCATION.id;
    expect(client, 200, "GET", &format!("/objects/?locationId={location}"), Value::Null).await;
    let object = "/objects/custom_objects.insurance_plans";
    expect(client, 200, "GET", &format!("{object}?locationId={location}&fetchProperties=true"), Value::Null).await;
    expect(client, 404, "GET", &format!("/objects/custom_objects.pets?locationId={location}"), Value::Null).await;
    let search = json!({"locationId": location, "page": 1, "pageLimit": 2, "query": "delta", "searchAfter": []});
    let found = expect(client, 200, "POST", &format!("{object}/records/search"), search).await;
    assert_eq!(found["total"], 2);
    let body = json!({
        "locationId": location,
        "properties": {"plan_name": "Lovelace Care", "covers": ["implants"], "waiting_months": 2},
    });
    let made = expect(client, 201, "POST", &format!("{object}/records"), body).await;
    let record_id = text(&made, "/record/id");
    let record = format!("{object}/records/{record_id}");
    let unknown = json!({"locationId": location, "properties": {"plan_name": "x", "covers": ["miracles"], "size": 1}});
    expect(client, 400, "POST", &format!("{object}/records"), unknown).await;
    expect(client, 200, "GET", &record, Value::Null).await;
    let change = json!({"properties": {"network": "closed"}});
    let changed = expect(client, 200, "PUT", &format!("{record}?locationId={location}"), change).await;
    assert_eq!(changed["record"]["properties"]["plan_name"], "Lovelace Care");

    let all = format!("/associations/?locationId={location}&skip=0&limit=10");
    let all = expect(client, 200, "GET", &all, Value::Null).await;
    let association_id = text(&all, "/associations/0/id");
    expect(client, 200, "GET", &format!("/associations/{association_id}"), Value::Null).await;
    let link = json!({
        "locationId": location, "associationId": association_id, "firstRecordId": contact_id,
        "secondRecordId": record_id,
    });
    let made = expect(client, 201, "POST", "/associations/relations", link.clone()).await;
    expect(client, 400, "POST", "/associations/relations", link).await;
    let links = format!("/associations/relations/{record_id}?locationId={location}&skip=0&limit=10");
    assert_eq!(expect(client, 200, "GET", &links, Value::Null).await["total"], 1);
    let relation = format!("/associations/relations/{}?locationId={location}", text(&made, "/id"));
    expect(client, 200, "DELETE", &relation, Value::Null).await;
    expect(client, 200, "DELETE", &record, Value::Null).await;
}
