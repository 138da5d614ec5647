//! Contacts that share an email or phone number.

use common::error::{Error, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::contact::ContactRow;
use crate::client::{ContactQuery, Site};
use crate::contact::{Contact, Email, Identity, Phone};
use crate::deps::Deps;
use crate::references;
use crate::tools::toolset;

pub(crate) struct FindDuplicateContacts;

/// Most contacts looked at for each of the two.
const MATCHES_MAX: u32 = 50;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Whose doubles: id, email, phone or name. Either this or the other two.
    contact: Option<String>,
    /// Who has this address.
    email: Option<String>,
    /// Who has this number, such as +15550100199.
    phone: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where they are.
    location: LocationAnswer,
    /// Looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Oldest first; without the contact that was named.
    duplicates: Vec<Duplicate>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Duplicate {
    #[serde(flatten)]
    row: ContactRow,
    /// What it shares.
    shares: Vec<Shared>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shared {
    Email,
    Phone,
}

impl Tool for FindDuplicateContacts {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "find_duplicate_contacts";
    const TITLE: &'static str = "Find duplicate contacts";
    const DESCRIPTION: &'static str =
        "Contacts with the same email or phone as a contact, or as given. The API cannot merge; people can in the app.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTACTS;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let given = match (&args.contact, &args.email, &args.phone) {
            (Some(_), None, None) => None,
            (Some(_), _, _) => {
                let expected = "a contact, or an email and phone";
                return Err(Error::invalid_argument("contact", "was given together with values", expected, None));
            }
            (None, email, phone) => Some(Identity::parse(email.as_deref(), phone.as_deref())?),
        };
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let own = match &args.contact {
            Some(text) => Some(references::contact(deps, &site, text).await?),
            None => None,
        };
        let identity = given.or_else(|| own.as_ref().map(identity)).unwrap_or(Identity { email: None, phone: None });
        let (by_email, by_phone) = tokio::try_join!(
            with_email(deps, &site, identity.email.as_ref()),
            with_phone(deps, &site, identity.phone.as_ref()),
        )?;
        let found = union(own.as_ref(), by_email, by_phone);
        let owners = found.iter().map(|(contact, _)| contact.owner_id.as_ref());
        let users = deps.directory.users_naming(&site, owners).await?;
        let users = (*users).as_deref();
        let duplicates = found
            .iter()
            .map(|(contact, shares)| Duplicate { row: ContactRow::of(contact, users), shares: shares.clone() });
        Ok(Output {
            location: LocationAnswer::of(&site),
            duplicates: duplicates.collect(),
            email: identity.email.map(|email| email.as_str().to_owned()),
            phone: identity.phone.map(|phone| phone.as_str().to_owned()),
        })
    }
}

/// What a contact on record can be recognised by; what is malformed nobody else will have either.
fn identity(contact: &Contact) -> Identity {
    Identity {
        email: contact.email.as_deref().and_then(|text| text.parse().ok()),
        phone: contact.phone.as_deref().and_then(|text| text.parse().ok()),
    }
}

/// The look-up does not lag and names one; the search lags and names all.
async fn with_email(deps: &Deps, site: &Site, email: Option<&Email>) -> Result<Vec<Contact>> {
    let Some(email) = email else { return Ok(Vec::new()) };
    let query = ContactQuery { email: Some(email.clone()), ..ContactQuery::default() };
    let (one, many) = tokio::try_join!(
        deps.client.contact_by_email(site, email),
        deps.client.search_contacts(site, &query, None, MATCHES_MAX),
    )?;
    Ok(one.into_iter().chain(many.records).collect())
}

async fn with_phone(deps: &Deps, site: &Site, phone: Option<&Phone>) -> Result<Vec<Contact>> {
    let Some(phone) = phone else { return Ok(Vec::new()) };
    let query = ContactQuery { phone: Some(phone.clone()), ..ContactQuery::default() };
    let (one, many) = tokio::try_join!(
        deps.client.contact_by_phone(site, phone),
        deps.client.search_contacts(site, &query, None, MATCHES_MAX),
    )?;
    Ok(one.into_iter().chain(many.records).collect())
}

/// Each contact once, with what it shares, the oldest first.
fn union(own: Option<&Contact>, by_email: Vec<Contact>, by_phone: Vec<Contact>) -> Vec<(Contact, Vec<Shared>)> {
    let mut found: Vec<(Contact, Vec<Shared>)> = Vec::new();
    let tagged = |contacts: Vec<Contact>, shared| contacts.into_iter().map(move |contact| (contact, shared));
    for (contact, shared) in tagged(by_email, Shared::Email).chain(tagged(by_phone, Shared::Phone)) {
        if own.is_some_and(|own| own.id == contact.id) {
            continue;
        }
        match found.iter_mut().find(|(known, _)| known.id == contact.id) {
            Some((_, shares)) if shares.contains(&shared) => {}
            Some((_, shares)) => shares.push(shared),
            None => found.push((contact, vec![shared])),
        }
    }
    found.sort_by(|(one, _), (other, _)| one.added_at.cmp(&other.added_at));
    found
}
