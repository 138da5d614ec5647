//! Every operation of the vendor's API, as facts in our own notation: the whole of v3, and what only the dated versions
//! have (highlevel-api-docs, 2026-06-19). One text file per family in `mcp-ghl/catalogue`, parsed on first use.
//!
//! Method, path, parameters, body, answer, scopes and tokens come from the vendor's OpenAPI files; summaries, access
//! classes and paging are ours. Nothing here sends anything.

mod embedded;
mod errata;
mod gathering;
mod json_schema;
mod judging;
mod known;
mod naming;
mod notation;
mod openapi;
mod operation;
pub mod search;
mod shape;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use common::error::Result;
use http::Method;

use openapi::Folder;

pub use known::KnownOperations;
pub use operation::{Body, Generation, Mark, Media, Operation, Paging, Parameter, Place, Position, Token, Version};
pub use shape::{Bounds, Field, List, Literal, Name, Named, Object, Rest, Shape, Text};

/// All operations that are known, family by family.
#[derive(Debug)]
pub struct Catalogue {
    families: Vec<Family>,
    by_id: HashMap<String, Seat>,
    by_route: HashMap<String, Vec<Seat>>,
}

/// Operations that the vendor keeps together.
#[derive(Debug, Clone)]
pub struct Family {
    pub name: Name,
    /// In the order of the file.
    pub operations: Vec<Operation>,
}

/// Where an operation is: its family, and its number there.
#[derive(Debug, Clone, Copy)]
struct Seat(usize, usize);

impl Catalogue {
    /// What this build knows. The first call parses it all; the others cost nothing.
    ///
    /// # Errors
    /// `internal` if an embedded file cannot be read: a defect of the build, which a test excludes.
    pub fn embedded() -> Result<&'static Self> {
        embedded::catalogue()
    }

    /// What this build knows, with the operations of the OpenAPI files (`*.json`) in this folder: those win over the
    /// embedded ones of the same id, whose summary, access class and paging they keep.
    ///
    /// # Errors
    /// `failed_precondition` if the folder or a file in it cannot be read as such; it names the file and the operations.
    pub fn with_specifications(folder: &Path) -> Result<Self> {
        gathering::with(Self::embedded()?, &Folder::read(folder)?)
    }

    /// The files that these OpenAPI files make, by name: what is embedded, when they are the vendor's. Summaries, access
    /// classes and paging are those of the operations that are embedded already.
    ///
    /// # Errors
    /// As [`Catalogue::with_specifications`].
    pub fn files(specifications: Vec<PathBuf>) -> Result<BTreeMap<String, String>> {
        let families = gathering::families(Self::embedded()?, &Folder::of(specifications)?)?;
        Ok(families.iter().map(|family| (format!("{}.ops", family.name), notation::write(family))).collect())
    }

    /// The files that are embedded, by name.
    pub fn embedded_files() -> BTreeMap<&'static str, &'static str> {
        embedded::FILES.iter().copied().collect()
    }

    /// Families in the order of their names.
    fn new(mut families: Vec<Family>) -> Self {
        families.sort_by(|one, other| one.name.cmp(&other.name));
        let (mut by_id, mut by_route) = (HashMap::new(), HashMap::<String, Vec<Seat>>::new());
        for (at, family) in families.iter().enumerate() {
            for (number, operation) in family.operations.iter().enumerate() {
                let seat = Seat(at, number);
                by_id.insert(operation.id.to_ascii_lowercase(), seat);
                by_route.entry(route(&operation.method, &operation.path)).or_default().push(seat);
            }
        }
        Self { families, by_id, by_route }
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
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.by_id.get(&id.to_ascii_lowercase()).and_then(|seat| self.at(*seat))
    }

    /// The operation at that path, as the vendor writes it or with other names between the braces. Where several differ in
    /// nothing else, the one with these names, then the one of v3.
    pub fn by_route(&self, method: &Method, path: &str) -> Option<&Operation> {
        let seats = self.by_route.get(&route(method, path))?;
        let candidates = seats.iter().filter_map(|seat| self.at(*seat));
        candidates.max_by_key(|operation| (operation.path == path, operation.generation == Generation::V3))
    }

    fn at(&self, Seat(family, number): Seat) -> Option<&Operation> {
        self.families.get(family).and_then(|family| family.operations.get(number))
    }
}

/// A method and a path without the names of its parameters: `GET /contacts/{}/notes/{}`.
fn route(method: &Method, path: &str) -> String {
    let mut route = format!("{method} ");
    for (at, part) in path.split('{').enumerate() {
        if at == 0 {
            route.push_str(part);
        } else {
            route.push_str("{}");
            route.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
        }
    }
    route
}
