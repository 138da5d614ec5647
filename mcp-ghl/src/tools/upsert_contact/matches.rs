//! Who has an email and a phone number already, and writing to them once.

use common::error::{Candidate, Result};

use crate::answer::line;
use crate::client::{ContactWrite, Site, may_have_happened};
use crate::contact::{Contact, Identity, Preference, Upsert, recognise};
use crate::deps::Deps;

/// The contacts that have the given email and phone.
pub(super) struct Matches {
    pub(super) by_email: Option<Contact>,
    pub(super) by_phone: Option<Contact>,
}

impl Matches {
    pub(super) async fn find(deps: &Deps, site: &Site, identity: &Identity) -> Result<Self> {
        let by_email = async {
            match &identity.email {
                Some(email) => deps.client.contact_by_email(site, email).await,
                None => Ok(None),
            }
        };
        let by_phone = async {
            match &identity.phone {
                Some(phone) => deps.client.contact_by_phone(site, phone).await,
                None => Ok(None),
            }
        };
        let (by_email, by_phone) = tokio::try_join!(by_email, by_phone)?;
        Ok(Self { by_email, by_phone })
    }

    /// Which of them is meant.
    ///
    /// # Errors
    /// `conflict` with both where they are two and none is preferred.
    pub(super) fn decide(&self, identity: &Identity, preference: Option<Preference>) -> Result<Upsert> {
        let decided = recognise(identity, self.by_email.clone(), self.by_phone.clone(), preference);
        decided.map_err(|error| {
            let both = [("email", &self.by_email), ("phone", &self.by_phone)].into_iter();
            let candidate = |(field, contact): (&str, &Option<Contact>)| {
                let contact = contact.as_ref()?;
                let name = format!("{} (has the {field})", line(contact.label()));
                Some(Candidate { id: contact.id.to_string(), name })
            };
            error.with_candidates(both.filter_map(candidate).collect())
        })
    }
}

/// Writes once. A refusal or a lost answer may still have created the contact (highlevel-api-docs issue 64), so before
/// it is reported as failed, the contact is looked for.
pub(super) async fn save(
    deps: &Deps,
    site: &Site,
    identity: &Identity,
    write: &ContactWrite,
    is_new: bool,
) -> Result<(Contact, bool)> {
    let error = match deps.client.upsert_contact(site, write).await {
        Ok(saved) => return Ok(saved),
        Err(error) => error,
    };
    if !is_new || !may_have_happened(&error) {
        return Err(error);
    }
    let found = Matches::find(deps, site, identity).await?;
    match found.by_email.or(found.by_phone) {
        Some(contact) => {
            tracing::warn!(error.code = %error.code(), "a contact was created although the vendor refused");
            Ok((contact, true))
        }
        None => Err(error),
    }
}
