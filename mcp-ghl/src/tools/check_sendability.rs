//! Whether a message may be sent to a person, on each channel, and if not, why.

use common::error::{Error, Result};
use common::tool::{Access, Call, Tool};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, line};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::local_time::written;
use crate::message::{Channel, Obstacle, address, obstacles};
use crate::references;
use crate::tools::toolset;

pub(crate) struct CheckSendability;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// How it would be sent; SMS and email if empty.
    #[serde(default)]
    #[schemars(length(max = 8))]
    channels: Vec<Channel>,
    /// Local time or RFC 3339; default now.
    at: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// To whom.
    contact: RecordRef,
    /// One for each channel.
    channels: Vec<Verdict>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Verdict {
    /// How it would be sent.
    channel: Channel,
    /// Whether `send_message` would send it.
    sendable: bool,
    /// Email address or phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// Everything that is in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    obstacles: Vec<Obstacle>,
    /// Present while it is night where the person is.
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet_hours: Option<QuietAnswer>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct QuietAnswer {
    /// What time it would be there, RFC 3339.
    local_time: String,
    /// When they end: a good `send_at`.
    until: String,
    /// Whether messages are refused until then; else it is up to the sender.
    refused: bool,
}

impl Tool for CheckSendability {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "check_sendability";
    const TITLE: &'static str = "Check sendability";
    const DESCRIPTION: &'static str = "May a contact be sent an SMS, email or chat message now? Consent, address and quiet hours, by send_message's rules.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONVERSATIONS;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let zone = site.zone();
        let now = Timestamp::from_millisecond(deps.clock.now_ms())
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        let at = match &args.at {
            None => now,
            Some(text) => {
                let moment = references::moment("at", text, zone.as_ref());
                let moment = moment.map_err(|fault| Error::invalid_arguments(vec![fault]))?;
                moment.first(zone.as_ref().unwrap_or(&TimeZone::UTC)).unwrap_or(now)
            }
        };
        let contact = references::contact(deps, &site, &args.contact).await?;
        let mut channels = if args.channels.is_empty() { vec![Channel::Sms, Channel::Email] } else { args.channels };
        channels.dedup();
        let verdict = |channel: &Channel| verdict(deps, &contact, *channel, (at, zone.as_ref()));
        let channels = channels.iter().map(verdict).collect();
        Ok(Output { location: LocationAnswer::of(&site), contact: reference(&contact), channels })
    }
}

fn verdict(deps: &Deps, contact: &Contact, channel: Channel, (at, zone): (Timestamp, Option<&TimeZone>)) -> Verdict {
    let obstacles = obstacles(contact, channel);
    let quiet = deps.quiet_hours.disturb(contact, channel, at, zone);
    let is_refused = quiet.is_some() && deps.quiet_hours.refuses;
    Verdict {
        channel,
        sendable: obstacles.is_empty() && !is_refused,
        to: address(contact, channel).ok().flatten().map(line),
        obstacles,
        quiet_hours: quiet.map(|quiet| QuietAnswer {
            local_time: written(at, Some(&quiet.zone)),
            until: written(quiet.ends_at, Some(&quiet.zone)),
            refused: deps.quiet_hours.refuses,
        }),
    }
}
