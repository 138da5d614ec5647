//! The catalogue that a server goes by, and the index over it: read when they are first needed.

use std::path::Path;
use std::sync::OnceLock;

use common::error::{Candidate, Error, ErrorCode, Result};

use super::search::Index;
use super::{Catalogue, Family, Operation};
use crate::names::likeness_percent;

/// Most ids offered for one that there is not.
const CANDIDATES_MAX: usize = 5;

/// What is embedded, or that with the operator's files.
#[derive(Debug, Default)]
pub struct KnownOperations {
    own: Option<Catalogue>,
    index: OnceLock<Index>,
}

impl KnownOperations {
    /// Reads the folder, if there is one. Without, nothing is parsed before somebody asks.
    ///
    /// # Errors
    /// As [`Catalogue::with_specifications`].
    pub fn open(folder: Option<&Path>) -> Result<Self> {
        let own = folder.map(Catalogue::with_specifications).transpose()?;
        Ok(Self { own, index: OnceLock::new() })
    }

    /// All operations.
    ///
    /// # Errors
    /// As [`Catalogue::embedded`].
    pub fn catalogue(&self) -> Result<&Catalogue> {
        match &self.own {
            Some(own) => Ok(own),
            None => Catalogue::embedded(),
        }
    }

    /// What answers questions about them.
    ///
    /// # Errors
    /// As [`Catalogue::embedded`].
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
