//! The same change to many contacts, chosen by name or by a filter. Shows first whom it would meet.

mod carry_out;
mod choose;
mod errand;
mod take_back;

use std::collections::BTreeMap;

use common::error::Result;
use common::tool::{Access, Call, Plan, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, RecordRef, contact_uri, line, tags_uri};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::references::{ContactFilter, tags};
use crate::tools::toolset;
use errand::Errand;

pub(crate) struct BulkUpdateContacts;

/// Most contacts of one call: 500 single changes take 50 seconds at the vendor's 100 requests in 10 seconds (its
/// developer documentation, "Rate Limits").
const CONTACTS_MAX: usize = 500;

/// Contacts shown by name in a preview and in a plan.
const SAMPLE: usize = 10;

/// Failures told one by one.
const FAILURES_SHOWN: usize = 50;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Ids, emails, phones or names. Either these or `filter`.
    #[serde(default)]
    #[schemars(length(max = 200))]
    contacts: Vec<String>,
    /// Who.
    /// As in `search_contacts`.
    filter: Option<Filter>,
    /// Tags.
    #[serde(default)]
    #[schemars(length(max = 20))]
    add_tags: Vec<String>,
    /// Tags.
    #[serde(default)]
    #[schemars(length(max = 20))]
    remove_tags: Vec<String>,
    /// New owner: user name, email or id.
    set_owner: Option<String>,
    /// Field key or name to new value.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 10))]
    set_fields: BTreeMap<String, String>,
    /// False: only shown.
    #[serde(default)]
    apply: bool,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    /// Free text.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// All of these.
    #[serde(default)]
    #[schemars(length(max = 10))]
    tags: Vec<String>,
    /// User.
    owner: Option<String>,
    /// By key.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 10))]
    custom_fields: BTreeMap<String, String>,
    /// Date.
    added_after: Option<String>,
    /// Date.
    added_before: Option<String>,
}

impl Filter {
    fn of(&self) -> ContactFilter<'_> {
        ContactFilter {
            text: self.query.as_deref(),
            tags: &self.tags,
            owner: self.owner.as_deref(),
            custom_fields: &self.custom_fields,
            added_after: self.added_after.as_deref(),
            added_before: self.added_before.as_deref(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where they are.
    location: LocationAnswer,
    /// False: nothing was changed, this is what would be.
    applied: bool,
    /// What is done to each.
    change: String,
    /// How many contacts are meant.
    matched: u64,
    /// Present and true: these are too many to be changed at once; narrow the filter.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    too_many: bool,
    /// How many it changed, or would change.
    changed: usize,
    /// How many are so already.
    unchanged: usize,
    /// Some of those that would change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sample: Vec<RecordRef>,
    /// Who could not be changed, or found; at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<Failure>,
    /// How many in all.
    #[serde(skip_serializing_if = "is_zero")]
    failed_total: usize,
    /// Left for want of time: call again.
    #[serde(skip_serializing_if = "is_zero")]
    not_tried: usize,
    /// Added tags that no contact of the location had before: check the spelling.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    new_to_location: Vec<String>,
    /// For `undo_change`; absent if nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Failure {
    /// As it was named, or is called.
    contact: String,
    /// Opaque id.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Why, and what to do.
    why: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Tool for BulkUpdateContacts {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "bulk_update_contacts";
    const TITLE: &'static str = "Update many contacts";
    const DESCRIPTION: &'static str = "Tags, owner or fields of up to 500 contacts. Without apply it only shows count and sample; who fails is listed.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTACTS;
    const IS_IDEMPOTENT: bool = true;
    const IS_LONG: bool = true;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let errand = Errand::prepare(deps, call, args).await?;
        let meant = errand.lacking().len();
        let verb = if args.apply { "" } else { "show whom this would meet: " };
        Ok(Plan {
            summary: format!("{verb}{} ({meant} contacts)", errand.words),
            targets: errand.lacking().into_iter().take(SAMPLE).map(|contact| line(contact.label())).collect(),
            count: u32::try_from(meant).unwrap_or(u32::MAX),
            is_reversible: true,
            cost: None,
        })
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let errand = Errand::prepare(deps, call, &args).await?;
        let new_to_location = tags::new_to_location(deps, &errand.site, &errand.wish.add).await?;
        let mut output = errand.output(&new_to_location);
        if !args.apply {
            return Ok(output);
        }
        errand.refuse_too_many()?;
        let Errand { site, wish, chosen, .. } = &errand;
        let lacking = errand.lacking();
        let done = carry_out::carry_out(deps, call, (site, wish), &lacking).await;
        for contact in lacking.iter().filter(|contact| done.changed.contains(&contact.id)) {
            deps.changes.announce(call.tenant(), contact_uri(site, &contact.id));
        }
        if !new_to_location.is_empty() {
            deps.directory.forget_tags(site);
            deps.changes.announce(call.tenant(), tags_uri(site));
        }
        let failures = chosen.unknown.iter().map(|(text, error)| Failure {
            contact: line(text),
            id: None,
            why: error.message().to_owned(),
        });
        let failures: Vec<Failure> = failures.chain(done.failed).collect();
        let changed: Vec<&Contact> =
            lacking.iter().copied().filter(|contact| done.changed.contains(&contact.id)).collect();
        output.change_id = note(deps, call, &errand, &changed).await;
        output.applied = true;
        output.changed = changed.len();
        output.sample = Vec::new();
        output.failed_total = failures.len();
        output.failed = failures.into_iter().take(FAILURES_SHOWN).collect();
        output.not_tried = done.not_tried;
        Ok(output)
    }
}

/// Notes what was changed. What became of those that failed in the middle is not known well enough to take it back.
async fn note(deps: &Deps, call: &Call, errand: &Errand, changed: &[&Contact]) -> Option<ChangeId> {
    if changed.is_empty() {
        return None;
    }
    let change = Change {
        tool: BulkUpdateContacts::NAME,
        summary: format!("{} ({} contacts)", errand.words, changed.len()),
        record: ("location".into(), errand.site.location.id.to_string()),
        contact: None,
        undo: take_back::reversals(&errand.site, &errand.wish, changed),
    };
    deps.journal.note(call, &errand.site, change).await
}
