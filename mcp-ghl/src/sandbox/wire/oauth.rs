//! What the OAuth endpoints answer.

use serde::Serialize;

use crate::sandbox::oauth::{ACCESS_SECONDS, Issued};
use crate::sandbox::store::locations::Location;

/// Tokens. v2 spells them with underscores, v3 in camel case; the rest is the same in both.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum TokenAnswer {
    V2(V2),
    V3(V3),
}

#[derive(Debug, Serialize)]
pub(crate) struct V2 {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
    #[serde(flatten)]
    whose: Whose,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct V3 {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
    #[serde(flatten)]
    whose: Whose,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Whose {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<String>,
    user_id: String,
}

impl TokenAnswer {
    pub(crate) fn v2(issued: Issued, user_id: String) -> Self {
        let whose = whose(&issued, user_id);
        Self::V2(V2 {
            access_token: issued.access_token,
            token_type: "Bearer",
            expires_in: ACCESS_SECONDS,
            refresh_token: issued.refresh_token,
            scope: issued.consent.scopes,
            whose,
        })
    }

    pub(crate) fn v3(issued: Issued, user_id: String) -> Self {
        let whose = whose(&issued, user_id);
        Self::V3(V3 {
            access_token: issued.access_token,
            token_type: "Bearer",
            expires_in: ACCESS_SECONDS,
            refresh_token: issued.refresh_token,
            scope: issued.consent.scopes,
            whose,
        })
    }
}

/// A location's token that was made from the agency's names neither kind nor agency (specification, 2026-06-19).
fn whose(issued: &Issued, user_id: String) -> Whose {
    let is_exchange = issued.refresh_token.is_some();
    let grant = &issued.consent.grant;
    Whose {
        user_type: is_exchange.then(|| grant.user_type()),
        company_id: is_exchange.then(|| grant.company_id().to_owned()),
        location_id: grant.location_id().map(str::to_owned),
        user_id,
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InstalledAnswer {
    pub(crate) locations: Vec<InstalledLocation>,
    pub(crate) count: usize,
    pub(crate) install_to_future_locations: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InstalledLocation {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    address: String,
    is_installed: bool,
}

impl From<Location> for InstalledLocation {
    fn from(location: Location) -> Self {
        Self { id: location.id, name: location.name, address: location.address, is_installed: true }
    }
}
