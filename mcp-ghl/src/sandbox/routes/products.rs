//! Products and their prices. Read only.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde_json::json as object;

use crate::sandbox::Sandbox;
use crate::sandbox::documents::{Kind, keep_holding};
use crate::sandbox::routes::pages::page_of;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::{self, documents};

pub(crate) const KIND: Kind = Kind { name: "product", noun: "Product" };

/// A price hangs on its product.
pub(crate) const PRICE: Kind = Kind { name: "price", noun: "Price" };

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/products/", get(list))
        .route("/products/{id}", get(show))
        .route("/products/{id}/price", get(prices))
        .route("/products/{id}/price/{price_id}", get(price))
}

type Asked = Query<HashMap<String, String>>;

async fn list(State(sandbox): State<Sandbox>, Extension(call): CallOf, query: Asked) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, location_id, KIND.name).await?;
    keep_holding(&mut all, &["name"], params.text("search"));
    let total = all.len();
    Ok(json(object!({"products": page_of(&params, "offset", all)?, "total": [{"total": total}]})))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>, query: Asked) -> Answer {
    Params::of(query).location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(KIND.of(&mut connection, &call, &id).await?.with_id("_id")))
}

async fn prices(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    query: Asked,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    KIND.of(&mut connection, &call, &id).await?;
    let all = documents::list_under(&mut connection, location_id, PRICE.name, &id).await?;
    let total = all.len();
    Ok(json(object!({"prices": page_of(&params, "offset", all)?, "total": total})))
}

async fn price(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path((_product_id, id)): Path<(String, String)>,
    query: Asked,
) -> Answer {
    Params::of(query).location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(PRICE.of(&mut connection, &call, &id).await?.with_id("_id")))
}
