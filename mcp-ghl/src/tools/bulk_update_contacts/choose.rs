//! Whom a bulk change is about.

use common::error::{Error, ErrorCode, Result};
use common::tool::Call;
use futures_util::{StreamExt, stream};

use super::CONTACTS_MAX;
use crate::client::{ContactQuery, Site};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::references;

/// Contacts asked for at once by a filter.
const PAGE: u32 = 100;

/// Named contacts looked up at once.
const AT_ONCE: usize = 4;

/// Contacts that are meant.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Each once; at most [`CONTACTS_MAX`].
    pub(super) contacts: Vec<Contact>,
    /// How many are meant, found or not.
    pub(super) matched: u64,
    /// What means nobody, or several, and why.
    pub(super) unknown: Vec<(String, Error)>,
}

/// Those that a filter finds. More than [`CONTACTS_MAX`] are counted and not read.
pub(super) async fn by_filter(deps: &Deps, call: &Call, site: &Site, query: &ContactQuery) -> Result<Chosen> {
    let mut contacts: Vec<Contact> = Vec::new();
    let mut matched = None;
    let mut position = None;
    loop {
        let slice = deps.client.search_contacts(site, query, position.as_ref(), PAGE).await?;
        matched = matched.or(slice.total);
        contacts.extend(slice.records);
        call.progress.report(count(contacts.len()), matched.and_then(|all| all.try_into().ok()), "reading contacts");
        position = slice.next;
        if position.is_none() || contacts.len() >= CONTACTS_MAX {
            break;
        }
    }
    let read = u64::try_from(contacts.len()).unwrap_or(u64::MAX);
    // Where the vendor gives no total, a further page says that there are more than were read.
    let at_least = if position.is_some() { read.saturating_add(1) } else { read };
    once(&mut contacts);
    Ok(Chosen { contacts, matched: matched.unwrap_or(at_least).max(at_least), unknown: Vec::new() })
}

/// Those that are named. A name that means nobody does not keep the others from being changed.
pub(super) async fn by_name(deps: &Deps, call: &Call, site: &Site, texts: &[String]) -> Result<Chosen> {
    let look_up = async |text: String| {
        let contact = references::contact(deps, site, &text).await;
        (text, contact)
    };
    let mut found = std::pin::pin!(stream::iter(texts.to_vec()).map(look_up).buffered(AT_ONCE));
    let (mut contacts, mut unknown) = (Vec::new(), Vec::new());
    while let Some((text, contact)) = found.next().await {
        match contact {
            Ok(contact) => contacts.push(contact),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidArgument) => {
                unknown.push((text, error));
            }
            Err(error) => return Err(error),
        }
        call.progress.report(count(contacts.len() + unknown.len()), Some(count(texts.len())), "looking contacts up");
    }
    once(&mut contacts);
    let matched = u64::try_from(contacts.len() + unknown.len()).unwrap_or(u64::MAX);
    Ok(Chosen { contacts, matched, unknown })
}

fn once(contacts: &mut Vec<Contact>) {
    let mut seen = std::collections::HashSet::new();
    contacts.retain(|contact| seen.insert(contact.id.clone()));
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
