//! Funnels, websites and their pages. Read only: the vendor's builder writes them.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Query, State};
use axum::routing::get;
use serde_json::json as object;

use crate::sandbox::Sandbox;
use crate::sandbox::documents::{Kind, keep_equal, keep_holding};
use crate::sandbox::ids;
use crate::sandbox::routes::pages::page_of;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::{self, documents};

pub(crate) const KIND: Kind = Kind { name: "funnel", noun: "Funnel" };

/// A page hangs on its funnel.
pub(crate) const PAGE: &str = "funnel_page";

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/funnels/funnel/list", get(list))
        .route("/funnels/page", get(pages))
        .route("/funnels/page/count", get(count))
}

type Asked = Query<HashMap<String, String>>;

/// `funnels` is a list, as integrators read it; the specification calls it an object.
async fn list(State(sandbox): State<Sandbox>, Extension(call): CallOf, query: Asked) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, location_id, KIND.name).await?;
    keep_equal(&mut all, "type", params.text("type"));
    keep_holding(&mut all, &["name"], params.text("name"));
    let count = all.len();
    Ok(json(object!({"funnels": page_of(&params, "offset", all)?, "count": count, "traceId": ids::trace()})))
}

/// A bare list, as integrators read it; the specification has one page in its place.
async fn pages(State(sandbox): State<Sandbox>, Extension(call): CallOf, query: Asked) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let funnel_id = params.required("funnelId")?;
    params.required("limit")?;
    params.required("offset")?;
    let mut connection = store::read(sandbox.db()).await?;
    KIND.of(&mut connection, &call, funnel_id).await?;
    let mut all = documents::list_under(&mut connection, location_id, PAGE, funnel_id).await?;
    keep_holding(&mut all, &["name"], params.text("name"));
    Ok(json(page_of(&params, "offset", all)?))
}

async fn count(State(sandbox): State<Sandbox>, Extension(call): CallOf, query: Asked) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let funnel_id = params.required("funnelId")?;
    let mut connection = store::read(sandbox.db()).await?;
    KIND.of(&mut connection, &call, funnel_id).await?;
    let mut all = documents::list_under(&mut connection, location_id, PAGE, funnel_id).await?;
    keep_holding(&mut all, &["name"], params.text("name"));
    Ok(json(object!({"count": all.len()})))
}
