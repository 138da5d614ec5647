//! Which names shapes use, and how often.

use std::collections::{BTreeMap, BTreeSet};

use super::shape::{Named, Shape};

/// Every named shape that is reached from these, each once, in the order of meeting them.
pub(super) fn definitions<'s>(roots: impl IntoIterator<Item = &'s Shape>) -> Vec<&'s Named> {
    let mut found: Vec<&Named> = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&Shape> = roots.into_iter().collect();
    open.reverse();
    while let Some(shape) = open.pop() {
        match shape {
            Shape::Named(named) => {
                if known.insert(named.name()) {
                    found.push(named);
                    open.push(named.shape());
                }
            }
            other => open.extend(other.parts().rev()),
        }
    }
    found
}

/// How a name is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Use {
    /// How often it stands somewhere, in other names' meanings too.
    pub(super) times: usize,
    /// Whether it is met in its own meaning.
    pub(super) is_recursive: bool,
}

/// How every name is used that is reached from these.
pub(super) fn uses(roots: &[&Shape]) -> BTreeMap<String, Use> {
    let names = definitions(roots.iter().copied());
    let mut uses = BTreeMap::<String, Use>::new();
    for named in roots.iter().copied().chain(names.iter().map(|named| named.shape())).flat_map(names_in) {
        uses.entry(named.name().to_owned()).or_default().times += 1;
    }
    for named in names {
        let is_recursive = definitions([named.shape()]).contains(&named);
        uses.entry(named.name().to_owned()).or_default().is_recursive = is_recursive;
    }
    uses
}

/// The names in a shape, each time that it stands there; not those in what they mean.
fn names_in(shape: &Shape) -> Vec<&Named> {
    let (mut found, mut open) = (Vec::new(), vec![shape]);
    while let Some(shape) = open.pop() {
        match shape {
            Shape::Named(named) => found.push(&**named),
            other => open.extend(other.parts()),
        }
    }
    found
}
