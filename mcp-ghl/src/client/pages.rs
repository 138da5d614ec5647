//! Lists that the vendor gives out in pages and that we need whole.

use std::future::Future;

use common::error::Result;

/// Reads page after page until one is not full, at most `max` records. `page` is given how many to skip.
///
/// # Errors
/// Those of `page`.
pub(super) async fn whole<T, F>(per_page: usize, max: usize, mut page: impl FnMut(usize) -> F) -> Result<Vec<T>>
where
    F: Future<Output = Result<Vec<T>>>,
{
    let mut records = Vec::new();
    while records.len() < max {
        let read = page(records.len()).await?;
        let received = read.len();
        records.extend(read);
        if received < per_page {
            break;
        }
    }
    records.truncate(max);
    Ok(records)
}
