//! Resources: records that a client can read by address, list, complete and follow.

mod catalogue;
mod changes;
mod template;

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;

use crate::completion::Blank;
use crate::error::{Error, Result};
use crate::tool::Call;

pub(crate) use catalogue::View;
pub use catalogue::{Catalogue, Resources};
pub(crate) use changes::Follow;
pub(crate) use changes::TOOLS;
pub use changes::{Change, Changes};

/// One kind of record with an address, such as `ghl://{location}/pipelines`.
pub trait Resource: Send + Sync + 'static {
    /// What the server gives to its resources; the same as to its tools.
    type Deps: Send + Sync + 'static;
    /// What is read, sent as JSON.
    type Output: Serialize + Send;

    /// RFC 6570 level 1: variables in braces, each a whole path segment.
    const TEMPLATE: &'static str;
    const NAME: &'static str;
    const TITLE: &'static str;
    const DESCRIPTION: &'static str;
    /// The toolset it belongs to: hidden where that is hidden.
    const TOOLSET: &'static str;
    /// How old an answer may be when it is given, hence how long clients may keep it.
    const FRESH_FOR: Duration;

    /// Reads the record at an address.
    fn read(deps: &Self::Deps, call: &Call, variables: &Variables)
    -> impl Future<Output = Result<Self::Output>> + Send;

    /// The addresses worth listing; none where there are too many.
    fn list(_deps: &Self::Deps, _call: &Call) -> impl Future<Output = Result<Vec<Listed>>> + Send {
        std::future::ready(Ok(Vec::new()))
    }

    /// Values that a variable may hold and that begin like what is typed.
    fn complete(
        _deps: &Self::Deps,
        _call: &Call,
        _blank: Blank<'_>,
    ) -> impl Future<Output = Result<Vec<String>>> + Send {
        std::future::ready(Ok(Vec::new()))
    }
}

/// One entry of `resources/list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub uri: String,
    /// What a person calls it.
    pub title: String,
}

/// The values that an address gives to a template's variables, percent-decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    values: HashMap<&'static str, String>,
}

impl Variables {
    /// The value of a variable.
    ///
    /// # Errors
    /// `invalid_argument` if the template has no variable of that name.
    pub fn get(&self, name: &str) -> Result<&str> {
        let value = self.values.get(name).map(String::as_str);
        value.ok_or_else(|| Error::invalid_argument(name, "is missing from the address", "a value", None))
    }
}
