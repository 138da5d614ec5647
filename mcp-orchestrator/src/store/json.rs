//! Values that stand in rows as JSON.

use common::error::{Error, Result};

pub(crate) fn encoded<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|source| Error::internal("a run could not be written down", source))
}

pub(crate) fn decoded<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|source| Error::internal("what is kept of a run cannot be read", source))
}
