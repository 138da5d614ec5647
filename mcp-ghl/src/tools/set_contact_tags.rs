//! Adds and removes a contact's tags, or makes them exactly a given set.

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, contact_uri, line, tags_uri};
use crate::client::{Site, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::references::{self, tags};
use crate::tag::{Tag, TagChange};
use crate::tools::toolset;

pub(crate) struct SetContactTags;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// Tags to add.
    #[serde(default)]
    #[schemars(length(max = 50), extend("examples" = [["src_paid"]]))]
    add: Vec<String>,
    /// Tags to remove.
    #[serde(default)]
    #[schemars(length(max = 50))]
    remove: Vec<String>,
    /// Exactly these instead; not with add or remove.
    #[schemars(length(max = 50))]
    replace_with: Option<Vec<String>>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The contact.
    contact: RecordRef,
    /// The tags it has after the call.
    tags: Vec<String>,
    /// Tags it did not have before.
    added: Vec<String>,
    /// Tags it no longer has.
    removed: Vec<String>,
    /// Asked for, but already so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unchanged: Vec<String>,
    /// Added tags that no contact of the location had before: check the spelling.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    new_to_location: Vec<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SetContactTags {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "set_contact_tags";
    const TITLE: &'static str = "Set contact tags";
    const DESCRIPTION: &'static str = "Add, remove or replace a contact's tags (lower case). Reports what changed and which tags are new to the location.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTACTS;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let wish = Wish::parse(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        let current: Vec<Tag> = contact.tags.iter().map(|tag| Tag::on_record(tag)).collect();
        let change = wish.change(&current);
        let new_to_location = tags::new_to_location(deps, &site, &change.add).await?;
        deps.client.add_tags(&site, &contact.id, &change.add).await?;
        deps.client.remove_tags(&site, &contact.id, &change.remove).await?;
        if !change.add.is_empty() || !change.remove.is_empty() {
            deps.changes.announce(call.tenant(), contact_uri(&site, &contact.id));
        }
        if !new_to_location.is_empty() {
            deps.directory.forget_tags(&site);
            deps.changes.announce(call.tenant(), tags_uri(&site));
        }
        let change_id = note(deps, call, &site, (&contact, &change)).await;
        let after = current.iter().filter(|tag| !change.remove.contains(tag)).chain(&change.add);
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: reference(&contact),
            tags: texts(after),
            added: texts(&change.add),
            removed: texts(&change.remove),
            unchanged: texts(&change.unchanged),
            new_to_location: texts(&new_to_location),
            change_id,
        })
    }
}

/// Notes what was changed, if anything was.
async fn note(deps: &Deps, call: &Call, site: &Site, (contact, change): (&Contact, &TagChange)) -> Option<ChangeId> {
    let words = [("added", &change.add), ("took off", &change.remove)].into_iter().filter(|(_, tags)| !tags.is_empty());
    let words: Vec<String> = words.map(|(verb, tags)| format!("{verb} {}", texts(tags).join(", "))).collect();
    if words.is_empty() {
        return None;
    }
    let change = Change {
        tool: SetContactTags::NAME,
        summary: format!("tags of {}: {}", line(contact.label()), words.join("; ")),
        record: ("contact".into(), contact.id.to_string()),
        contact: Some(contact.id.clone()),
        undo: reversals::tags(&contact.id, change),
    };
    deps.journal.note(call, site, change).await
}

/// What is asked for.
enum Wish {
    Change { add: Vec<Tag>, remove: Vec<Tag> },
    Replace(Vec<Tag>),
}

impl Wish {
    /// Every fault at once.
    fn parse(args: &Args) -> Result<Self> {
        let mut faults = Vec::new();
        let add = tags::parse("add", &args.add, &mut faults);
        let remove = tags::parse("remove", &args.remove, &mut faults);
        let replace_with = args.replace_with.as_ref().map(|texts| tags::parse("replace_with", texts, &mut faults));
        let mut refuse = |field: &str, problem: &str, expected: &str| {
            let example = Some("[\"src_paid\"]".to_owned());
            let (problem, expected) = (problem.to_owned(), expected.to_owned());
            faults.push(Fault { field: format!("/{field}"), problem, expected, example });
        };
        let changes_something = !args.add.is_empty() || !args.remove.is_empty();
        if replace_with.is_some() && changes_something {
            refuse("replace_with", "was given together with `add` or `remove`", "either of the two ways");
        }
        if replace_with.is_none() && !changes_something {
            refuse("add", "is missing, and so are `remove` and `replace_with`", "tags to add");
        }
        if add.iter().any(|tag| remove.contains(tag)) {
            refuse("remove", "names a tag that `add` names too", "tags to remove");
        }
        if !faults.is_empty() {
            return Err(Error::invalid_arguments(faults));
        }
        Ok(match replace_with {
            Some(target) => Self::Replace(target),
            None => Self::Change { add, remove },
        })
    }

    fn change(&self, current: &[Tag]) -> TagChange {
        match self {
            Self::Change { add, remove } => TagChange::of(current, add, remove),
            Self::Replace(target) => TagChange::to(current, target),
        }
    }
}

fn texts<'a>(tags: impl IntoIterator<Item = &'a Tag>) -> Vec<String> {
    tags.into_iter().map(|tag| line(tag.as_str())).collect()
}
