//! Who acts, for which tenant, in which locations, and how much may still be asked. Free while the directory is fresh.

use common::auth::Role;
use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::deps::Deps;
use crate::directory::KnownLocation;
use crate::tools::toolset;

pub(crate) struct GetAccountContext;

/// Locations shown; `list_locations` has the rest.
const LOCATIONS_SHOWN: usize = 10;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Whose data it is.
    tenant: String,
    /// Who acts.
    subject: String,
    role: Role,
    connection: ConnectionKind,
    /// The first locations, by name.
    locations: Vec<LocationSummary>,
    /// How many locations there are.
    locations_total: usize,
    /// The groups of tools of this server that you may use.
    toolsets: Vec<&'static str>,
    /// Present and true if all of it is invented.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    demo: bool,
}

/// What the tenant's tokens open.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ConnectionKind {
    /// One location.
    Location,
    /// Several locations, each with its own token.
    Locations,
    /// An agency's list of locations, and the records of those with a token of their own.
    Agency,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LocationSummary {
    #[serde(flatten)]
    location: LocationAnswer,
    /// IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// Whether it is meant where a call names none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_default: bool,
    /// False if its records cannot be read.
    is_connected: bool,
    /// Requests that GoHighLevel still allows at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_left_now: Option<u32>,
    /// Requests that GoHighLevel still allows today.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_left_today: Option<u64>,
}

impl Tool for GetAccountContext {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_account_context";
    const TITLE: &'static str = "Get account context";
    const DESCRIPTION: &'static str = "Who you act for: tenant, role, GoHighLevel locations, default location, rate budget left. Call it first; it is free.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CORE;

    async fn call(deps: &Deps, call: &Call, Args {}: Args) -> Result<Output> {
        let all = deps.directory.locations(call).await?;
        let is_demo = all.iter().filter_map(|known| known.connection.as_ref()).any(|connection| connection.is_demo);
        let is_agency = all.iter().any(|known| known.connection.is_none()) || all.is_empty();
        Ok(Output {
            tenant: call.tenant().to_string(),
            subject: call.caller.subject().to_owned(),
            role: call.caller.role(),
            connection: match (is_agency, all.len()) {
                (true, _) => ConnectionKind::Agency,
                (false, 1) => ConnectionKind::Location,
                (false, _) => ConnectionKind::Locations,
            },
            locations: all.iter().take(LOCATIONS_SHOWN).map(|known| summary(deps, known)).collect(),
            locations_total: all.len(),
            toolsets: toolset::ALL.into_iter().filter(|name| call.caller.may_see(name)).collect(),
            demo: is_demo,
        })
    }
}

fn summary(deps: &Deps, known: &KnownLocation) -> LocationSummary {
    let budget = known.connection.as_ref().and_then(|connection| deps.client.budget(connection));
    LocationSummary {
        location: LocationAnswer::new(&known.location, false),
        timezone: known.location.timezone.clone(),
        is_default: deps.directory.is_default(known),
        is_connected: known.connection.is_some(),
        requests_left_now: budget.as_ref().map(|budget| budget.remaining),
        requests_left_today: budget.and_then(|budget| budget.daily_remaining),
    }
}
