//! Affiliates, their commissions and payouts. Read only.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde_json::{Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::documents::{Kind, keep_equal, keep_holding};
use crate::sandbox::routes::pages::page_of;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::{self, documents};

pub(crate) const KIND: Kind = Kind { name: "affiliate", noun: "Affiliate" };

/// What is earned, and what is paid of it.
pub(crate) const COMMISSION: &str = "commission";
pub(crate) const PAYOUT: &str = "payout";

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/affiliate-manager/{location_id}/affiliates", get(list))
        .route("/affiliate-manager/{location_id}/affiliates/{id}", get(show))
        .route("/affiliate-manager/{location_id}/commissions", get(commissions))
        .route("/affiliate-manager/{location_id}/payouts", get(payouts))
}

type Asked = Query<HashMap<String, String>>;

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    query: Asked,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let params = Params::of(query);
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, &location_id, KIND.name).await?;
    keep_holding(&mut all, &["firstName", "lastName", "email"], params.text("query"));
    if let Some(active) = params.text("active") {
        all.retain(|record| record.body.0.get("active") == Some(&Value::Bool(active == "true")));
    }
    let count = all.len();
    Ok(json(object!({"affiliates": page_of(&params, "skip", all)?, "meta": {"count": count}})))
}

async fn show(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path((location_id, id)): Path<(String, String)>,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(KIND.of(&mut connection, &call, &id).await?.with_id("_id")))
}

async fn commissions(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    query: Asked,
) -> Answer {
    let params = Params::of(query);
    call.grant.require_location(&location_id)?;
    earnings(&sandbox, &params, &location_id, COMMISSION, "commissions").await
}

async fn payouts(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    query: Asked,
) -> Answer {
    let params = Params::of(query);
    call.grant.require_location(&location_id)?;
    earnings(&sandbox, &params, &location_id, PAYOUT, "payouts").await
}

/// Latest first.
async fn earnings(sandbox: &Sandbox, params: &Params, location_id: &str, kind: &str, name: &str) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, location_id, kind).await?;
    for field in ["affiliateId", "campaignId", "status"] {
        keep_equal(&mut all, field, params.text(field));
    }
    all.reverse();
    let count = all.len();
    Ok(json(object!({name: page_of(params, "skip", all)?, "meta": {"count": count}})))
}
