//! What a location says of itself: address, clock, settings, and who carries its messages.

use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, line, location_link};
use crate::client::Site;
use crate::deps::Deps;
use crate::local_time::written;
use crate::location::{Carried, Carrier, LocationDetails};
use crate::tools::toolset;

pub(crate) struct GetLocation;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id; may be left out if one is meant by default.
    location: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Which it is.
    location: LocationAnswer,
    /// Street, city, state, postal code, country.
    #[serde(skip_serializing_if = "String::is_empty")]
    address: String,
    /// IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// What its clocks show, RFC 3339.
    local_time: String,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Its web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    website: Option<String>,
    /// Whether two contacts may have the same email or phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    allows_duplicate_contacts: Option<bool>,
    /// Whether a contact may have several deals in one pipeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    allows_duplicate_opportunities: Option<bool>,
    /// Who carries its messages; absent where that cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<Vec<ChannelAnswer>>,
    /// Where a person sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChannelAnswer {
    /// What is carried.
    channel: &'static str,
    /// By whom.
    provider: String,
    /// Whether it is used where none is chosen.
    is_default: bool,
}

impl Tool for GetLocation {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_location";
    const TITLE: &'static str = "Get location";
    const DESCRIPTION: &'static str = "One location in full: address, time zone and local time, email, phone, duplicate rules, SMS and email providers.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::LOCATIONS;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let (details, channels) = tokio::try_join!(deps.client.location_details(&site), channels(deps, &site))?;
        let now = Timestamp::from_millisecond(deps.clock.now_ms())
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        let text = |text: &Option<String>| text.as_deref().map(line);
        Ok(Output {
            location: LocationAnswer::of(&site),
            address: address(&details),
            timezone: text(&details.location.timezone),
            local_time: written(now, site.zone().as_ref()),
            email: text(&details.email),
            phone: text(&details.phone),
            website: text(&details.website),
            allows_duplicate_contacts: details.allows_duplicate_contacts,
            allows_duplicate_opportunities: details.allows_duplicate_opportunities,
            channels,
            link: location_link(&site),
        })
    }
}

fn address(details: &LocationDetails) -> String {
    let LocationDetails { location, street, state, postal_code, .. } = details;
    let parts = [street, &location.city, state, postal_code, &location.country];
    parts.into_iter().flatten().map(|part| line(part)).collect::<Vec<_>>().join(", ")
}

/// `None` where the token may not see them, or the location has none to show.
async fn channels(deps: &Deps, site: &Site) -> Result<Option<Vec<ChannelAnswer>>> {
    let read = tokio::try_join!(deps.client.carriers(site, Carried::Sms), deps.client.carriers(site, Carried::Email),);
    let is_hidden =
        |code| matches!(code, ErrorCode::PermissionDenied | ErrorCode::NotFound | ErrorCode::UpstreamRejected);
    match read {
        Ok((sms, email)) => Ok(Some(sms.iter().chain(&email).map(channel).collect())),
        Err(error) if is_hidden(error.code()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn channel(carrier: &Carrier) -> ChannelAnswer {
    let channel = match carrier.carries {
        Carried::Sms => "sms",
        Carried::Email => "email",
    };
    ChannelAnswer { channel, provider: line(&carrier.name), is_default: carrier.is_default }
}
