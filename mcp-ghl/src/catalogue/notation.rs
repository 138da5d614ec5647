//! The catalogue's notation: what is stored, and what a call's request looks like to those who have to write one.
//!
//! A file is one family. A line that begins with `type` gives a shape a name; any other that begins at the margin begins
//! an operation, and the indented lines after it are its facts. Shapes read like TypeScript, but shorter:
//! `{name, email?, age?: integer(0..120), tags: string[1..50], kind: 'a'|'b', note: string|null}` is an object whose
//! fields without a type are text, whose `?` may be left out, and which has no others; `...` allows any other,
//! `...: number` any other with numbers. `string(date-time 1..40 '^[0-9]')` has a format, a length and a pattern.

mod file;
mod operations;
mod shapes;
mod signature;
mod words;
mod writer;

#[cfg(test)]
mod tests;

use common::error::{Error, ErrorCode};

use super::Family;
use super::shape::{Field, Shape};
use shapes::{Names, Reader};

/// Reads the file of a family.
///
/// # Errors
/// The line, and what was expected there.
pub(super) fn read(text: &'static str) -> Result<Family, Unreadable> {
    operations::read(text)
}

/// Writes the file of a family, so that reading it gives the same again.
pub(super) fn write(family: &Family) -> String {
    file::family(family)
}

/// Reads fields in their braces.
///
/// # Errors
/// What was expected.
pub(super) fn fields(text: &'static str) -> Result<Vec<Field>, Unreadable> {
    let Shape::Object(object) = Reader::new(text, &mut Names::new()).whole()? else {
        return Err(Unreadable::new("fields in braces"));
    };
    Ok(object.fields)
}

/// Where a text leaves the notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// From 1; 0 for the file as a whole.
    pub(super) line: usize,
    pub(super) expected: String,
}

impl Unreadable {
    pub(super) fn new(expected: impl Into<String>) -> Self {
        Self { line: 0, expected: expected.into() }
    }

    /// As an error about this file of ours.
    pub(super) fn in_file(self, name: &str) -> Error {
        let Self { line, expected } = self;
        Error::new(ErrorCode::Internal, format!("catalogue/{name}, line {line}: expected {expected}"))
    }
}
