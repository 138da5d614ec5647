//! What one operation of the API is: facts of the vendor's specification (highlevel-api-docs, 2026-06-19).

use common::http::Repeat;
use http::Method;

/// The API generation that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V3,
    /// A dated version before v3, such as `2021-07-28`.
    Dated(&'static str),
}

impl Version {
    /// The value of the `Version` header.
    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::Dated(date) => date,
        }
    }
}

/// The dated version of most families.
pub(super) const V2: &str = "2021-07-28";

/// The dated version of conversations.
pub(super) const V2_CONVERSATIONS: &str = "2021-04-15";

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: Method,
    /// With its exact trailing slash; `{}` stands for an id.
    pub(super) path: &'static str,
    pub(super) version: Version,
    /// The dated version to ask where v3 says that it has removed the operation.
    pub(super) older: Option<&'static str>,
    /// What the token needs.
    pub(super) scope: &'static str,
    /// The record that the path names, for `not_found`; absent if it names none.
    pub(super) noun: Option<&'static str>,
    pub(super) repeat: Repeat,
}

impl Operation {
    /// A v3 operation that reads and may be repeated.
    pub(super) const fn read(method: Method, path: &'static str, scope: &'static str) -> Self {
        Self { method, path, version: Version::V3, older: Some(V2), scope, noun: None, repeat: Repeat::Idempotent }
    }

    /// A v3 operation that writes.
    pub(super) const fn write(method: Method, path: &'static str, scope: &'static str, repeat: Repeat) -> Self {
        Self { method, path, version: Version::V3, older: Some(V2), scope, noun: None, repeat }
    }

    /// The same operation on a record of this noun.
    pub(super) const fn on(mut self, noun: &'static str) -> Self {
        self.noun = Some(noun);
        self
    }

    /// The same operation, asked in this dated version where v3 has dropped it.
    pub(super) const fn or_dated(mut self, date: &'static str) -> Self {
        self.older = Some(date);
        self
    }

    /// The same operation where no older version has it.
    pub(super) const fn only_v3(mut self) -> Self {
        self.older = None;
        self
    }

    /// The same operation in a dated version: v3 has none.
    pub(super) const fn dated(mut self, date: &'static str) -> Self {
        self.version = Version::Dated(date);
        self.older = None;
        self
    }
}
