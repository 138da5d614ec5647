//! Which operation of the catalogue a request is: by method, concrete path and generation.

use std::collections::HashMap;
use std::sync::OnceLock;

use axum::http::Method;
use common::error::Result;
use percent_encoding::percent_decode_str;

use crate::catalogue::{Catalogue, Generation, Operation, Version};

/// An operation, and what the path says.
#[derive(Debug, Clone)]
pub(crate) struct Matched {
    pub(crate) operation: &'static Operation,
    /// The values of the braces by their names, in the order of the path.
    pub(crate) ids: Vec<(&'static str, String)>,
}

impl Matched {
    /// Whether a path with gaps is the operation's own, whatever the names of the gaps.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let is_gap = |segment: &str| segment.starts_with('{');
        let (mut own, mut asked) = (self.operation.path.split('/'), path.split('/'));
        loop {
            match (own.next(), asked.next()) {
                (None, None) => return true,
                (Some(own), Some(asked)) if own == asked || (is_gap(own) && is_gap(asked)) => {}
                (_, _) => return false,
            }
        }
    }
}

/// What the catalogue has at a path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// In the dated versions.
    pub(crate) v2: Option<Matched>,
    pub(crate) v3: Option<Matched>,
}

/// The operations at a path, one for each generation that has it; the one with the fewest gaps where several fit.
///
/// # Errors
/// `internal` if the catalogue cannot be read.
pub(crate) fn at(method: &Method, path: &str) -> Result<Found> {
    let segments: Vec<&str> = path.split('/').collect();
    let mut found = Found::default();
    for route in routes()?.get(&(method.clone(), segments.len())).into_iter().flatten() {
        let Some(ids) = route.ids(&segments) else { continue };
        let matched = Matched { operation: route.operation, ids };
        match route.operation.generation {
            Generation::V2 => drop(found.v2.get_or_insert(matched)),
            Generation::V3 => {
                let is_dated = matches!(route.operation.version, Version::Dated(_));
                if is_dated || route.operation.older.is_some() {
                    found.v2.get_or_insert_with(|| matched.clone());
                }
                found.v3.get_or_insert(matched);
            }
        }
    }
    Ok(found)
}

/// Scopes that apps are given and that no operation of the specification of 2026-06-19 asks for: it says nothing of those
/// of funnels' lists, which integrators ask for all the same.
const UNTOLD_SCOPES: [&str; 3] = ["funnels/funnel.readonly", "funnels/page.readonly", "funnels/pagecount.readonly"];

/// Whether there is such a scope.
///
/// # Errors
/// As [`at`].
pub(crate) fn is_scope(scope: &str) -> Result<bool> {
    let mut operations = Catalogue::embedded()?.operations();
    Ok(UNTOLD_SCOPES.contains(&scope)
        || operations.any(|operation| operation.scopes.iter().any(|known| known == scope)))
}

/// A path in its segments.
#[derive(Debug)]
struct Route {
    operation: &'static Operation,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Word(&'static str),
    Gap(&'static str),
}

type Routes = HashMap<(Method, usize), Vec<Route>>;

fn routes() -> Result<&'static Routes> {
    static ROUTES: OnceLock<Routes> = OnceLock::new();
    let catalogue = Catalogue::embedded()?;
    Ok(ROUTES.get_or_init(|| {
        let mut routes = Routes::new();
        for operation in catalogue.operations() {
            let route = Route::of(operation);
            routes.entry((operation.method.clone(), route.segments.len())).or_default().push(route);
        }
        for candidates in routes.values_mut() {
            // Words before gaps, from the left; of equal paths the dated operation, which knows its own shape.
            candidates.sort_by_key(|route| (route.gaps(), route.operation.generation == Generation::V3));
        }
        routes
    }))
}

impl Route {
    fn of(operation: &'static Operation) -> Self {
        let segment = |text: &'static str| match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => Segment::Gap(name),
            None => Segment::Word(text),
        };
        Self { operation, segments: operation.path.split('/').map(segment).collect() }
    }

    fn gaps(&self) -> Vec<bool> {
        self.segments.iter().map(|segment| matches!(segment, Segment::Gap(_))).collect()
    }

    /// What stands in the gaps, if the path fits.
    fn ids(&self, path: &[&str]) -> Option<Vec<(&'static str, String)>> {
        let mut ids = Vec::new();
        for (segment, asked) in self.segments.iter().zip(path) {
            match segment {
                Segment::Word(word) if word == asked => {}
                Segment::Gap(name) if !asked.is_empty() => {
                    ids.push((*name, percent_decode_str(asked).decode_utf8_lossy().into_owned()));
                }
                Segment::Word(_) | Segment::Gap(_) => return None,
            }
        }
        Some(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(method: &Method, path: &str) -> (Option<String>, Option<String>) {
        let found = at(method, path).unwrap();
        let id = |matched: Option<Matched>| matched.map(|matched| matched.operation.id.to_string());
        (id(found.v2), id(found.v3))
    }

    #[test]
    fn words_win_over_gaps_and_trailing_slashes_count() {
        let both = |id: &str| (Some(id.to_owned()), Some(id.to_owned()));
        assert_eq!(ids(&Method::GET, "/contacts/abc"), both("contacts.get-contact"));
        assert_eq!(ids(&Method::GET, "/links/search"), both("links.search-trigger-links"));
        assert_eq!(ids(&Method::POST, "/contacts"), (None, None));
    }

    #[test]
    fn generations_are_kept_apart() {
        assert_eq!(ids(&Method::GET, "/contacts/"), (Some("contacts.get-contacts".to_owned()), None));
        assert_eq!(ids(&Method::GET, "/oauth/installed-locations").0, None);
    }

    #[test]
    fn every_operation_is_found_at_its_own_path() {
        for operation in Catalogue::embedded().unwrap().operations() {
            let path = operation.path.replace(['{', '}'], "");
            let found = at(&operation.method, &path).unwrap();
            let is_found = [found.v2, found.v3].into_iter().flatten().any(|matched| {
                matched.operation.method == operation.method
                    && matched.operation.path.matches('{').count() == operation.path.matches('{').count()
            });
            assert!(is_found, "{} {}", operation.method, operation.path);
        }
    }
}
