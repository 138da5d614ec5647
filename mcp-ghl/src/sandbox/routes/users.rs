//! The agency's people.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::http::Uri;
use axum::routing::get;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::access::Grant;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::users::User;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::version::Generation;
use crate::sandbox::wire::user::UserAnswer;

/// Page sizes of the user search. The default is the specification's example; the most is ours.
const SEARCH_LIMIT: u32 = 25;
const SEARCH_LIMIT_MAX: u32 = 100;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/users/", get(list)).route("/users/search", get(search)).route("/users/{user_id}", get(show))
}

#[derive(Debug, Serialize)]
struct Many {
    users: Vec<UserAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
}

/// The people of one location; gone in v3.
async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    uri: Uri,
    query: Query<HashMap<String, String>>,
) -> Answer {
    if call.generation == Generation::V3 {
        return Err(Refusal::removed_in_v3(&uri.to_string()));
    }
    if let Grant::Agency { .. } = call.grant {
        return Err(Refusal::wrong_kind_of_token());
    }
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut users = store::users::list(&mut connection, call.grant.company_id()).await?;
    users.retain(|user| works_at(user, location_id));
    Ok(json(Many { users: users.into_iter().map(UserAnswer::from).collect(), count: None }))
}

async fn search(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    if params.required("companyId")? != call.grant.company_id() {
        return Err(Refusal::other_location());
    }
    let skip: usize = params.number("skip")?.unwrap_or(0);
    let limit = params.limit(SEARCH_LIMIT, SEARCH_LIMIT_MAX)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut users = store::users::list(&mut connection, call.grant.company_id()).await?;
    users.retain(|user| is_visible(user, &call.grant) && is_wanted(user, &params));
    if params.text("sortDirection") == Some("desc") {
        users.reverse();
    }
    let count = Some(users.len());
    let page = users.into_iter().skip(skip).take(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(json(Many { users: page.map(UserAnswer::from).collect(), count }))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let users = store::users::list(&mut connection, call.grant.company_id()).await?;
    let user = users.into_iter().find(|user| user.id == id && is_visible(user, &call.grant));
    Ok(json(UserAnswer::from(user.ok_or_else(|| Refusal::no_such("User", &id))?)))
}

fn is_wanted(user: &User, params: &Params) -> bool {
    let text = format!("{} {} {}", user.first_name, user.last_name, user.email).to_lowercase();
    params.text("query").is_none_or(|wanted| text.contains(&wanted.to_lowercase()))
        && params.text("locationId").is_none_or(|location_id| works_at(user, location_id))
        && params.text("type").is_none_or(|kind| user.kind == kind)
        && params.text("role").is_none_or(|role| user.role == role)
        && params.text("ids").is_none_or(|ids| ids.split(',').any(|id| id == user.id))
}

/// A location's token sees that location's people.
fn is_visible(user: &User, grant: &Grant) -> bool {
    match grant {
        Grant::Agency { .. } => true,
        Grant::Location { location_id, .. } => works_at(user, location_id),
    }
}

fn works_at(user: &User, location_id: &str) -> bool {
    user.location_ids.0.iter().any(|id| id == location_id)
}

/// Refuses an id that nobody has. What the vendor does with an unknown user is not documented; a mistake should show.
pub(super) async fn require_user(connection: &mut Connection, call: &Call, id: &str) -> Result<(), Refusal> {
    let users = store::users::list(connection, call.grant.company_id()).await?;
    if users.iter().any(|user| user.id == id) { Ok(()) } else { Err(Refusal::no_such("User", id)) }
}
