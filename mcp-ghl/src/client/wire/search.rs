//! The search bodies, whose filters the vendor documents outside its specification (`ClickUp` pages 87cpx-158396 for
//! contacts and 87cpx-424216 for opportunities).

use serde::Serialize;

use crate::cursor::{Position, SortValue};

#[derive(Debug, Serialize)]
pub(in crate::client) struct Filter {
    pub(in crate::client) field: String,
    pub(in crate::client) operator: &'static str,
    pub(in crate::client) value: Value,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(in crate::client) enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    AnyOf(Vec<String>),
    Range(Range),
}

#[derive(Debug, Default, Serialize)]
pub(in crate::client) struct Range {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) gte: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) lte: Option<String>,
}

#[derive(Debug, Serialize)]
pub(in crate::client) struct Sort {
    pub(in crate::client) field: &'static str,
    pub(in crate::client) direction: &'static str,
}

/// Where the page begins: the vendor takes one of the two, never both.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Begin {
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_after: Option<Vec<SortValue>>,
}

/// Records that numbered pages reach; beyond, only sort values do (help page `contacts-search`).
const PAGED_RECORDS_MAX: u64 = 10_000;

impl Begin {
    /// `None` for a place in another kind of list.
    pub(in crate::client) fn at(position: Option<&Position>) -> Option<Self> {
        match position {
            None => Some(Self { page: Some(1), search_after: None }),
            Some(Position::Page(page)) => Some(Self { page: Some(*page), search_after: None }),
            Some(Position::After(values)) => Some(Self { page: None, search_after: Some(values.clone()) }),
            Some(Position::Skip(_)) => None,
        }
    }
}

/// Where the next page begins, given how the present one ended.
pub(in crate::client) fn next(
    present: Option<&Position>,
    received: usize,
    limit: u32,
    total: Option<u64>,
    last: Option<Vec<SortValue>>,
) -> Option<Position> {
    let is_full = u32::try_from(received).is_ok_and(|received| received >= limit);
    let seen = match present {
        None => u64::from(limit),
        Some(Position::Page(page)) => u64::from(*page).saturating_mul(u64::from(limit)),
        Some(Position::After(_) | Position::Skip(_)) => 0,
    };
    if !is_full || total.is_some_and(|total| total <= seen) {
        return None;
    }
    match (last, present) {
        (Some(values), _) if !values.is_empty() => Some(Position::After(values)),
        (_, Some(Position::After(_) | Position::Skip(_))) => None,
        (_, _) if seen >= PAGED_RECORDS_MAX => None,
        (_, Some(Position::Page(page))) => Some(Position::Page(page.saturating_add(1))),
        (_, None) => Some(Position::Page(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_has_no_next() {
        assert_eq!(next(None, 3, 20, Some(3), None), None);
        assert_eq!(next(None, 20, 20, Some(20), Some(vec![SortValue::Flag(true)])), None);
        assert_eq!(next(Some(&Position::Page(2)), 20, 20, Some(40), None), None);
    }

    #[test]
    fn sort_values_beat_page_numbers() {
        let values = vec![SortValue::Text("x".to_owned())];
        assert_eq!(next(None, 20, 20, Some(21), Some(values.clone())), Some(Position::After(values)));
        assert_eq!(next(None, 20, 20, Some(21), None), Some(Position::Page(2)));
    }

    #[test]
    fn page_numbers_end_where_the_vendors_do() {
        assert_eq!(next(Some(&Position::Page(500)), 20, 20, Some(20_000), None), None);
    }
}
