//! The catalogue that this server works with, and the index over it: read when they are first needed.

use std::sync::OnceLock;

use common::error::{Candidate, Error, ErrorCode, Result};

use crate::catalogue::search::Index;
use crate::catalogue::{Catalogue, Family, KnownOperations, Operation};
use crate::names::likeness_percent;

/// Most ids offered for one that there is not.
const CANDIDATES_MAX: usize = 5;

/// The catalogue and its index.
#[derive(Debug)]
pub(crate) struct Shelf {
    known: KnownOperations,
    index: OnceLock<Index>,
}

impl Shelf {
    pub(crate) const fn new(known: KnownOperations) -> Self {
        Self { known, index: OnceLock::new() }
    }

    /// All operations.
    ///
    /// # Errors
    /// As of [`Catalogue::embedded`].
    pub(crate) fn catalogue(&self) -> Result<&Catalogue> {
        self.known.catalogue()
    }

    /// What answers questions about them.
    ///
    /// # Errors
    /// As of [`Shelf::catalogue`].
    pub(crate) fn index(&self) -> Result<&Index> {
        let catalogue = self.catalogue()?;
        Ok(self.index.get_or_init(|| Index::over(catalogue)))
    }

    /// The family of a name.
    ///
    /// # Errors
    /// `not_found` with all of them.
    pub(crate) fn family(&self, name: &str) -> Result<&Family> {
        let catalogue = self.catalogue()?;
        catalogue.family(&name.trim().to_lowercase()).ok_or_else(|| {
            let names: Vec<&str> = catalogue.families().iter().map(|family| &*family.name).collect();
            Error::new(ErrorCode::NotFound, "the API has no such family")
                .with_hint(format!("there are {}", names.join(", ")))
        })
    }

    /// The operation of an id.
    ///
    /// # Errors
    /// `not_found` with those that the id is like.
    pub(crate) fn find(&self, id: &str) -> Result<&Operation> {
        let catalogue = self.catalogue()?;
        if let Some(operation) = catalogue.operation(id.trim()) {
            return Ok(operation);
        }
        let plain = |id: &str| id.to_lowercase().replace(['-', '_', ' '], "");
        let wanted = plain(id);
        let mut ranked: Vec<(usize, &Operation)> =
            catalogue.operations().map(|it| (likeness_percent(&wanted, &plain(&it.id)), it)).collect();
        ranked.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
        let candidate =
            |(_, it): (usize, &Operation)| Candidate { id: it.id.to_string(), name: it.summary.to_string() };
        Err(Error::new(ErrorCode::NotFound, "no operation has this id")
            .with_hint("take an id from `find_operation`")
            .with_candidates(ranked.into_iter().take(CANDIDATES_MAX).map(candidate).collect()))
    }
}
