//! Workflows, campaigns, forms, surveys and trigger links.

use serde_json::{Value, json};

use super::{LOCATION, Spelling, expect, text};
use crate::plain_http::Client;

pub(super) const OPERATIONS: &[&str] = &[
    "workflows.get-workflow",
    "campaigns.get-campaigns",
    "contacts.add-contact-to-workflow",
    "contacts.add-contact-to-campaign",
    "contacts.delete-contact-from-workflow",
    "contacts.remove-contact-from-campaign",
    "contacts.remove-contact-from-every-campaign",
    "forms.get-forms",
    "forms.get-forms-submissions",
    "surveys.get-surveys",
    "surveys.get-surveys-submissions",
    "links.get-links",
    "links.get-link-by-id",
    "links.search-trigger-links",
    "links.create-link",
    "links.update-link",
    "links.delete-link",
];

pub(super) async fn drive(client: &Client, spelling: &Spelling, contact_id: &str) {
    let Spelling { talks_and_times, all_campaigns, .. } = spelling;
    let location = LOCATION.id;
    let workflows = expect(client, 200, "GET", &format!("/workflows/?locationId={location}"), Value::Null).await;
    let campaigns = format!("/campaigns/?locationId={location}&status=published");
    let campaigns = expect(client, 200, "GET", &campaigns, Value::Null).await;
    let contact = format!("/contacts/{contact_id}");
    let workflow = format!("{contact}/workflow/{}", text(&workflows, "/workflows/0/id"));
    let starts = json!({"eventStartTime": "2038-01-04T09:00:00+01:00"});
    expect(client, 200, "POST", &workflow, starts).await;
    expect(client, 422, "POST", &workflow, json!({"eventStartTime": "soon"})).await;
    expect(client, 200, "DELETE", &workflow, json!({})).await;
    expect(client, 400, "POST", &format!("{contact}/workflow/nothing0000000000000"), json!({})).await;
    let campaign = format!("{contact}/campaigns/{}", text(&campaigns, "/campaigns/0/id"));
    expect(client, 201, "POST", &campaign, json!({})).await;
    expect(client, 200, "DELETE", &campaign, Value::Null).await;
    expect(client, 200, "DELETE", &format!("{contact}/campaigns/{all_campaigns}"), Value::Null).await;
    drive_forms(client).await;
    drive_links(client, &client.with_version(talks_and_times)).await;
}

async fn drive_forms(client: &Client) {
    let location = LOCATION.id;
    for (family, id) in [("forms", "formId"), ("surveys", "surveyId")] {
        let list = format!("/{family}/?locationId={location}&skip=0&limit=5");
        let list = expect(client, 200, "GET", &list, Value::Null).await;
        let submissions = format!("/{family}/submissions?locationId={location}");
        expect(client, 200, "GET", &format!("{submissions}&page=2&limit=1"), Value::Null).await;
        let one = format!("{submissions}&{id}={}&q=a&startAt=2020-01-01", text(&list, &format!("/{family}/0/id")));
        expect(client, 200, "GET", &one, Value::Null).await;
    }
}

/// The search alone has another version in v2.
async fn drive_links(client: &Client, searching: &Client) {
    let location = LOCATION.id;
    let body = json!({"locationId": location, "name": "Contract", "redirectTo": "https://example.com/a"});
    let made = expect(client, 201, "POST", "/links/", body).await;
    let id = text(&made, "/link/id");
    expect(client, 200, "GET", &format!("/links/?locationId={location}"), Value::Null).await;
    let search = format!("/links/search?locationId={location}&query=contr&skip=0&limit=2");
    expect(searching, 200, "GET", &search, Value::Null).await;
    expect(client, 200, "GET", &format!("/links/id/{id}?locationId={location}"), Value::Null).await;
    let body = json!({"name": "Contract 2", "redirectTo": "https://example.com/b"});
    expect(client, 201, "PUT", &format!("/links/{id}"), body).await;
    expect(client, 201, "DELETE", &format!("/links/{id}"), Value::Null).await;
}
