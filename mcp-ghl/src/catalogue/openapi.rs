//! `OpenAPI` 3.0 files into the catalogue's terms: the vendor's one file per family, or several families merged into one.
//!
//! Read as untyped JSON, because typed readers refuse the vendor's files of 2026-06-19. These faults are known and read
//! for what they mean: `type: any`; an enum or an example of another type than its schema says; a parameter without a
//! schema or left out of the list; `nullable` beside `allOf`.

mod document;
mod folding;
mod operations;
mod schemas;

pub(super) use document::{Document, Folder};
pub(super) use folding::fold;

use super::operation::Operation;

/// Why something could not be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// `GET /contacts/` or the like; the file as a whole if there is none.
    pub(super) place: Option<String>,
    pub(super) why: String,
}

impl Unreadable {
    fn new(why: impl Into<String>) -> Self {
        Self { place: None, why: why.into() }
    }
}

/// The operations of a document, in its order. `folder` is where its references lead.
///
/// # Errors
/// Every operation that cannot be read.
pub(super) fn operations(document: &Document, folder: &Folder) -> Result<Vec<Operation>, Vec<Unreadable>> {
    operations::read(document, folder)
}
