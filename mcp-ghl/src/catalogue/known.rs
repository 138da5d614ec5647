//! Which catalogue a server goes by.

use std::path::Path;
use std::sync::Arc;

use common::error::Result;

use super::Catalogue;

/// What is embedded, or that with the operator's files. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct KnownOperations {
    own: Option<Arc<Catalogue>>,
}

impl KnownOperations {
    /// Reads the folder, if there is one. Without, nothing is parsed before somebody asks.
    ///
    /// # Errors
    /// As [`Catalogue::with_specifications`].
    pub fn open(folder: Option<&Path>) -> Result<Self> {
        let own = folder.map(Catalogue::with_specifications).transpose()?;
        Ok(Self { own: own.map(Arc::new) })
    }

    /// The operations.
    ///
    /// # Errors
    /// As [`Catalogue::embedded`].
    pub fn catalogue(&self) -> Result<&Catalogue> {
        match self.own.as_deref() {
            Some(own) => Ok(own),
            None => Catalogue::embedded(),
        }
    }
}
