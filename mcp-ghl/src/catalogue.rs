//! Every operation of the vendor's API, as facts in our own notation: the whole of v3, and what only the dated versions
//! have (highlevel-api-docs, 2026-06-19). One text file per family in `mcp-ghl/catalogue`, parsed on first use.
//!
//! Method, path, parameters, body, answer, scopes and tokens come from the vendor's OpenAPI files; summaries, access
//! classes and paging are ours. Nothing here sends anything.

mod notation;
mod operation;
mod shape;

use std::path::Path;

use common::error::Result;
use http::Method;

pub use operation::{Body, Generation, Mark, Media, Operation, Paging, Parameter, Place, Position, Token, Version};
pub use shape::{Bounds, Field, List, Literal, Name, Named, Object, Rest, Shape, Text};

/// All operations that are known, family by family.
#[derive(Debug)]
pub struct Catalogue {
    families: Vec<Family>,
}

/// Operations that the vendor keeps together.
#[derive(Debug)]
pub struct Family {
    pub name: Name,
    /// In the order of the file.
    pub operations: Vec<Operation>,
}

impl Catalogue {
    /// What this build knows. The first call parses it all; the others cost nothing.
    ///
    /// # Errors
    /// `internal` if an embedded file cannot be read: a defect of the build, which a test excludes.
    pub fn embedded() -> Result<&'static Self> {
        todo!()
    }

    /// What this build knows, with the operations of the OpenAPI files (`*.json`) in this folder: those win over the
    /// embedded ones of the same id, whose summary, access class and paging they keep.
    ///
    /// # Errors
    /// `failed_precondition` if the folder or a file in it cannot be read as such; it names the file and the operations.
    pub fn with_specifications(_folder: &Path) -> Result<Self> {
        todo!()
    }

    /// In the order of their names.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The family of that name.
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }

    /// All of them, family by family.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.families.iter().flat_map(|family| &family.operations)
    }

    /// The operation of that id, whatever the case of its letters.
    pub fn operation(&self, _id: &str) -> Option<&Operation> {
        todo!()
    }

    /// The operation at that path, as the vendor writes it or with other names between the braces.
    pub fn by_route(&self, _method: &Method, _path: &str) -> Option<&Operation> {
        todo!()
    }
}
