//! What is known of a person's consent, and what follows for analyses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person has said. Nothing known is a state of its own, and never the same as a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    Given,
    Refused,
    Unknown,
}

/// What is done about people of whom no consent is known. Whoever has refused is always left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingConsent {
    #[default]
    Exclude,
    Include,
}

impl MissingConsent {
    /// Whether a person may be part of an analysis.
    #[must_use]
    pub const fn admits(self, consent: Consent) -> bool {
        match (consent, self) {
            (Consent::Given, _) | (Consent::Unknown, Self::Include) => true,
            (Consent::Refused, _) | (Consent::Unknown, Self::Exclude) => false,
        }
    }
}

/// How many people were looked at, and what consent has made of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentCounts {
    /// They said yes.
    pub given: u64,
    /// They said no, and were left out.
    pub refused: u64,
    /// Nothing is known.
    pub unknown: u64,
}

impl ConsentCounts {
    /// Takes a person into account.
    pub fn count(&mut self, consent: Consent) {
        match consent {
            Consent::Given => self.given += 1,
            Consent::Refused => self.refused += 1,
            Consent::Unknown => self.unknown += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_is_a_no_and_silence_is_no_yes() {
        for (policy, admitted) in
            [(MissingConsent::Exclude, [true, false, false]), (MissingConsent::Include, [true, false, true])]
        {
            let asked = [Consent::Given, Consent::Refused, Consent::Unknown].map(|consent| policy.admits(consent));
            assert_eq!(asked, admitted, "{policy:?}");
        }
    }
}
