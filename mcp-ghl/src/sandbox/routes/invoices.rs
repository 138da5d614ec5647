//! Invoices. Read only.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde_json::{Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::documents::{Kind, keep_between, keep_equal};
use crate::sandbox::routes::pages::page_of;
use crate::sandbox::routes::payments::owner;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store;
use crate::sandbox::store::documents::{self, Record};

pub(crate) const KIND: Kind = Kind { name: "invoice", noun: "Invoice" };

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/invoices/", get(list)).route("/invoices/{id}", get(show))
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = owner(&params, &call)?;
    params.required("limit")?;
    params.required("offset")?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, location_id, KIND.name).await?;
    keep_equal(&mut all, "status", params.text("status"));
    keep_between(&mut all, "issueDate", (params.text("startAt"), params.text("endAt")));
    if let Some(contact_id) = params.text("contactId") {
        all.retain(|invoice| contact(invoice, "id") == Some(contact_id));
    }
    if let Some(words) = params.text("search").map(str::to_lowercase) {
        let holds = |text: Option<&str>| text.is_some_and(|text| text.to_lowercase().contains(&words));
        all.retain(|invoice| {
            holds(invoice.text("name"))
                || ["name", "email", "phoneNo"].iter().any(|field| holds(contact(invoice, field)))
        });
    }
    if params.text("sortOrder") == Some("descend") {
        all.reverse();
    }
    let total = all.len();
    Ok(json(object!({"invoices": page_of(&params, "offset", all)?, "total": total})))
}

async fn show(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    owner(&params, &call)?;
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(KIND.of(&mut connection, &call, &id).await?.with_id("_id")))
}

fn contact<'a>(invoice: &'a Record, field: &str) -> Option<&'a str> {
    invoice.body.0.get("contactDetails")?.get(field).and_then(Value::as_str)
}
