//! Writes over what a known contact has, its address and number too.

use std::collections::BTreeMap;

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::ContactRow;
use crate::answer::{LocationAnswer, contact_link, contact_uri, line};
use crate::client::{ContactWrite, Site, reversals};
use crate::contact::{Contact, Email, Identity, Phone};
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::record_id::RecordId;
use crate::references;
use crate::tools::toolset;

pub(crate) struct UpdateContact;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// New one.
    email: Option<String>,
    /// International form.
    phone: Option<String>,
    /// New one.
    #[schemars(length(min = 1, max = 100))]
    first_name: Option<String>,
    /// New one.
    #[schemars(length(min = 1, max = 100))]
    last_name: Option<String>,
    /// Where the lead came from.
    #[schemars(length(min = 1, max = 200))]
    source: Option<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Field key or name to value.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 50))]
    custom_fields: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    contact: ContactRow,
    /// Which arguments changed it.
    changed: Vec<&'static str>,
    /// Where a person sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`; absent if nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for UpdateContact {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "update_contact";
    const TITLE: &'static str = "Update contact";
    const DESCRIPTION: &'static str = "Overwrite fields of one contact, email and phone too.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTACTS;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let mut write = parse(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        if let Some(text) = &args.owner {
            write.owner_id = Some(deps.directory.owner(&site, text).await?);
        }
        if !args.custom_fields.is_empty() {
            let fields = deps.directory.custom_fields(&site).await?;
            write.custom_values = references::custom_values(&fields, &args.custom_fields)?;
        }
        let before = references::contact(deps, &site, &args.contact).await?;
        let changed = differing(&write, &before);
        let (after, change_id) = if changed.is_empty() {
            (before, None)
        } else {
            deps.client.edit_contact(&site, &before.id, &write).await?;
            deps.changes.announce(call.tenant(), contact_uri(&site, &before.id));
            let after = deps.client.contact(&site, &before.id).await?;
            let change_id = note(deps, call, &site, (&write, &before, &after)).await;
            (after, change_id)
        };
        let users = deps.directory.users_naming(&site, [after.owner_id.as_ref()].into_iter()).await?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: ContactRow::of(&after, (*users).as_deref()),
            changed,
            link: contact_link(&site, &after.id),
            change_id,
        })
    }
}

/// Reads what needs no look-up; every fault at once.
fn parse(args: &Args) -> Result<ContactWrite> {
    let texts = [&args.first_name, &args.last_name, &args.source, &args.owner];
    let has_address = args.email.is_some() || args.phone.is_some();
    if !has_address && texts.into_iter().all(Option::is_none) && args.custom_fields.is_empty() {
        return Err(Error::invalid_arguments(vec![Fault {
            field: "/first_name".to_owned(),
            problem: "is missing, and so is every other change".to_owned(),
            expected: "at least one field to write".to_owned(),
            example: Some("\"Ada\"".to_owned()),
        }]));
    }
    let identity = if has_address {
        Identity::parse(args.email.as_deref(), args.phone.as_deref())?
    } else {
        Identity { email: None, phone: None }
    };
    let trimmed = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_owned());
    Ok(ContactWrite {
        email: identity.email,
        phone: identity.phone,
        first_name: trimmed(&args.first_name),
        last_name: trimmed(&args.last_name),
        source: trimmed(&args.source),
        ..ContactWrite::default()
    })
}

/// The arguments that say something else than the contact.
fn differing(write: &ContactWrite, contact: &Contact) -> Vec<&'static str> {
    let is_other = |new: Option<&str>, old: &Option<String>| new.is_some() && new != old.as_deref();
    let email = write.email.as_ref().map(Email::as_str);
    // The vendor keeps the case in which an address was written.
    let old_email = contact.email.as_deref().map(str::to_lowercase);
    let has = |(id, value): &(RecordId, _)| {
        contact.custom_values.iter().any(|held| held.field_id == id.as_str() && held.value == *value)
    };
    let fields = [
        ("email", is_other(email, &old_email)),
        ("phone", is_other(write.phone.as_ref().map(Phone::as_str), &contact.phone)),
        ("first_name", is_other(write.first_name.as_deref(), &contact.first_name)),
        ("last_name", is_other(write.last_name.as_deref(), &contact.last_name)),
        ("source", is_other(write.source.as_deref(), &contact.source)),
        ("owner", is_other(write.owner_id.as_ref().map(RecordId::as_str), &contact.owner_id)),
        ("custom_fields", !write.custom_values.iter().all(has)),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

async fn note(
    deps: &Deps,
    call: &Call,
    site: &Site,
    (write, before, after): (&ContactWrite, &Contact, &Contact),
) -> Option<ChangeId> {
    let fields = differing(write, before).join(", ").replace('_', " ");
    let change = Change {
        tool: UpdateContact::NAME,
        summary: format!("changed {fields} of {}", line(before.label())),
        record: ("contact".into(), after.id.to_string()),
        contact: Some(after.id.clone()),
        undo: reversals::contact_update(&site.location.id, write, before, after),
    };
    deps.journal.note(call, site, change).await
}
