//! The same change to many contacts: what each of them still lacks of it.

use crate::contact::Contact;
use crate::custom_field::FieldValue;
use crate::record_id::RecordId;
use crate::tag::{Tag, TagChange};

/// What is to hold of every contact afterwards.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wish {
    pub add: Vec<Tag>,
    pub remove: Vec<Tag>,
    pub owner_id: Option<RecordId>,
    pub custom_values: Vec<(RecordId, FieldValue)>,
}

/// What a contact lacks of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lack {
    pub tags: bool,
    /// It has tags that it should not have.
    pub removal: bool,
    /// Its owner or a field differs.
    pub edit: bool,
}

impl Lack {
    /// Whether it is all so already.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Wish {
    /// What a contact lacks of it.
    #[must_use]
    pub fn against(&self, contact: &Contact) -> Lack {
        let current: Vec<Tag> = contact.tags.iter().map(|tag| Tag::on_record(tag)).collect();
        let change = TagChange::of(&current, &self.add, &self.remove);
        let has_other_owner = |id: &RecordId| contact.owner_id.as_deref() != Some(id.as_str());
        let has_value = |(id, value): &(RecordId, FieldValue)| {
            contact.custom_values.iter().any(|held| held.field_id == id.as_str() && held.value == *value)
        };
        Lack {
            tags: !change.add.is_empty(),
            removal: !change.remove.is_empty(),
            edit: self.owner_id.as_ref().is_some_and(has_other_owner) || !self.custom_values.iter().all(has_value),
        }
    }

    /// In words, with names: `add the tag vip, make Tom the owner`.
    #[must_use]
    pub fn words(&self, owner: Option<&str>, fields: &[&str]) -> String {
        let list = |tags: &[Tag]| tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(", ");
        let mut parts = Vec::new();
        if !self.add.is_empty() {
            parts.push(format!("add tags {}", list(&self.add)));
        }
        if !self.remove.is_empty() {
            parts.push(format!("remove tags {}", list(&self.remove)));
        }
        if let Some(owner) = owner {
            parts.push(format!("make {owner} the owner"));
        }
        if !fields.is_empty() {
            parts.push(format!("set {}", fields.join(", ")));
        }
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custom_field::CustomValue;

    fn contact() -> Contact {
        Contact {
            id: "c1".parse().unwrap(),
            location_id: None,
            first_name: None,
            last_name: None,
            name: None,
            email: None,
            phone: None,
            company: None,
            source: None,
            city: None,
            country: None,
            timezone: None,
            tags: vec!["a".to_owned(), "B".to_owned()],
            owner_id: Some("u1".to_owned()),
            custom_values: vec![CustomValue { field_id: "f1".to_owned(), value: FieldValue::Number(7.0) }],
            consent: None,
            added_at: None,
            updated_at: None,
        }
    }

    fn tags(texts: &[&str]) -> Vec<Tag> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn what_is_so_already_is_not_lacking() {
        let same = Wish {
            add: tags(&["A", "b"]),
            remove: tags(&["x"]),
            owner_id: Some("u1".parse().unwrap()),
            custom_values: vec![("f1".parse().unwrap(), FieldValue::Number(7.0))],
        };
        assert!(same.against(&contact()).is_nothing());
    }

    #[test]
    fn each_part_is_lacking_by_itself() {
        let nothing = Lack::default();
        let cases = [
            (Wish { add: tags(&["a", "c"]), ..Wish::default() }, Lack { tags: true, ..nothing }),
            (Wish { remove: tags(&["b"]), ..Wish::default() }, Lack { removal: true, ..nothing }),
            (Wish { owner_id: Some("u2".parse().unwrap()), ..Wish::default() }, Lack { edit: true, ..nothing }),
            (
                Wish { custom_values: vec![("f2".parse().unwrap(), FieldValue::Number(7.0))], ..Wish::default() },
                Lack { edit: true, ..nothing },
            ),
        ];
        for (wish, lack) in cases {
            assert_eq!(wish.against(&contact()), lack, "{wish:?}");
        }
    }

    #[test]
    fn a_wish_is_said_with_names() {
        let wish = Wish { add: tags(&["vip", "hot"]), remove: tags(&["cold"]), ..Wish::default() };
        let words = wish.words(Some("Tom Okafor"), &["lead_score"]);
        assert_eq!(words, "add tags vip, hot; remove tags cold; make Tom Okafor the owner; set lead_score");
    }
}
