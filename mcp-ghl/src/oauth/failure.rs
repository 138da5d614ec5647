//! A failure that several callers are told of.

use std::time::Duration;

use common::error::{Error, ErrorCode};

/// The public part of an error: its cause has been told to the first one.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    code: ErrorCode,
    message: String,
    hint: Option<String>,
    retry_after: Option<Duration>,
}

impl Failure {
    pub(super) fn of(error: &Error) -> Self {
        Self {
            code: error.code(),
            message: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
            retry_after: error.retry_after(),
        }
    }

    pub(super) fn to_error(&self) -> Error {
        let mut error = Error::new(self.code, self.message.clone());
        if let Some(hint) = &self.hint {
            error = error.with_hint(hint.clone());
        }
        match self.retry_after {
            Some(retry_after) => error.with_retry_after(retry_after),
            None => error,
        }
    }
}
