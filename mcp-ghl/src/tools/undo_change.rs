//! Takes a change back that a tool of this server has made, unless somebody has changed the record since.

mod undoing;

use common::auth::Role;
use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Plan, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::change::{ChangeRow, instant};
use crate::deps::Deps;
use crate::journal::{ChangeId, Noted};
use crate::store::journal::{Filter, State};
use crate::tools::toolset;
use undoing::{Trampling, Undoing, Undone};

pub(crate) struct UndoChange;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Location name or id, where the last change is meant.
    location: Option<String>,
    /// A `change_id`; default your own last change.
    change: Option<String>,
    /// Overwrite what others changed since.
    #[serde(default)]
    force: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it was.
    location: LocationAnswer,
    /// The change, as it stands now.
    change: ChangeRow,
    /// True if it had been taken back before: nothing was done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    already: bool,
    /// What was done.
    steps: Vec<String>,
    /// Fields that GoHighLevel accepted but did not set back: look at them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_restored: Vec<String>,
    /// Undo this to make the change again; absent where that takes making it anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for UndoChange {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "undo_change";
    const TITLE: &'static str = "Undo change";
    const DESCRIPTION: &'static str = "Take back a change made by these tools: your last one, or any of list_changes. Refused if somebody has changed the record since.";
    const ACCESS: Access = Access::Destroy;
    const ACCESS_MIN: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CORE;

    async fn access_of(deps: &Deps, call: &Call, args: &Args) -> Result<Access> {
        Ok(find(deps, call, args).await?.access())
    }

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let undoing = find(deps, call, args).await?;
        let row = &undoing.noted.row;
        if undoing.is_undone() {
            let summary = format!("nothing: “{}” was taken back already", row.summary);
            return Ok(Plan { summary, is_reversible: true, ..Plan::by_arguments() });
        }
        undoing.examine(deps, trampling(args)).await?;
        let words = undoing.words();
        let location = row.location_name.as_deref().unwrap_or(&row.location_id);
        let forced = if args.force { "; what others changed since is overwritten" } else { "" };
        let summary = format!(
            "take back “{}” of {}, by {} in {location}: {}{forced}",
            row.summary,
            instant(row.at_ms),
            row.subject,
            words.join("; "),
        );
        let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
        Ok(Plan {
            summary,
            targets: vec![row.summary.clone()],
            count,
            is_reversible: undoing.is_reversible(),
            cost: None,
        })
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let undoing = find(deps, call, &args).await?;
        let location = LocationAnswer::of(&undoing.site);
        let noted = undoing.noted.clone();
        if undoing.is_undone() {
            return Ok(output(location, &noted, true, Undone::default()));
        }
        let undone = undoing.run(deps, call, trampling(&args)).await?;
        Ok(output(location, &deps.journal.find(call, noted.id).await?, false, undone))
    }

    /// The change says itself whether it was taken back since, and by whom.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let noted = if let Some(id) = named(args)? {
            Some(deps.journal.find(call, id).await?)
        } else {
            let filter = Filter { subject: Some(call.caller.subject().to_owned()), ..Filter::default() };
            let own = deps.journal.list(call, filter, LOOKED_AT).await?;
            own.into_iter().find(|noted| noted.row.undone_at_ms.is_some_and(|at_ms| at_ms >= since_ms))
        };
        Ok(match noted {
            Some(noted) if noted.row.state == State::Undone => {
                let site = deps.directory.site(call, Some(&noted.row.location_id)).await?;
                ReadBack::Done(output(LocationAnswer::of(&site), &noted, false, Undone::default()))
            }
            // A call by the change's id goes on where the lost one stopped; without one it could mean another change.
            Some(_) if args.change.is_none() => ReadBack::Unknown,
            Some(_) | None => ReadBack::NotDone,
        })
    }
}

/// How many of the caller's latest changes are looked at for the one whose answer was lost.
const LOOKED_AT: u32 = 20;

/// The change that is meant, opened.
async fn find(deps: &Deps, call: &Call, args: &Args) -> Result<Undoing> {
    let noted = match named(args)? {
        Some(id) => deps.journal.find(call, id).await?,
        None => last(deps, call, args).await?,
    };
    if noted.row.subject != call.caller.subject() && call.caller.role() < Role::Admin {
        return Err(Error::new(ErrorCode::PermissionDenied, "somebody else made this change")
            .with_hint("ask them, or an administrator of your tenant, to take it back"));
    }
    Undoing::of(deps, call, noted).await
}

fn named(args: &Args) -> Result<Option<ChangeId>> {
    let Some(text) = &args.change else { return Ok(None) };
    let id = ChangeId::parse(text.trim());
    id.map(Some).ok_or_else(|| {
        let expected = "the `change_id` of an answer, or an id of `list_changes`";
        Error::invalid_argument("change", "is not the id of a change", expected, None)
    })
}

/// The caller's own last change that stands.
async fn last(deps: &Deps, call: &Call, args: &Args) -> Result<Noted> {
    let location_id = match &args.location {
        Some(text) => Some(deps.directory.site(call, Some(text)).await?.location.id.to_string()),
        None => None,
    };
    let subject = Some(call.caller.subject().to_owned());
    let filter = Filter { location_id, subject, is_standing: true, ..Filter::default() };
    deps.journal.list(call, filter, 1).await?.into_iter().next().ok_or_else(|| {
        Error::new(ErrorCode::NotFound, "you have made no change that stands")
            .with_hint("call `list_changes` to see those of others")
    })
}

fn trampling(args: &Args) -> Trampling {
    if args.force { Trampling::Forced } else { Trampling::Refused }
}

fn output(location: LocationAnswer, noted: &Noted, already: bool, undone: Undone) -> Output {
    let Undone { steps, left: not_restored, change_id } = undone;
    Output { location, change: ChangeRow::of(noted), already, steps, not_restored, change_id }
}
