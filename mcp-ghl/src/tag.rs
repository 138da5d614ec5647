//! Tags: words on contacts. GoHighLevel keeps them in lower case.

use std::str::FromStr;

use crate::record_id::RecordId;

/// Longest tag, in characters. Ours: the vendor names no limit.
const LENGTH_MAX: usize = 100;

/// A tag as the vendor stores it: lower case, single spaces, 1 to 100 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(String);

/// The text is empty, too long, or holds control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATag;

impl Tag {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A tag that is already on a record, which may break our rules but is there.
    #[must_use]
    pub fn on_record(text: &str) -> Self {
        Self(plain(text))
    }
}

impl FromStr for Tag {
    type Err = NotATag;

    fn from_str(text: &str) -> Result<Self, NotATag> {
        let tag = plain(text);
        if tag.is_empty() || tag.chars().count() > LENGTH_MAX || tag.chars().any(char::is_control) {
            return Err(NotATag);
        }
        Ok(Self(tag))
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A tag that a location knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTag {
    pub id: RecordId,
    pub name: String,
}

/// What has to be done to a contact's tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagChange {
    pub add: Vec<Tag>,
    pub remove: Vec<Tag>,
    /// Asked for, but already so.
    pub unchanged: Vec<Tag>,
}

impl TagChange {
    /// From what is there to what is asked for, leaving all else alone.
    #[must_use]
    pub fn of(current: &[Tag], add: &[Tag], remove: &[Tag]) -> Self {
        let mut change = Self::default();
        for tag in add {
            let list = if current.contains(tag) { &mut change.unchanged } else { &mut change.add };
            push_new(list, tag);
        }
        for tag in remove {
            let list = if current.contains(tag) { &mut change.remove } else { &mut change.unchanged };
            push_new(list, tag);
        }
        change
    }

    /// From what is there to exactly `target`.
    #[must_use]
    pub fn to(current: &[Tag], target: &[Tag]) -> Self {
        let surplus: Vec<Tag> = current.iter().filter(|tag| !target.contains(tag)).cloned().collect();
        Self::of(current, target, &surplus)
    }
}

fn push_new(list: &mut Vec<Tag>, tag: &Tag) {
    if !list.contains(tag) {
        list.push(tag.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(texts: &[&str]) -> Vec<Tag> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn tags_are_lower_case_with_single_spaces() {
        assert_eq!(" Src  Paid ".parse::<Tag>().unwrap().as_str(), "src paid");
        for text in ["", "  ", "a\u{7}b", &"x".repeat(101)] {
            assert_eq!(text.parse::<Tag>(), Err(NotATag), "{text:?}");
        }
    }

    #[test]
    fn only_what_differs_is_changed() {
        let change = TagChange::of(&tags(&["a", "b"]), &tags(&["B", "c", "c"]), &tags(&["a", "x"]));
        let expected = TagChange { add: tags(&["c"]), remove: tags(&["a"]), unchanged: tags(&["b", "x"]) };
        assert_eq!(change, expected);
    }

    #[test]
    fn replacing_adds_the_missing_and_removes_the_surplus() {
        let change = TagChange::to(&tags(&["a", "b"]), &tags(&["b", "c"]));
        let expected = TagChange { add: tags(&["c"]), remove: tags(&["a"]), unchanged: tags(&["b"]) };
        assert_eq!(change, expected);
    }
}
