//! Records what a person has refused, or allows again, channel by channel.

use common::error::{Error, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::{ChannelAnswer, ConsentAnswer, reference};
use crate::answer::{LocationAnswer, RecordRef, contact_link, contact_uri, line};
use crate::client::reversals;
use crate::consent::Wish;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::references;
use crate::tools::toolset;

pub(crate) struct SetContactConsent;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// True: no messages. False: allowed again.
    do_not_disturb: bool,
    /// All, if empty.
    #[serde(default)]
    #[schemars(length(max = 6))]
    channels: Vec<ChannelAnswer>,
    /// How the person said so; needed to allow.
    #[schemars(length(min = 1, max = 300))]
    reason: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The contact.
    contact: RecordRef,
    /// As it was.
    before: ConsentAnswer,
    /// As it is after the call.
    after: ConsentAnswer,
    /// False if it was so already.
    changed: bool,
    /// Stay refused: only the person can lift them, such as by texting START.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kept: Vec<ChannelAnswer>,
    /// For `undo_change`; absent if nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for SetContactConsent {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "set_contact_consent";
    const TITLE: &'static str = "Set contact consent";
    const DESCRIPTION: &'static str =
        "Record that a person wants no messages (do not disturb), on some channels or all, or allows them again.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTACTS;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let reason = args.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        if reason.is_none() && !args.do_not_disturb {
            let expected = "how the person has allowed it: that is the proof of their consent";
            return Err(Error::invalid_argument(
                "reason",
                "is missing",
                expected,
                Some("\"signed the form on 12 May\""),
            ));
        }
        let channels = args.channels.into_iter().map(Into::into).collect();
        let wish = Wish { channels, is_refused: args.do_not_disturb, reason };
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        let before = deps.client.refusals(&site, &contact.id).await?;
        let change = before.with(&wish);
        let changed = change.after != before;
        if changed {
            deps.client.set_refusals(&site, &contact.id, &change.after).await?;
            deps.changes.announce(call.tenant(), contact_uri(&site, &contact.id));
        }
        let change_id = if changed {
            let verb = if wish.is_refused { "no messages" } else { "messages again" };
            let noted = Change {
                tool: Self::NAME,
                summary: format!("wrote down that {} wants {verb}", line(contact.label())),
                record: ("contact".into(), contact.id.to_string()),
                contact: Some(contact.id.clone()),
                undo: vec![reversals::consent(&contact.id, &before, &change.after)],
            };
            deps.journal.note(call, &site, noted).await
        } else {
            None
        };
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: reference(&contact),
            before: ConsentAnswer::of(Some(&before.consent())),
            after: ConsentAnswer::of(Some(&change.after.consent())),
            changed,
            change_id,
            kept: change.kept.into_iter().map(ChannelAnswer::from).collect(),
            link: contact_link(&site, &contact.id),
        })
    }
}
