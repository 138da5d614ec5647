//! The records that clients can read by address.

mod contact;
mod events;
mod operations;
mod pipelines;
mod schema;
mod tags;

use std::sync::Arc;

use common::error::Result;
use common::resource::{Catalogue, Listed, Resources};
use common::tool::Call;

use crate::answer::line;
use crate::deps::Deps;
use crate::names::Named;

pub(crate) fn all(deps: Arc<Deps>) -> Catalogue {
    Resources::new(deps)
        .with::<pipelines::PipelinesResource>()
        .with::<tags::TagsResource>()
        .with::<events::EventsResource>()
        .with::<contact::ContactResource>()
        .with::<operations::OperationsResource>()
        .with::<schema::SchemaResource>()
        .build()
}

/// Locations listed as resources; more can be addressed.
const LISTED_MAX: usize = 50;

/// One address for each connected location: `ghl://{location}/{rest}`.
async fn per_location(deps: &Deps, call: &Call, rest: &str) -> Result<Vec<Listed>> {
    let all = deps.directory.locations(call).await?;
    let connected = all.iter().filter(|known| known.connection.is_some()).take(LISTED_MAX);
    let listed = |known: &crate::directory::KnownLocation| Listed {
        uri: format!("ghl://{}/{rest}", known.location.id),
        title: line(known.name()),
    };
    Ok(connected.map(listed).collect())
}

/// Ids of the connected locations whose name or id begins like `typed`. Ids, since an address must stay true when
/// somebody renames the location.
async fn location_ids(deps: &Deps, call: &Call, typed: &str) -> Result<Vec<String>> {
    let typed = typed.trim().to_lowercase();
    let all = deps.directory.locations(call).await?;
    let is_meant = |known: &&crate::directory::KnownLocation| {
        known.connection.is_some()
            && (known.location.id.as_str().to_lowercase().starts_with(&typed)
                || known.name().to_lowercase().starts_with(&typed))
    };
    Ok(all.iter().filter(is_meant).map(|known| known.location.id.to_string()).collect())
}
