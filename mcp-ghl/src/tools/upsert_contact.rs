//! Finds a contact by email or phone and updates it, or creates it; says which, and what it left alone.

mod matches;
mod trace;

use std::collections::BTreeMap;

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::ContactRow;
use crate::answer::{LocationAnswer, RecordRef, contact_link, contact_uri, line, tags_uri};
use crate::client::{ContactWrite, Site};
use crate::contact::{Contact, Identity, Kept, MatchedBy, Preference, Upsert};
use crate::deps::Deps;
use crate::journal::ChangeId;
use crate::references;
use crate::tag::{NotATag, Tag, TagChange};
use crate::tools::toolset;
use matches::{Matches, save};
use trace::Trace;

pub(crate) struct UpsertContact;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Email or phone is needed.
    email: Option<String>,
    /// International form.
    #[schemars(extend("examples" = ["+15550100199"]))]
    phone: Option<String>,
    /// First name.
    #[schemars(length(min = 1, max = 100))]
    first_name: Option<String>,
    /// Last name.
    #[schemars(length(min = 1, max = 100))]
    last_name: Option<String>,
    /// Firm.
    #[schemars(length(min = 1, max = 200))]
    company: Option<String>,
    /// Where the lead came from.
    #[schemars(length(min = 1, max = 200))]
    source: Option<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Added to those it has.
    #[serde(default)]
    #[schemars(length(max = 20))]
    tags: Vec<String>,
    /// Field key or name to value; several options separated by commas.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 50))]
    custom_fields: BTreeMap<String, String>,
    /// Which one is meant if email and phone belong to different contacts.
    match_by: Option<MatchBy>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MatchBy {
    Email,
    Phone,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    contact: ContactRow,
    /// False if it was there already.
    created: bool,
    /// What an existing contact was recognised by.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_by: Option<MatchedByAnswer>,
    /// What was given but not written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<Conflict>,
    /// Tags it did not have before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags_added: Vec<String>,
    /// Where a person sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MatchedByAnswer {
    Email,
    Phone,
    EmailAndPhone,
}

/// A field that the contact keeps although another value was given.
#[derive(Debug, Serialize, JsonSchema)]
struct Conflict {
    /// The argument.
    field: &'static str,
    /// Why it was not written.
    reason: ConflictReason,
    /// The value that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<String>,
    /// Whose the given value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    belongs_to: Option<RecordRef>,
}

impl Conflict {
    fn of(kept: Kept, contact: &Contact, matches: &Matches) -> Self {
        let (field, value, holder) = match kept {
            Kept::Email => ("email", &contact.email, &matches.by_email),
            Kept::Phone => ("phone", &contact.phone, &matches.by_phone),
        };
        let belongs_to = holder
            .as_ref()
            .filter(|holder| holder.id != contact.id)
            .map(|holder| RecordRef::new(&holder.id, holder.label()));
        let reason = if belongs_to.is_some() { ConflictReason::BelongsToAnother } else { ConflictReason::HasAnother };
        Self { field, reason, kept: value.as_deref().map(line), belongs_to }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ConflictReason {
    /// The contact has another value; it is never overwritten here.
    HasAnother,
    /// Another contact has the given value.
    BelongsToAnother,
}

impl Tool for UpsertContact {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "upsert_contact";
    const TITLE: &'static str = "Find or create contact";
    const DESCRIPTION: &'static str = "Create a contact, or update the one with this email or phone. Says which and why; never overwrites an email or phone, never removes tags.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTACTS;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let (identity, tags) = parse(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let mut write = resolve(deps, &site, args.owner.as_deref(), &args.custom_fields).await?;
        let matches = Matches::find(deps, &site, &identity).await?;
        let decided = matches.decide(&identity, args.match_by.map(Preference::from))?;
        write.first_name = args.first_name;
        write.last_name = args.last_name;
        write.company = args.company;
        write.source = args.source;
        let (matched_by, kept, before) = match &decided {
            Upsert::Create => (None, Vec::new(), None),
            // What it was found by may not show all of it.
            Upsert::Update { contact, matched_by, kept } => {
                (Some(*matched_by), kept.clone(), Some(deps.client.contact(&site, &contact.id).await?))
            }
        };
        write.email = identity.email.clone().filter(|_| !kept.contains(&Kept::Email));
        write.phone = identity.phone.clone().filter(|_| !kept.contains(&Kept::Phone));
        let (written, created) = save(deps, &site, &identity, &write, before.is_none()).await?;
        deps.changes.announce(call.tenant(), contact_uri(&site, &written.id));
        let tags_added = add_tags(deps, &site, &written, &tags).await?;
        if !tags_added.is_empty() {
            deps.changes.announce(call.tenant(), tags_uri(&site));
        }
        let trace = Trace {
            tool: Self::NAME,
            write: &write,
            before: before.as_ref(),
            written: written.clone(),
            tags_added: &tags_added,
        };
        let contact = if tags_added.is_empty() { written } else { deps.client.contact(&site, &written.id).await? };
        let change_id = trace.note(deps, call, &site, (&contact, created)).await;
        let owners = [contact.owner_id.as_ref()].into_iter();
        let users = deps.directory.users_naming(&site, owners).await?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            created,
            matched_by: matched_by.map(MatchedByAnswer::from),
            conflicts: kept.iter().map(|kept| Conflict::of(*kept, &contact, &matches)).collect(),
            tags_added: tags_added.into_iter().map(String::from).collect(),
            link: contact_link(&site, &contact.id),
            contact: ContactRow::of(&contact, (*users).as_deref()),
            change_id,
        })
    }
}

/// Reads what needs no look-up; every fault at once.
fn parse(args: &Args) -> Result<(Identity, Vec<Tag>)> {
    let mut faults = Vec::new();
    let mut tags = Vec::new();
    for (index, text) in args.tags.iter().enumerate() {
        match text.parse() {
            Ok(tag) => tags.push(tag),
            Err(NotATag) => faults.push(Fault {
                field: format!("/tags/{index}"),
                problem: "is not a tag".to_owned(),
                expected: "1 to 100 characters".to_owned(),
                example: Some("\"src_paid\"".to_owned()),
            }),
        }
    }
    match Identity::parse(args.email.as_deref(), args.phone.as_deref()) {
        Ok(identity) if faults.is_empty() => Ok((identity, tags)),
        Ok(_) => Err(Error::invalid_arguments(faults)),
        Err(error) => {
            let all = error.details().faults.iter().cloned().chain(faults).collect();
            Err(Error::invalid_arguments(all))
        }
    }
}

async fn resolve(
    deps: &Deps,
    site: &Site,
    owner: Option<&str>,
    custom_fields: &BTreeMap<String, String>,
) -> Result<ContactWrite> {
    let mut write = ContactWrite::default();
    if let Some(text) = owner {
        write.owner_id = Some(deps.directory.owner(site, text).await?);
    }
    if !custom_fields.is_empty() {
        write.custom_values = references::custom_values(&deps.directory.custom_fields(site).await?, custom_fields)?;
    }
    Ok(write)
}

/// Tags go separately: an upsert that names tags takes all others away.
async fn add_tags(deps: &Deps, site: &Site, contact: &Contact, tags: &[Tag]) -> Result<Vec<Tag>> {
    let current: Vec<Tag> = contact.tags.iter().map(|tag| Tag::on_record(tag)).collect();
    let change = TagChange::of(&current, tags, &[]);
    deps.client.add_tags(site, &contact.id, &change.add).await?;
    if !change.add.is_empty() {
        deps.directory.forget_tags(site);
    }
    Ok(change.add)
}

impl From<MatchedBy> for MatchedByAnswer {
    fn from(matched_by: MatchedBy) -> Self {
        match matched_by {
            MatchedBy::Email => Self::Email,
            MatchedBy::Phone => Self::Phone,
            MatchedBy::EmailAndPhone => Self::EmailAndPhone,
        }
    }
}

impl From<MatchBy> for Preference {
    fn from(match_by: MatchBy) -> Self {
        match match_by {
            MatchBy::Email => Self::Email,
            MatchBy::Phone => Self::Phone,
        }
    }
}
