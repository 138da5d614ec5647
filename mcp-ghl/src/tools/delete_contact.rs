//! Deletes one contact with all that hangs on it.

use common::clock::UnixMillis;
use common::error::{ErrorCode, Result};
use common::tool::{Access, Call, Plan, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, contact_uri, line};
use crate::client::Site;
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::record_id::RecordId;
use crate::references;
use crate::tools::toolset;

pub(crate) struct DeleteContact;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it was.
    location: LocationAnswer,
    /// What is gone.
    deleted: RecordRef,
    /// For `list_changes`: it cannot be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for DeleteContact {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "delete_contact";
    const TITLE: &'static str = "Delete contact";
    const DESCRIPTION: &'static str =
        "Delete a contact for good, with its conversation, notes, tasks and opportunities.";
    const ACCESS: Access = Access::Destroy;
    const TOOLSET: &'static str = toolset::CONTACTS;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let (_, contact) = Self::find(deps, call, args).await?;
        let name = named(&contact);
        let summary = format!("delete the contact {name} with its conversation, notes, tasks and opportunities");
        Ok(Plan::of_one(summary, name))
    }

    /// A contact that was named by its id and is not there any more was deleted. By any other name it cannot be told from
    /// one that never was.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, _since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let id = args.contact.trim().parse::<RecordId>().ok().filter(|_| RecordId::looks_like(args.contact.trim()));
        match (references::contact(deps, &site, &args.contact).await, id) {
            (Ok(_), _) => Ok(ReadBack::NotDone),
            (Err(error), Some(id)) if error.code() == ErrorCode::NotFound => {
                let deleted = RecordRef::new(&id, id.as_str());
                Ok(ReadBack::Done(Output { location: LocationAnswer::of(&site), deleted, change_id: None }))
            }
            (Err(error), None) if error.code() == ErrorCode::NotFound => Ok(ReadBack::Unknown),
            (Err(error), _) => Err(error),
        }
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let (site, contact) = Self::find(deps, call, &args).await?;
        deps.client.delete_contact(&site, &contact.id).await?;
        deps.changes.announce(call.tenant(), contact_uri(&site, &contact.id));
        let change = Change {
            tool: Self::NAME,
            summary: format!("deleted the contact {}", named(&contact)),
            record: ("contact".into(), contact.id.to_string()),
            contact: Some(contact.id.clone()),
            undo: Vec::new(),
        };
        let change_id = deps.journal.note(call, &site, change).await;
        Ok(Output { location: LocationAnswer::of(&site), deleted: reference(&contact), change_id })
    }
}

impl DeleteContact {
    async fn find(deps: &Deps, call: &Call, args: &Args) -> Result<(Site, Contact)> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        Ok((site, contact))
    }
}

/// `Anna Weber (anna@example.com)`: whoever says yes must be able to tell namesakes apart.
fn named(contact: &Contact) -> String {
    let name = line(contact.label());
    let address = contact.email.as_deref().or(contact.phone.as_deref()).map(line);
    match address.filter(|address| *address != name) {
        Some(address) => format!("{name} ({address})"),
        None => format!("{name} ({})", contact.id),
    }
}
