//! Contacts: how a person is recognised, and what is known of them.

use std::fmt;
use std::str::FromStr;

use common::error::{Error, ErrorCode, Fault, Result};

use crate::custom_field::CustomValue;
use crate::record_id::RecordId;

/// Longest email address, in bytes (RFC 5321, section 4.5.3.1.3).
const EMAIL_LENGTH_MAX: usize = 254;

/// Digits of an international number, country code included (ITU-T E.164; the lower bound is ours).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// An email address in lower case, as the vendor compares them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// A phone number in international form: `+` and digits (ITU-T E.164).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// The text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl Email {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(Malformed)?;
        let is_odd = |letter: char| letter.is_whitespace() || letter.is_control() || "<>(),;:\"[]\\".contains(letter);
        let labels_are_whole = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
        if local.is_empty() || local.contains('@') || !labels_are_whole || text.contains(is_odd) {
            return Err(Malformed);
        }
        if text.len() > EMAIL_LENGTH_MAX {
            return Err(Malformed);
        }
        Ok(Self(text))
    }
}

impl Phone {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = Malformed;

    /// Takes spaces, dots, dashes and brackets, and `00` for `+`. A number without its country is refused: which
    /// country it belongs to would be a guess.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let is_filler = |letter: &char| matches!(letter, ' ' | '.' | '-' | '(' | ')' | '/' | '\u{a0}');
        let plain: String = text.trim().chars().filter(|letter| !is_filler(letter)).collect();
        let digits = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")).ok_or(Malformed)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        if !is_number || !PHONE_DIGITS.contains(&digits.len()) {
            return Err(Malformed);
        }
        Ok(Self(format!("+{digits}")))
    }
}

/// A way to reach a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    Call,
    Email,
    Sms,
    Whatsapp,
    GoogleBusiness,
    Facebook,
}

impl Channel {
    /// All of them, in their order.
    pub const ALL: [Self; 6] =
        [Self::Call, Self::Email, Self::Sms, Self::Whatsapp, Self::GoogleBusiness, Self::Facebook];
}

/// What a person has refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Nothing may be sent on any channel.
    pub is_do_not_disturb: bool,
    /// Channels that are blocked one by one.
    pub blocked: Vec<Channel>,
}

/// A person or firm in a location. Everything in it but ids and instants was written by somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    pub id: RecordId,
    /// Where it belongs, as the vendor says; absent where it does not say.
    pub location_id: Option<RecordId>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// First and last name, or the one name there is.
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub company: Option<String>,
    pub source: Option<String>,
    pub city: Option<String>,
    pub country: Option<String>,
    pub timezone: Option<String>,
    pub tags: Vec<String>,
    pub owner_id: Option<String>,
    pub custom_values: Vec<CustomValue>,
    /// Absent where the answer did not hold it: the vendor's search leaves it out (highlevel-api-docs issue 43).
    pub consent: Option<Consent>,
    /// RFC 3339.
    pub added_at: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
}

impl Contact {
    /// What to call it: its name, else its address, number, firm, or id.
    #[must_use]
    pub fn label(&self) -> &str {
        let known = [&self.name, &self.email, &self.phone, &self.company];
        known.into_iter().flatten().map(String::as_str).next().unwrap_or(self.id.as_str())
    }

    fn has_email(&self, email: &Email) -> bool {
        self.email.as_ref().is_some_and(|mine| mine.parse::<Email>().as_ref() == Ok(email))
    }

    fn has_phone(&self, phone: &Phone) -> bool {
        self.phone.as_ref().is_some_and(|mine| mine.parse::<Phone>().as_ref() == Ok(phone))
    }
}

/// By what a contact is recognised: at least one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub email: Option<Email>,
    pub phone: Option<Phone>,
}

impl Identity {
    /// Reads the arguments `email` and `phone`.
    ///
    /// # Errors
    /// `invalid_argument` with every fault: neither given, or one malformed.
    pub fn parse(email: Option<&str>, phone: Option<&str>) -> Result<Self> {
        let mut faults = Vec::new();
        let identity = Self {
            email: email.and_then(|text| text.parse().map_err(|Malformed| faults.push(email_fault())).ok()),
            phone: phone.and_then(|text| text.parse().map_err(|Malformed| faults.push(phone_fault())).ok()),
        };
        if email.is_none() && phone.is_none() {
            let missing = |fault: Fault| Fault { problem: "is missing, and so is the other one".to_owned(), ..fault };
            faults.extend([missing(email_fault()), missing(phone_fault())]);
        }
        if faults.is_empty() { Ok(identity) } else { Err(Error::invalid_arguments(faults)) }
    }
}

fn email_fault() -> Fault {
    Fault {
        field: "/email".to_owned(),
        problem: "is not an email address".to_owned(),
        expected: "an email address".to_owned(),
        example: Some("\"ada@example.com\"".to_owned()),
    }
}

fn phone_fault() -> Fault {
    Fault {
        field: "/phone".to_owned(),
        problem: "is not an international phone number".to_owned(),
        expected: "`+`, country code and number".to_owned(),
        example: Some("\"+15550100199\"".to_owned()),
    }
}

/// What an existing contact was recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchedBy {
    Email,
    Phone,
    EmailAndPhone,
}

/// Which of two different matches wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    Email,
    Phone,
}

/// A given email or phone that was not written, because the contact already has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Email,
    Phone,
}

/// What finding or creating comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Upsert {
    /// Nobody has this email or phone.
    Create,
    /// This contact is meant. `kept` names what it keeps although something else was given.
    Update { contact: Box<Contact>, matched_by: MatchedBy, kept: Vec<Kept> },
}

/// Decides whom an identity means, given the contacts that have its email and its phone.
///
/// The vendor would update one of two different matches by a setting of the location and drop the other field without a
/// word (its specification of `POST /contacts/upsert`); here the caller says which.
///
/// # Errors
/// `conflict`, naming both, if email and phone belong to different contacts and there is no preference.
pub fn recognise(
    identity: &Identity,
    by_email: Option<Contact>,
    by_phone: Option<Contact>,
    preference: Option<Preference>,
) -> Result<Upsert> {
    let holders =
        [by_email.as_ref().map(|contact| contact.id.clone()), by_phone.as_ref().map(|contact| contact.id.clone())];
    let (contact, matched_by) = match (by_email, by_phone) {
        (None, None) => return Ok(Upsert::Create),
        (Some(contact), None) => (contact, MatchedBy::Email),
        (None, Some(contact)) => (contact, MatchedBy::Phone),
        (Some(one), Some(other)) if one.id == other.id => (one, MatchedBy::EmailAndPhone),
        (Some(one), Some(other)) => match preference {
            Some(Preference::Email) => (one, MatchedBy::Email),
            Some(Preference::Phone) => (other, MatchedBy::Phone),
            None => {
                return Err(Error::new(ErrorCode::Conflict, "email and phone belong to two different contacts").with_hint(
                    "set `match_by` to `email` or `phone` to choose one of the candidates, or leave the other field out",
                ));
            }
        },
    };
    // What another contact holds must not even be sent: the vendor would take it for the one that is meant.
    let [is_other_email, is_other_phone] = holders.map(|holder| holder.is_some_and(|id| id != contact.id));
    let mut kept = Vec::new();
    let has_another = |email: &Email| contact.email.is_some() && !contact.has_email(email);
    if is_other_email || identity.email.as_ref().is_some_and(has_another) {
        kept.push(Kept::Email);
    }
    let has_another = |phone: &Phone| contact.phone.is_some() && !contact.has_phone(phone);
    if is_other_phone || identity.phone.as_ref().is_some_and(has_another) {
        kept.push(Kept::Phone);
    }
    Ok(Upsert::Update { contact: Box::new(contact), matched_by, kept })
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("malformed")
    }
}

impl std::error::Error for Malformed {}

#[cfg(test)]
mod tests;
