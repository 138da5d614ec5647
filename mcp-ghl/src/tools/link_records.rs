//! Links two records by an association of the location, or takes the link away.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, RecordRef, line};
use crate::association::Side;
use crate::deps::Deps;
use crate::journal::Change;
use crate::references::{self, Linked};
use crate::tools::toolset;

pub(crate) struct LinkRecords;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or key; may be left out where there is one.
    association: Option<String>,
    /// Record on its first side: id or name.
    first: String,
    /// Record on its second side: id or name.
    second: String,
    /// Take the link away.
    #[serde(default)]
    remove: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// What links them.
    association: RecordRef,
    /// The one side.
    first: End,
    /// The other side.
    second: End,
    /// Whether they are linked after the call.
    linked: bool,
    /// False if it was so already.
    changed: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct End {
    #[serde(flatten)]
    record: RecordRef,
    /// What it is to the other.
    role: String,
}

impl End {
    fn of(record: &Linked, side: &Side) -> Self {
        Self { record: RecordRef::new(&record.id, &record.name), role: line(&side.label) }
    }
}

impl Tool for LinkRecords {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "link_records";
    const TITLE: &'static str = "Link records";
    const DESCRIPTION: &'static str =
        "Link two records (contact, deal, business, custom object) by an association, or unlink them.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::SETUP;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let association = references::association(deps, &site, args.association.as_deref()).await?;
        let first = references::linked(deps, &site, &association.first, &args.first).await?;
        let second = references::linked(deps, &site, &association.second, &args.second).await?;
        let relations = deps.client.relations(&site, &first.id).await?;
        let known = relations.into_iter().find(|relation| {
            relation.association_id == association.id.as_str()
                && relation.first_id == first.id.as_str()
                && relation.second_id == second.id.as_str()
        });
        let changed = match (&known, args.remove) {
            (None, false) => {
                deps.client.link(&site, &association, &first.id, &second.id).await?;
                true
            }
            (Some(relation), true) => {
                deps.client.unlink(&site, &relation.id).await?;
                true
            }
            (Some(_), false) | (None, true) => false,
        };
        if changed {
            let verb = if args.remove { "unlinked" } else { "linked" };
            let summary = format!("{verb} two records as “{}”", line(&association.label));
            deps.journal
                .note(call, &site, Change::lasting(Self::NAME, summary, ("record", first.id.to_string())))
                .await;
        }
        Ok(Output {
            location: LocationAnswer::of(&site),
            first: End::of(&first, &association.first),
            second: End::of(&second, &association.second),
            association: RecordRef::new(association.id.as_str(), &association.label),
            linked: !args.remove,
            changed,
        })
    }
}
