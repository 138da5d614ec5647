//! Contacts by words, tags, owner, custom fields and date of arrival.

use std::collections::BTreeMap;

use common::error::{Error, Fault, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{custom_values, tags};
use crate::client::{ContactQuery, Site};
use crate::deps::Deps;

/// Which contacts are meant, in the words of a caller; everything given must hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContactFilter<'a> {
    pub(crate) text: Option<&'a str>,
    pub(crate) tags: &'a [String],
    pub(crate) owner: Option<&'a str>,
    pub(crate) custom_fields: &'a BTreeMap<String, String>,
    pub(crate) added_after: Option<&'a str>,
    pub(crate) added_before: Option<&'a str>,
}

/// From when to when contacts were added, RFC 3339.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Span {
    after: Option<String>,
    before: Option<String>,
}

impl ContactFilter<'_> {
    /// Reads what needs no look-up.
    ///
    /// # Errors
    /// `invalid_argument` with both faults.
    pub(crate) fn span(&self) -> Result<Span> {
        let mut faults = Vec::new();
        let mut read = |field: &str, text: Option<&str>| {
            let instant = instant(text?);
            if instant.is_none() {
                faults.push(Fault {
                    field: format!("/{field}"),
                    problem: "is not a date".to_owned(),
                    expected: "a date, or an RFC 3339 instant".to_owned(),
                    example: Some("\"2026-11-01\"".to_owned()),
                });
            }
            instant
        };
        let span =
            Span { after: read("added_after", self.added_after), before: read("added_before", self.added_before) };
        if faults.is_empty() { Ok(span) } else { Err(Error::invalid_arguments(faults)) }
    }

    /// The same with ids in place of names.
    ///
    /// # Errors
    /// `not_found` or `invalid_argument` with candidates.
    pub(crate) async fn query(&self, deps: &Deps, site: &Site, span: Span) -> Result<ContactQuery> {
        Ok(ContactQuery {
            tags: tags::known(deps, site, self.tags).await?,
            owner_id: match self.owner {
                Some(text) => Some(deps.directory.owner(site, text).await?),
                None => None,
            },
            custom_values: if self.custom_fields.is_empty() {
                Vec::new()
            } else {
                custom_values(&deps.directory.custom_fields(site).await?, self.custom_fields)?
            },
            text: self.text.map(str::to_owned),
            email: None,
            phone: None,
            added_after: span.after,
            added_before: span.before,
        })
    }
}

/// A date begins at midnight UTC.
fn instant(text: &str) -> Option<String> {
    let of_date = || Some(text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse::<Timestamp>().ok().or_else(of_date).map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_instants_are_read() {
        assert_eq!(instant("2026-11-01").as_deref(), Some("2026-11-01T00:00:00Z"));
        assert_eq!(instant("2026-11-01T12:00:00+01:00").as_deref(), Some("2026-11-01T11:00:00Z"));
        assert_eq!(instant("yesterday"), None);
    }
}
