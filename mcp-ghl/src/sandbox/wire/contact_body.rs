//! A contact in request bodies: create, upsert and update.

use common::clock::UnixMillis;

use crate::sandbox::body::{Body, Patch};
use crate::sandbox::dnd::{self, DndSettings};
use crate::sandbox::errors::Refusal;
use crate::sandbox::store::Document;
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::custom_fields::CustomField;
use crate::sandbox::version::Generation;
use crate::sandbox::wire::{CustomValue, custom_values, set_custom_values};

/// What a body changes of a contact.
#[derive(Debug)]
pub(crate) struct ContactPatch {
    first_name: Patch<String>,
    last_name: Patch<String>,
    pub(crate) email: Patch<String>,
    pub(crate) phone: Patch<String>,
    company_name: Patch<String>,
    address1: Patch<String>,
    city: Patch<String>,
    state: Patch<String>,
    country: Patch<String>,
    postal_code: Patch<String>,
    website: Patch<String>,
    timezone: Patch<String>,
    gender: Patch<String>,
    source: Patch<String>,
    date_of_birth: Patch<String>,
    pub(crate) assigned_to: Patch<String>,
    dnd: Option<bool>,
    dnd_settings: Option<DndSettings>,
    tags: Option<Vec<String>>,
    custom_values: Vec<CustomValue>,
}

impl ContactPatch {
    /// The fields that create, upsert and update share.
    pub(crate) fn read(body: &mut Body, generation: Generation) -> Self {
        let (first_name, last_name) = names(body);
        let email = body.nullable_text("email");
        if email.value().is_some_and(|email| !is_email(email)) {
            body.fault("email", "must be an email");
        }
        let dnd_settings = dnd::read(body, generation);
        // Taken and not shown: no answer of either generation carries it.
        body.object("inboundDndSettings", |settings| {
            settings.object("all", |all| (all.choice("status", &["active", "inactive"]), all.text("message")))
        });
        Self {
            first_name,
            last_name,
            email,
            phone: normal_phone(body.nullable_text("phone")),
            company_name: Patch::Keep,
            address1: body.nullable_text("address1"),
            city: body.nullable_text("city"),
            state: body.nullable_text("state"),
            country: body.nullable_text("country"),
            postal_code: body.nullable_text("postalCode"),
            website: body.nullable_text("website"),
            timezone: body.nullable_text("timezone"),
            gender: Patch::Keep,
            source: body.nullable_text("source"),
            date_of_birth: body.nullable_text("dateOfBirth"),
            assigned_to: body.nullable_text("assignedTo"),
            dnd: body.flag("dnd"),
            dnd_settings,
            tags: body.texts("tags").map(|tags| normal_tags(&tags)),
            custom_values: custom_values(body, generation),
        }
    }

    /// Create and upsert take two fields that update refuses.
    pub(crate) fn read_new(body: &mut Body, generation: Generation) -> Self {
        let mut patch = Self::read(body, generation);
        patch.company_name = body.nullable_text("companyName");
        patch.gender = body.nullable_text("gender");
        patch
    }

    /// Writes the changes over a contact. Tags are replaced, not added to, as the vendor's reference warns.
    pub(crate) fn apply(
        self,
        contact: &mut Contact,
        fields: &[CustomField],
        now_ms: UnixMillis,
    ) -> Result<(), Refusal> {
        self.first_name.apply(&mut contact.first_name);
        self.last_name.apply(&mut contact.last_name);
        self.email.apply(&mut contact.email);
        self.phone.apply(&mut contact.phone);
        self.company_name.apply(&mut contact.company_name);
        self.address1.apply(&mut contact.address1);
        self.city.apply(&mut contact.city);
        self.state.apply(&mut contact.state);
        self.country.apply(&mut contact.country);
        self.postal_code.apply(&mut contact.postal_code);
        self.website.apply(&mut contact.website);
        self.timezone.apply(&mut contact.timezone);
        self.gender.apply(&mut contact.gender);
        self.source.apply(&mut contact.source);
        self.date_of_birth.apply(&mut contact.date_of_birth);
        self.assigned_to.apply(&mut contact.assigned_to);
        if let Some(dnd) = self.dnd {
            contact.is_dnd = i64::from(dnd);
        }
        if let Some(settings) = self.dnd_settings {
            contact.dnd_settings.0.extend(settings);
        }
        if let Some(tags) = self.tags {
            contact.tags = Document(tags);
        }
        contact.updated_at_ms = now_ms;
        set_custom_values(&mut contact.custom_fields.0, self.custom_values, fields, "contact")
    }
}

/// `name` fills what `firstName` and `lastName` leave open.
fn names(body: &mut Body) -> (Patch<String>, Patch<String>) {
    let (first, last) = (body.nullable_text("firstName"), body.nullable_text("lastName"));
    let Patch::Set(Some(name)) = body.nullable_text("name") else { return (first, last) };
    let (given, family) = match name.trim().split_once(' ') {
        Some((given, family)) => (given.to_owned(), Some(family.trim().to_owned())),
        None => (name.trim().to_owned(), None),
    };
    let filled = |patch: Patch<String>, part: Option<String>| match patch {
        Patch::Keep => Patch::Set(part),
        Patch::Set(value) => Patch::Set(value),
    };
    (filled(first, Some(given)), filled(last, family))
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.') && !text.contains(char::is_whitespace)
    })
}

/// E.164 where that can be told: ten digits are taken for a North American number, as in the demo's locations.
fn normal_phone(patch: Patch<String>) -> Patch<String> {
    let Patch::Set(Some(text)) = patch else { return patch };
    Patch::Set(Some(normal_number(&text)))
}

pub(crate) fn normal_number(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match (text.trim().starts_with('+'), digits.len()) {
        (false, 10) => format!("+1{digits}"),
        (false, 11) if digits.starts_with('1') => format!("+{digits}"),
        (true, _) => format!("+{digits}"),
        (false, _) => text.trim().to_owned(),
    }
}

/// Tags are kept in lower case and once.
pub(crate) fn normal_tags(tags: &[String]) -> Vec<String> {
    let mut normal: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        let tag = tag.trim().to_lowercase();
        if !tag.is_empty() && !normal.contains(&tag) {
            normal.push(tag);
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_in_one_form() {
        for text in ["+1 503-555-0100", "(503) 555-0100", "1 503 555 0100"] {
            assert_eq!(normal_number(text), "+15035550100", "{text}");
        }
        assert_eq!(normal_number("555-0100"), "555-0100");
    }

    #[test]
    fn tags_are_lower_case_and_unique() {
        assert_eq!(normal_tags(&["Src_Paid ".into(), "src_paid".into(), " ".into()]), ["src_paid"]);
    }

    #[test]
    fn a_full_name_fills_what_is_open() {
        let mut body = Body::parse(br#"{"name": "Ada King Lovelace", "firstName": "Augusta"}"#).unwrap();
        let patch = ContactPatch::read(&mut body, Generation::V3);
        assert_eq!(patch.first_name, Patch::Set(Some("Augusta".into())));
        assert_eq!(patch.last_name, Patch::Set(Some("King Lovelace".into())));
    }
}
