//! Rows by their ids, ten with each statement: one text that databases keep prepared, however many ids there are.

use common::db::AnyQuery;

/// Ids of one statement.
pub(super) const IDS_TOGETHER: usize = 10;

/// Binds them; in place of those that are missing stands empty text, which no id is.
pub(super) fn bind_ids(query: AnyQuery, ids: &[&str]) -> AnyQuery {
    (0..IDS_TOGETHER).fold(query, |query, at| query.bind(ids.get(at).copied().unwrap_or_default().to_owned()))
}
