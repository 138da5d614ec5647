//! Makes a trigger link, or changes the one of this name; says which.

use common::clock::UnixMillis;
use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::line;
use crate::answer::trigger_link::TriggerLinkAnswer;
use crate::client::{Site, reversals};
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::names::{Wanted, exact, find};
use crate::reversal::Reversal;
use crate::tools::toolset;
use crate::trigger_link::{TriggerLink, web_address};

pub(crate) struct SaveTriggerLink;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// A link of this name is changed, else one is made; or an id.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// Where it leads; needed for a new one.
    url: Option<String>,
    /// Another name for the link there is.
    #[schemars(length(min = 1, max = 200))]
    rename_to: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    trigger_link: TriggerLinkAnswer,
    /// False if it was there already.
    created: bool,
    /// As it was, if it was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<TriggerLinkAnswer>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SaveTriggerLink {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_trigger_link";
    const TITLE: &'static str = "Save trigger link";
    const DESCRIPTION: &'static str = "Create a trigger link, or change or rename the one of this name; says which.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::AUTOMATION;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let (site, links) = prepare(deps, call, &args).await?;
        let Some(link) = meant(&links, &args)? else {
            let Some(address) = &args.url else { return Err(no_address()) };
            let made = deps.client.create_trigger_link(&site, args.name.trim(), address.trim()).await?;
            let undo = reversals::link_creation(&site.location.id, &made);
            let change_id = note(deps, call, &site, ("made", &made), Some(undo)).await;
            return Ok(Output { change_id, ..output(&site, &made, true, None) });
        };
        let name = args.rename_to.as_deref().map_or(link.name.as_str(), str::trim);
        let address = args.url.as_deref().map(str::trim).or(link.address.as_deref()).unwrap_or_default();
        let changed = deps.client.update_trigger_link(&site, &link.id, name, address).await?;
        let undo = reversals::link_update(&site.location.id, link, &changed);
        let change_id = note(deps, call, &site, ("changed", &changed), undo).await;
        Ok(Output { change_id, ..output(&site, &changed, false, Some(TriggerLinkAnswer::of(link))) })
    }

    /// A link that is as it should be was written by the call. Whether it was there before cannot be told.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, _since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let (site, links) = prepare(deps, call, args).await?;
        let text = args.rename_to.as_deref().unwrap_or(&args.name);
        let found = exact(Wanted { noun: "trigger link", text }, &links)?;
        let is_so =
            |link: &&TriggerLink| args.url.as_deref().is_none_or(|url| link.address.as_deref() == Some(url.trim()));
        Ok(found
            .filter(is_so)
            .map_or(ReadBack::NotDone, |link| ReadBack::Done(output(&site, link, args.rename_to.is_none(), None))))
    }
}

async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<(Site, Vec<TriggerLink>)> {
    let mut faults = Vec::new();
    for (field, text) in [("name", Some(&args.name)), ("rename_to", args.rename_to.as_ref())] {
        if text.is_some_and(|text| text.trim().is_empty()) {
            faults.push(Fault::of_argument(field, "is blank", "a name", Some("\"Spring offer\"")));
        }
    }
    if args.url.is_none() && args.rename_to.is_none() {
        faults.push(Fault::of_argument(
            "url",
            "is missing, and so is `rename_to`",
            "an https address",
            Some("\"https://example.com\""),
        ));
    }
    if !faults.is_empty() {
        return Err(Error::invalid_arguments(faults));
    }
    if let Some(text) = &args.url {
        web_address("url", text)?;
    }
    let site = deps.directory.site(call, args.location.as_deref()).await?;
    let links = deps.client.trigger_links(&site).await?;
    Ok((site, links))
}

/// The link that is to be changed; to be renamed one must be there, so a beginning of its name is enough.
fn meant<'all>(links: &'all [TriggerLink], args: &Args) -> Result<Option<&'all TriggerLink>> {
    let wanted = Wanted { noun: "trigger link", text: &args.name };
    if args.rename_to.is_some() { find(wanted, links).map(Some) } else { exact(wanted, links) }
}

/// Notes what was written, if anything was.
async fn note(
    deps: &Deps,
    call: &Call,
    site: &Site,
    (verb, link): (&str, &TriggerLink),
    undo: Option<Reversal>,
) -> Option<ChangeId> {
    let change = Change {
        tool: SaveTriggerLink::NAME,
        summary: format!("{verb} the trigger link “{}”", line(&link.name)),
        record: ("trigger link".into(), link.id.to_string()),
        contact: None,
        undo: vec![undo?],
    };
    deps.journal.note(call, site, change).await
}

fn output(site: &Site, link: &TriggerLink, created: bool, before: Option<TriggerLinkAnswer>) -> Output {
    Output {
        location: LocationAnswer::of(site),
        trigger_link: TriggerLinkAnswer::of(link),
        created,
        before,
        change_id: None,
    }
}

fn no_address() -> Error {
    let expected = "an https address: no link of this name is there, and a new one needs it";
    Error::invalid_argument("url", "is missing", expected, Some("\"https://example.com/offer\""))
}
