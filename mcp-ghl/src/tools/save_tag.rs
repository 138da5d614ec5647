//! Makes a tag known to the location, or renames one on every contact.

use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, RecordRef, line, tags_uri};
use crate::client::reversals;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::names::{Wanted, exact, unknown};
use crate::tag::{KnownTag, Tag};
use crate::tools::toolset;

pub(crate) struct SaveTag;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// The tag, or its id.
    name: String,
    /// New name, on every contact that has it.
    rename_to: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    tag: RecordRef,
    /// False if it was there already.
    created: bool,
    /// What it was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SaveTag {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_tag";
    const TITLE: &'static str = "Save tag";
    const DESCRIPTION: &'static str =
        "Create a tag in a location, or rename one everywhere. To tag a contact use set_contact_tags.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::SETUP;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let (name, rename_to) = parse(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let known = deps.client.tags(&site).await?;
        let wanted = Wanted { noun: "tag", text: args.name.trim() };
        let (tag, created, old) = match (exact(wanted, &known)?, rename_to) {
            (Some(tag), None) => (tag.clone(), false, None),
            (Some(tag), Some(to)) if Tag::on_record(&tag.name) == to => (tag.clone(), false, None),
            (Some(tag), Some(to)) => {
                refuse_taken(&known, &to)?;
                (deps.client.rename_tag(&site, &tag.id, &to).await?, false, Some(tag.clone()))
            }
            (None, None) => (deps.client.create_tag(&site, &name).await?, true, None),
            // Renaming what is not there is a mistake in the name, answered by the nearest.
            (None, Some(_)) => return Err(unknown(wanted, &known)),
        };
        let renamed_from = old.as_ref().map(|old| line(&old.name));
        let (summary, undo) = if let Some(old) = &old {
            let undo = reversals::tag_renaming(&site.location.id, old, &tag);
            (format!("renamed the tag {} to {}", line(&old.name), line(&tag.name)), Some(undo))
        } else {
            let undo = created.then(|| reversals::tag_creation(&site.location.id, &tag));
            (format!("made the tag {}", line(&tag.name)), undo)
        };
        let mut change_id = None;
        if let Some(undo) = undo {
            deps.directory.forget_tags(&site);
            deps.changes.announce(call.tenant(), tags_uri(&site));
            let record = ("tag".into(), tag.id.to_string());
            let change = Change { tool: Self::NAME, summary, record, contact: None, undo: vec![undo] };
            change_id = deps.journal.note(call, &site, change).await;
        }
        let tag = RecordRef::new(tag.id.as_str(), &tag.name);
        Ok(Output { location: LocationAnswer::of(&site), tag, created, renamed_from, change_id })
    }
}

/// Both names as the vendor keeps tags; every fault at once.
fn parse(args: &Args) -> Result<(Tag, Option<Tag>)> {
    let mut faults = Vec::new();
    let mut read = |field: &str, text: &str| {
        let tag = text.parse::<Tag>();
        if tag.is_err() {
            faults.push(Fault {
                field: format!("/{field}"),
                problem: "is not a tag".to_owned(),
                expected: "1 to 100 characters".to_owned(),
                example: Some("\"src_paid\"".to_owned()),
            });
        }
        tag.ok()
    };
    let name = read("name", &args.name);
    let rename_to = args.rename_to.as_deref().map(|text| read("rename_to", text));
    match (name, rename_to) {
        (Some(name), None) => Ok((name, None)),
        (Some(name), Some(Some(to))) => Ok((name, Some(to))),
        (None, _) | (Some(_), Some(None)) => Err(Error::invalid_arguments(faults)),
    }
}

fn refuse_taken(known: &[KnownTag], to: &Tag) -> Result<()> {
    if known.iter().all(|tag| Tag::on_record(&tag.name) != *to) {
        return Ok(());
    }
    Err(Error::new(ErrorCode::Conflict, "there is a tag of the new name already")
        .with_hint("choose another `rename_to`; to merge two tags, retag the contacts with `set_contact_tags`"))
}
