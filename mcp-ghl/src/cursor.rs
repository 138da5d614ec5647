//! The one cursor of our lists, over the vendor's several ways of paging.
//!
//! To the caller it is an opaque word. It remembers where the list stopped and for which question, so that it cannot be
//! used with another one by mistake. It is no secret and no permission: whoever makes one up only pages their own data.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::error::{Error, Result};
use common::page::Page;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use sha2::{Digest, Sha256};

/// Changes when the meaning of old cursors does.
const VERSION: u8 = 1;

/// Longest cursor read, in bytes.
const LENGTH_MAX: usize = 1_024;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Position {
    /// Behind the record with these sort values (vendor: `searchAfter`), for lists of any length.
    After(Vec<SortValue>),
    /// A numbered page, from 1 (vendor: `page`), for lists of at most 10,000 records.
    Page(u32),
    /// Behind so many records (vendor: `skip`).
    Skip(usize),
}

impl Position {
    /// How many records come before the page, in a list that counts them; 0 where it begins.
    ///
    /// # Errors
    /// [`not_ours`] for a place in another kind of list.
    pub(crate) fn skipped(position: Option<&Self>) -> Result<usize> {
        match position {
            None => Ok(0),
            Some(Self::Skip(skip)) => Ok(*skip),
            Some(Self::After(_) | Self::Page(_)) => Err(not_ours()),
        }
    }

    /// The number of the page, in a list that numbers them; 1 where it begins.
    ///
    /// # Errors
    /// As of [`Position::skipped`].
    pub(crate) fn page_number(position: Option<&Self>) -> Result<u32> {
        match position {
            None => Ok(1),
            Some(Self::Page(page)) => Ok(*page),
            Some(Self::After(_) | Self::Skip(_)) => Err(not_ours()),
        }
    }
}

/// One sort value of a record, as the vendor sent it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum SortValue {
    Number(Number),
    Text(String),
    Flag(bool),
    Nothing(()),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<P> {
    #[serde(rename = "v")]
    version: u8,
    #[serde(rename = "q")]
    question: String,
    #[serde(rename = "p")]
    position: P,
}

/// What a list was asked for: everything that must stay the same from page to page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question(String);

impl Question {
    /// `asked` holds the tool's name, tenant, location and all arguments but the cursor.
    ///
    /// # Errors
    /// `internal` if it cannot be encoded.
    pub(crate) fn of(asked: &impl Serialize) -> Result<Self> {
        let text =
            serde_json::to_vec(asked).map_err(|source| Error::internal("the question could not be encoded", source))?;
        let digest = Sha256::digest(&text);
        // 64 bits tell questions apart; they protect nothing.
        Ok(Self(hex::encode(digest.iter().copied().take(8).collect::<Vec<u8>>())))
    }

    /// The cursor that goes on at `position`.
    ///
    /// # Errors
    /// `internal` if it cannot be encoded.
    pub(crate) fn cursor(&self, position: Position) -> Result<String> {
        self.cursor_at(position)
    }

    /// The same for positions of other kinds.
    ///
    /// # Errors
    /// `internal` if it cannot be encoded.
    pub(crate) fn cursor_at(&self, position: impl Serialize) -> Result<String> {
        let written = Written { version: VERSION, question: self.0.clone(), position };
        let text = serde_json::to_vec(&written)
            .map_err(|source| Error::internal("the cursor could not be encoded", source))?;
        Ok(URL_SAFE_NO_PAD.encode(text))
    }

    /// Where a cursor says that this question's list goes on.
    ///
    /// # Errors
    /// `invalid_argument` if it is none of ours, or another question's.
    pub(crate) fn position(&self, cursor: &str) -> Result<Position> {
        self.place(cursor)
    }

    /// The same for positions of other kinds.
    ///
    /// # Errors
    /// As of [`Question::position`].
    pub(crate) fn place<P: DeserializeOwned>(&self, cursor: &str) -> Result<P> {
        if cursor.len() > LENGTH_MAX {
            return Err(not_ours());
        }
        let text = URL_SAFE_NO_PAD.decode(cursor.trim()).map_err(|source| not_ours().with_source(source))?;
        let written: Written<P> = serde_json::from_slice(&text).map_err(|source| not_ours().with_source(source))?;
        if written.version != VERSION {
            return Err(not_ours());
        }
        if written.question != self.0 {
            let problem = "belongs to a list with other arguments";
            return Err(Error::invalid_argument("cursor", problem, EXPECTED, None).with_hint(
                "repeat all arguments of the call that gave the cursor, or leave `cursor` out to start again",
            ));
        }
        Ok(written.position)
    }
}

impl Question {
    /// A page of a list that is there as a whole.
    ///
    /// # Errors
    /// `invalid_argument` if the cursor is none of this question's.
    pub(crate) fn cut<'all, T>(&self, all: &'all [T], cursor: Option<&str>, limit: u32) -> Result<Cut<'all, T>> {
        let skip = match cursor.map(|cursor| self.position(cursor)).transpose()? {
            None => 0,
            Some(Position::Skip(skip)) => skip,
            Some(Position::Page(_) | Position::After(_)) => return Err(not_ours()),
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let end = skip.saturating_add(limit).min(all.len());
        let next_cursor = (end < all.len()).then(|| self.cursor(Position::Skip(end))).transpose()?;
        Ok(Cut { items: all.get(skip..end).unwrap_or_default(), next_cursor })
    }
}

/// A page before its rows are written.
#[derive(Debug)]
pub(crate) struct Cut<'all, T> {
    pub(crate) items: &'all [T],
    pub(crate) next_cursor: Option<String>,
}

impl<'all, T> Cut<'all, T> {
    /// The page with each record as a row.
    pub(crate) fn map<R>(self, row: impl FnMut(&'all T) -> R) -> Page<R> {
        Page { items: self.items.iter().map(row).collect(), next_cursor: self.next_cursor }
    }
}

const EXPECTED: &str = "`next_cursor` of the previous page, with otherwise the same arguments";

/// A cursor that no list of ours gave out, or that points into another kind of list.
pub(crate) fn not_ours() -> Error {
    Error::invalid_argument("cursor", "is not a cursor of this tool", EXPECTED, None)
        .with_hint("leave `cursor` out to start again")
}

#[cfg(test)]
mod tests {
    use common::error::ErrorCode;

    use super::*;

    fn question(text: &str) -> Question {
        Question::of(&("search_contacts", text)).unwrap()
    }

    #[test]
    fn a_cursor_finds_its_place_again() {
        let values = vec![
            SortValue::Number(1_700_000_000_123_u64.into()),
            SortValue::Text("abc".to_owned()),
            SortValue::Flag(true),
            SortValue::Nothing(()),
        ];
        for position in [Position::After(values), Position::Page(7), Position::Skip(300)] {
            let cursor = question("ada").cursor(position.clone()).unwrap();
            assert_eq!(question("ada").position(&cursor).unwrap(), position);
        }
    }

    #[test]
    fn another_questions_cursor_is_refused() {
        let cursor = question("ada").cursor(Position::Page(2)).unwrap();
        let error = question("bob").position(&cursor).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
        assert!(error.hint().unwrap().contains("repeat all arguments"), "{error}");
    }

    #[test]
    fn forged_cursors_are_refused() {
        let unknown_version = URL_SAFE_NO_PAD.encode(r#"{"v":9,"q":"","p":{"page":1}}"#);
        let extra = URL_SAFE_NO_PAD.encode(r#"{"v":1,"q":"","p":{"page":1},"x":1}"#);
        let long = "a".repeat(2_000);
        for forged in ["", "xyz", "%%%", "e30", &unknown_version, &extra, &long] {
            assert_eq!(question("ada").position(forged).unwrap_err().code(), ErrorCode::InvalidArgument, "{forged}");
        }
    }
}
