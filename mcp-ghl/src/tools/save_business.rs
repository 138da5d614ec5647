//! Makes or changes a company and puts contacts into it; says which.

use std::collections::BTreeMap;

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use futures_util::{StreamExt, TryStreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::business::BusinessRow;
use crate::answer::contact::reference;
use crate::answer::line;
use crate::answer::{LocationAnswer, RecordRef, contact_uri};
use crate::business::{BusinessWrite, Detail};
use crate::client::{Site, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::names::{Wanted, exact, unknown};
use crate::record_id::RecordId;
use crate::references;
use crate::reversal::Reversal;
use crate::tools::toolset;

pub(crate) struct SaveBusiness;

/// Contacts looked up at once.
const AT_ONCE: usize = 4;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id; a new name makes one.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// New name.
    #[schemars(length(min = 1, max = 200))]
    rename_to: Option<String>,
    /// What is known of it.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"enum": [
        "email", "phone", "website", "address", "city", "state", "postal_code", "country", "description"
    ]}))]
    details: BTreeMap<String, String>,
    /// To put into it: ids, emails, phones or names.
    #[serde(default)]
    #[schemars(length(max = 50))]
    contacts: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    business: BusinessRow,
    /// False if it was there already.
    created: bool,
    /// What changed of an existing one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<&'static str>,
    /// Who was put into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contacts: Vec<RecordRef>,
    /// Whom the vendor did not take.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contacts_refused: Vec<RecordRef>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SaveBusiness {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_business";
    const TITLE: &'static str = "Save business";
    const DESCRIPTION: &'static str = "Create or change a business (company) and put contacts into it; says which.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::SETUP;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let write = parse(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        // Whoever cannot be found must be known before anything is written.
        let contacts = contacts(deps, &site, &args.contacts).await?;
        let all = deps.client.businesses(&site).await?;
        let wanted = Wanted { noun: "business", text: args.name.trim() };
        let known = exact(wanted, &all)?;
        let (business, created, changed) = if let Some(business) = known {
            let change = write.against(business);
            let changed = change.fields();
            let is_so = changed.is_empty();
            let write = deps.client.update_business(&site, &business.id, &change);
            (if is_so { business.clone() } else { write.await? }, false, changed)
        } else if args.rename_to.is_some() {
            return Err(unknown(wanted, &all));
        } else {
            let write = BusinessWrite { name: Some(args.name.trim().to_owned()), ..write };
            (deps.client.create_business(&site, &write).await?, true, Vec::new())
        };
        let employers = employers(deps, &site, &contacts).await?;
        let ids: Vec<_> = contacts.iter().map(|contact| contact.id.clone()).collect();
        let taken =
            if ids.is_empty() { Vec::new() } else { deps.client.put_into_business(&site, &business.id, &ids).await? };
        let is_taken = |contact: &&Contact| taken.iter().any(|id| id == contact.id.as_str());
        let (put, refused): (Vec<&Contact>, Vec<&Contact>) = contacts.iter().partition(is_taken);
        let mut undo: Vec<Reversal> = put
            .iter()
            .filter_map(|contact| {
                let before = employers.get(&contact.id).and_then(Option::as_ref);
                let name = reference(contact).name;
                reversals::membership(&site.location.id, (&contact.id, &name), before, &business.id)
            })
            .collect();
        // A business is deleted when nobody is in it any more.
        undo.extend(match known {
            Some(known) => reversals::business_update(known, &business),
            None => Some(reversals::business_creation(&business)),
        });
        let change_id = if undo.is_empty() {
            None
        } else {
            let verb = if created { "created" } else { "changed" };
            let summary = format!("{verb} the business “{}”", line(&business.name));
            let record = ("business", business.id.to_string());
            deps.journal.note(call, &site, Change::of(Self::NAME, summary, record, Ok(undo))).await
        };
        for contact in &put {
            deps.changes.announce(call.tenant(), contact_uri(&site, &contact.id));
        }
        Ok(Output {
            location: LocationAnswer::of(&site),
            business: BusinessRow::of(&business),
            created,
            changed,
            contacts: put.into_iter().map(reference).collect(),
            contacts_refused: refused.into_iter().map(reference).collect(),
            change_id,
        })
    }
}

async fn contacts(deps: &Deps, site: &Site, texts: &[String]) -> Result<Vec<Contact>> {
    let lookups: Vec<_> = texts.iter().map(|text| references::contact(deps, site, text)).collect();
    stream::iter(lookups).buffered(AT_ONCE).try_collect().await
}

/// The business that each contact is in: not every way to find one shows it.
async fn employers(deps: &Deps, site: &Site, contacts: &[Contact]) -> Result<BTreeMap<RecordId, Option<RecordId>>> {
    let lookups: Vec<_> = contacts
        .iter()
        .map(|contact| async { Ok((contact.id.clone(), deps.client.business_of(site, &contact.id).await?)) })
        .collect();
    stream::iter(lookups).buffered(AT_ONCE).try_collect().await
}

/// Reads what needs no look-up; every fault at once.
fn parse(args: &Args) -> Result<BusinessWrite> {
    let mut faults = Vec::new();
    for (field, text) in [("name", Some(&args.name)), ("rename_to", args.rename_to.as_ref())] {
        if text.is_some_and(|text| text.trim().is_empty()) {
            faults.push(Fault::of_argument(field, "is blank", "what people call the business", None));
        }
    }
    let mut details = BTreeMap::new();
    for (name, text) in &args.details {
        match Detail::of(name) {
            Some(detail) if !text.trim().is_empty() => drop(details.insert(detail, text.trim().to_owned())),
            Some(_) => faults.push(Fault::of_argument(&format!("details/{name}"), "is blank", "a text", None)),
            None => faults.push(Fault::of_argument(
                &format!("details/{name}"),
                "is not known of a business",
                "one of the others",
                None,
            )),
        }
    }
    if !faults.is_empty() {
        return Err(Error::invalid_arguments(faults));
    }
    Ok(BusinessWrite { name: args.rename_to.as_ref().map(|name| name.trim().to_owned()), details })
}
