//! What is gathered from several places of the vendor's: one that the token may not read is left out and named, and does
//! not fail the rest.

use common::error::{ErrorCode, Result};

/// What was read; `None` where the token may not.
///
/// # Errors
/// Every other one.
pub(crate) async fn readable<T>(read: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    match read.await {
        Err(error) if error.code() == ErrorCode::PermissionDenied => Ok(None),
        read => read.map(Some),
    }
}
