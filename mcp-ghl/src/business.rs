//! Businesses: the companies that contacts work for.

use std::collections::BTreeMap;

use crate::record_id::RecordId;

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    pub id: RecordId,
    pub location_id: Option<RecordId>,
    pub name: String,
    /// What else is known of it.
    pub details: BTreeMap<Detail, String>,
}

/// What can be known of a company besides its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    Email,
    Phone,
    Website,
    Address,
    City,
    State,
    PostalCode,
    Country,
    Description,
}

impl Detail {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Email,
        Self::Phone,
        Self::Website,
        Self::Address,
        Self::City,
        Self::State,
        Self::PostalCode,
        Self::Country,
        Self::Description,
    ];

    /// Our word; but for the postal code the vendor's too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Website => "website",
            Self::Address => "address",
            Self::City => "city",
            Self::State => "state",
            Self::PostalCode => "postal_code",
            Self::Country => "country",
            Self::Description => "description",
        }
    }

    /// Reads our word.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|detail| detail.as_str() == text)
    }
}

/// What a company should be; absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessWrite {
    pub name: Option<String>,
    pub details: BTreeMap<Detail, String>,
}

impl BusinessWrite {
    /// What of it is not so yet.
    #[must_use]
    pub fn against(&self, business: &Business) -> Self {
        let is_new = |(detail, text): &(&Detail, &String)| business.details.get(detail) != Some(text);
        Self {
            name: self.name.clone().filter(|name| *name != business.name),
            details: self.details.iter().filter(is_new).map(|(detail, text)| (*detail, text.clone())).collect(),
        }
    }

    /// What it says, by our words.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        let name = self.name.as_ref().map(|_| "name");
        name.into_iter().chain(self.details.keys().map(|detail| detail.as_str())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_so_yet_is_written() {
        let city = |text: &str| BTreeMap::from([(Detail::City, text.to_owned())]);
        let id = "b1".parse().unwrap();
        let business = Business { id, location_id: None, name: "Acme".to_owned(), details: city("Rome") };
        let same = BusinessWrite { name: Some("Acme".to_owned()), details: city("Rome") };
        assert_eq!(same.against(&business).fields(), Vec::<&str>::new());
        let other = BusinessWrite { name: Some("Acme Inc".to_owned()), details: city("Milan") };
        assert_eq!(other.against(&business).fields(), ["name", "city"]);
    }
}
