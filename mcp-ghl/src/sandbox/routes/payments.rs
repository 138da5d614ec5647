//! Transactions, orders and subscriptions. Read only: the vendor's own checkouts write them.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde_json::json as object;

use crate::sandbox::Sandbox;
use crate::sandbox::documents::{Kind, keep_between, keep_equal, keep_holding};
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::pages::page_of;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::{self, documents};

pub(crate) const TRANSACTION: Kind = Kind { name: "transaction", noun: "Transaction" };
pub(crate) const ORDER: Kind = Kind { name: "order", noun: "Order" };
pub(crate) const SUBSCRIPTION: Kind = Kind { name: "subscription", noun: "Subscription" };

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/payments/transactions", get(transactions))
        .route("/payments/transactions/{id}", get(transaction))
        .route("/payments/orders", get(orders))
        .route("/payments/subscriptions", get(subscriptions))
        .route("/payments/subscriptions/{id}", get(subscription))
}

type Asked = Query<HashMap<String, String>>;

async fn transactions(State(sandbox): State<Sandbox>, Extension(call): CallOf, query: Asked) -> Answer {
    list(&sandbox, &call, &Params::of(query), TRANSACTION).await
}

async fn orders(State(sandbox): State<Sandbox>, Extension(call): CallOf, query: Asked) -> Answer {
    list(&sandbox, &call, &Params::of(query), ORDER).await
}

async fn subscriptions(State(sandbox): State<Sandbox>, Extension(call): CallOf, query: Asked) -> Answer {
    list(&sandbox, &call, &Params::of(query), SUBSCRIPTION).await
}

/// The parameters of all three lists; each names a few of them.
async fn list(sandbox: &Sandbox, call: &Call, params: &Params, kind: Kind) -> Answer {
    let location_id = owner(params, call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, location_id, kind.name).await?;
    for field in ["contactId", "status", "paymentStatus", "entityId", "entitySourceType", "subscriptionId", "sourceId"]
    {
        keep_equal(&mut all, field, params.text(field));
    }
    keep_holding(&mut all, &["contactName", "contactEmail", "sourceName", "entitySourceName"], params.text("search"));
    keep_between(&mut all, "createdAt", (params.text("startAt"), params.text("endAt")));
    all.reverse();
    let total = all.len();
    Ok(json(object!({"data": page_of(params, "offset", all)?, "totalCount": total})))
}

/// `altId` of the one kind of owner that there is.
pub(super) fn owner<'a>(params: &'a Params, call: &Call) -> Result<&'a str, Refusal> {
    let location_id = params.required("altId")?;
    if params.text("altType").is_some_and(|kind| kind != "location") {
        return Err(Refusal::unprocessable(vec!["altType must be one of the following values: location".to_owned()]));
    }
    call.grant.require_location(location_id)?;
    Ok(location_id)
}

async fn transaction(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    query: Asked,
) -> Answer {
    show(&sandbox, &call, &Params::of(query), TRANSACTION, &id).await
}

async fn subscription(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    query: Asked,
) -> Answer {
    show(&sandbox, &call, &Params::of(query), SUBSCRIPTION, &id).await
}

async fn show(sandbox: &Sandbox, call: &Call, params: &Params, kind: Kind, id: &str) -> Answer {
    owner(params, call)?;
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(kind.of(&mut connection, call, id).await?.with_id("_id")))
}
