//! What a failed statement means for the caller. The one translation from sqlx to [`Error`].

use std::time::Duration;

use sqlx::error::{DatabaseError, ErrorKind};

use crate::error::{Error, ErrorCode, Result};

/// When to try again after a lock or connection could not be had.
const RETRY_AFTER_BUSY: Duration = Duration::from_secs(1);

/// A rule of the database that a row broke. Constraints have no names here: SQLite does not report them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A unique index or primary key.
    Unique,
    ForeignKey,
    NotNull,
    Check,
}

impl Violation {
    fn of(error: &sqlx::Error) -> Option<Self> {
        match error.as_database_error()?.kind() {
            ErrorKind::UniqueViolation => Some(Self::Unique),
            ErrorKind::ForeignKeyViolation => Some(Self::ForeignKey),
            ErrorKind::NotNullViolation => Some(Self::NotNull),
            ErrorKind::CheckViolation => Some(Self::Check),
            _ => None,
        }
    }
}

/// Turns one kind of violation into the caller's own error, where the statement is.
pub trait OnViolation<T> {
    /// `error()` if the statement broke a rule of this kind; other failures are translated as by `?`.
    ///
    /// On PostgreSQL the transaction is over after a violation: drop it.
    ///
    /// # Errors
    /// Whatever `error` makes, or the general translation.
    fn on_violation(self, violation: Violation, error: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OnViolation<T> for Result<T, sqlx::Error> {
    fn on_violation(self, violation: Violation, error: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(|source| match Violation::of(&source) {
            Some(found) if found == violation => error().with_source(source),
            _ => source.into(),
        })
    }
}

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        let cause = match &source {
            sqlx::Error::PoolTimedOut => Cause::Busy,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed => Cause::Unreachable,
            sqlx::Error::Database(error) => Cause::of(error.as_ref()),
            _ => Cause::Ours,
        };
        cause.error().with_source(source)
    }
}

enum Cause {
    Busy,
    Unreachable,
    Full,
    Ours,
}

impl Cause {
    fn of(error: &dyn DatabaseError) -> Self {
        let code = error.code().unwrap_or_default();
        // SQLite reports decimal extended codes, whose low byte is the kind (https://www.sqlite.org/rescode.html);
        // PostgreSQL five letters and digits (https://www.postgresql.org/docs/18/errcodes-appendix.html).
        if code.len() == 5 {
            return match code.as_ref() {
                // serialization_failure, deadlock_detected, too_many_connections, lock_not_available, query_canceled
                "40001" | "40P01" | "53300" | "55P03" | "57014" => Self::Busy,
                "53100" => Self::Full,
                // admin_shutdown, crash_shutdown, cannot_connect_now, and class 08: connection exceptions
                "57P01" | "57P02" | "57P03" => Self::Unreachable,
                code if code.starts_with("08") => Self::Unreachable,
                _ => Self::Ours,
            };
        }
        match code.parse::<u32>().map(|code| code & 0xff) {
            // SQLITE_BUSY, SQLITE_LOCKED
            Ok(5 | 6) => Self::Busy,
            // SQLITE_FULL
            Ok(13) => Self::Full,
            _ => Self::Ours,
        }
    }

    fn error(&self) -> Error {
        match self {
            Self::Busy => Error::new(ErrorCode::UpstreamUnavailable, "the database is busy")
                .with_hint("try again")
                .with_retry_after(RETRY_AFTER_BUSY),
            Self::Unreachable => Error::new(ErrorCode::UpstreamUnavailable, "the database cannot be reached")
                .with_hint("try again; if it stays, check `database.url`")
                .with_retry_after(RETRY_AFTER_BUSY),
            Self::Full => Error::new(ErrorCode::FailedPrecondition, "the disk of the database is full")
                .with_hint("free some space on it"),
            Self::Ours => Error::new(ErrorCode::Internal, "the database did not accept a statement"),
        }
    }
}
