//! The same change to many contacts, chosen by name or by a filter. Shows first whom it would meet.

mod carry_out;
mod choose;
mod take_back;

use std::collections::BTreeMap;

use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::{Access, Call, Plan, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, contact_uri, line, owner, tags_uri};
use crate::client::Site;
use crate::contact::Contact;
use crate::contact_bulk::Wish;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::record_id::RecordId;
use crate::references::{self, ContactFilter, tags};
use crate::tag::Tag;
use crate::tools::toolset;
use choose::Chosen;

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
    /// Location name or id.
    location: Option<String>,
    /// Ids, emails, phones or names. Either these or `filter`.
    #[serde(default)]
    #[schemars(length(max = 200))]
    contacts: Vec<String>,
    /// Who is meant.
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
    /// False shows whom it would meet.
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

/// What is to be done, and to whom.
struct Errand {
    site: Site,
    wish: Wish,
    words: String,
    chosen: Chosen,
}

impl Errand {
    async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let mut faults = faults(args);
        let add = tags::parse("add_tags", &args.add_tags, &mut faults);
        let remove = tags::parse("remove_tags", &args.remove_tags, &mut faults);
        if add.iter().any(|tag| remove.contains(tag)) {
            faults.push(fault("remove_tags", "names a tag that `add_tags` names too", "tags to remove"));
        }
        let span = match args.filter.as_ref().map(|filter| filter.of().span()).transpose() {
            Ok(span) => span.unwrap_or_default(),
            Err(error) => {
                let in_filter = |fault: &Fault| Fault { field: format!("/filter{}", fault.field), ..fault.clone() };
                faults.extend(error.details().faults.iter().map(in_filter));
                references::Span::default()
            }
        };
        if !faults.is_empty() {
            return Err(Error::invalid_arguments(faults));
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let wish = Wish {
            add,
            remove,
            owner_id: match &args.set_owner {
                Some(text) => Some(deps.directory.owner(&site, text).await?),
                None => None,
            },
            custom_values: if args.set_fields.is_empty() {
                Vec::new()
            } else {
                references::custom_values(&deps.directory.custom_fields(&site).await?, &args.set_fields)?
            },
        };
        let words = words(deps, &site, &wish, args).await?;
        let chosen = match &args.filter {
            Some(filter) => choose::by_filter(deps, call, &site, &filter.of().query(deps, &site, span).await?).await?,
            None => choose::by_name(deps, call, &site, &args.contacts).await?,
        };
        Ok(Self { site, wish, words, chosen })
    }

    /// Those that are not so already.
    fn lacking(&self) -> Vec<&Contact> {
        self.chosen.contacts.iter().filter(|contact| !self.wish.against(contact).is_nothing()).collect()
    }

    fn is_too_many(&self) -> bool {
        usize::try_from(self.chosen.matched).map_or(true, |matched| matched > CONTACTS_MAX)
    }

    fn refuse_too_many(&self) -> Result<()> {
        if !self.is_too_many() {
            return Ok(());
        }
        let matched = self.chosen.matched;
        let message =
            format!("{matched} contacts match, and at most {CONTACTS_MAX} are changed at once: nothing was done");
        Err(Error::new(ErrorCode::FailedPrecondition, message)
            .with_hint("narrow `filter`, for instance by `added_after` and `added_before`, and go on piece by piece"))
    }

    /// What would be done.
    fn output(&self, new_to_location: &[Tag]) -> Output {
        let lacking = self.lacking();
        let unknown = &self.chosen.unknown;
        let failure = |(text, error): &(String, Error)| Failure {
            contact: line(text),
            id: None,
            why: error.message().to_owned(),
        };
        Output {
            location: LocationAnswer::of(&self.site),
            applied: false,
            change: self.words.clone(),
            matched: self.chosen.matched,
            too_many: self.is_too_many(),
            changed: lacking.len(),
            unchanged: self.chosen.contacts.len().saturating_sub(lacking.len()),
            sample: lacking.iter().take(SAMPLE).map(|contact| reference(contact)).collect(),
            failed: unknown.iter().take(FAILURES_SHOWN).map(failure).collect(),
            failed_total: unknown.len(),
            not_tried: 0,
            new_to_location: new_to_location.iter().map(|tag| line(tag.as_str())).collect(),
            change_id: None,
        }
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

async fn words(deps: &Deps, site: &Site, wish: &Wish, args: &Args) -> Result<String> {
    let users = deps.directory.users_naming(site, [args.set_owner.as_ref()].into_iter()).await?;
    let owner = wish.owner_id.as_ref().map(|id: &RecordId| owner((*users).as_deref(), id.as_str()));
    let fields: Vec<String> = args.set_fields.keys().map(|name| line(name)).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    Ok(wish.words(owner.as_deref(), &fields))
}

/// What needs no look-up.
fn faults(args: &Args) -> Vec<Fault> {
    let mut faults = Vec::new();
    match (args.contacts.is_empty(), &args.filter) {
        (true, None) => faults.push(fault("contacts", "is empty, and `filter` is missing", "whom to change")),
        (false, Some(_)) => faults.push(fault("filter", "was given together with `contacts`", "either of the two")),
        // Everybody is to be asked for in so many words: an empty filter is more likely a mistake.
        (true, Some(filter)) if filter.is_empty() => {
            faults.push(fault("filter", "is empty", "at least one criterion, such as `tags` or `added_after`"));
        }
        (true, Some(_)) | (false, None) => {}
    }
    let changes_tags = !args.add_tags.is_empty() || !args.remove_tags.is_empty();
    if !changes_tags && args.set_owner.is_none() && args.set_fields.is_empty() {
        let expected = "one of `add_tags`, `remove_tags`, `set_owner`, `set_fields`";
        faults.push(fault("add_tags", "is missing, and so is every other change", expected));
    }
    faults
}

impl Filter {
    fn is_empty(&self) -> bool {
        let has_text = self.query.is_some() || self.owner.is_some();
        let has_span = self.added_after.is_some() || self.added_before.is_some();
        !has_text && !has_span && self.tags.is_empty() && self.custom_fields.is_empty()
    }
}

fn fault(field: &str, problem: &str, expected: &str) -> Fault {
    Fault { field: format!("/{field}"), problem: problem.to_owned(), expected: expected.to_owned(), example: None }
}
