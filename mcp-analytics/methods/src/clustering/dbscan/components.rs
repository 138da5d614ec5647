//! Which places hang together: a union-find that several threads write at once.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::convert::index;

/// Sets of places. A set is known by its lowest place, so the end does not depend on the order of the unions.
///
/// Relaxed order is enough: a parent only ever changes to a lower place of the same set.
pub(super) struct Components {
    parents: Vec<AtomicU32>,
}

impl Components {
    /// Each place by itself.
    pub(super) fn of_singles(places: usize) -> Self {
        let parents = (0..places).map(|place| AtomicU32::new(u32::try_from(place).unwrap_or(u32::MAX))).collect();
        Self { parents }
    }

    /// The lowest place of the set.
    pub(super) fn root(&self, place: u32) -> u32 {
        let mut place = place;
        loop {
            let parent = self.parent(place);
            if parent == place {
                return place;
            }
            let grandparent = self.parent(parent);
            if grandparent != parent
                && let Some(slot) = self.parents.get(index(place))
            {
                // Halves the path for whoever comes next; if another thread was faster, that is as good.
                let _ = slot.compare_exchange_weak(parent, grandparent, Ordering::Relaxed, Ordering::Relaxed);
            }
            place = parent;
        }
    }

    /// Unites the sets of two places; whether they were apart.
    pub(super) fn unite(&self, one: u32, other: u32) -> bool {
        loop {
            let [one, other] = [self.root(one), self.root(other)];
            if one == other {
                return false;
            }
            let [low, high] = [one.min(other), one.max(other)];
            let Some(slot) = self.parents.get(index(high)) else { return false };
            // Fails if another thread gave the root a parent meanwhile.
            if slot.compare_exchange(high, low, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return true;
            }
        }
    }

    fn parent(&self, place: u32) -> u32 {
        self.parents.get(index(place)).map_or(place, |parent| parent.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    #[test]
    fn unions_from_many_threads_make_the_same_sets() {
        let components = Components::of_singles(9_000);
        (0..8_997_u32).into_par_iter().for_each(|place| {
            components.unite(place + 3, place);
        });
        assert!((0..9_000).all(|place| components.root(place) == place % 3));
    }
}
