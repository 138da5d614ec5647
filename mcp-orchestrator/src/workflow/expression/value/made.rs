//! How values come about: from plain ones of Rust, and from their parts.

use jaq_core::val::Range;
use jaq_json::{Num, Val};

use super::{Metered, arithmetic};
use crate::workflow::expression::meter::{spend, steps_of_bytes};

impl From<bool> for Metered {
    fn from(truth: bool) -> Self {
        spend(1);
        Self::of(Val::Bool(truth), 0)
    }
}

impl From<isize> for Metered {
    fn from(number: isize) -> Self {
        spend(1);
        Self::of(Val::from(number), 0)
    }
}

impl From<usize> for Metered {
    fn from(number: usize) -> Self {
        spend(1);
        arithmetic::number(Num::from_integral(number))
    }
}

impl From<f64> for Metered {
    fn from(number: f64) -> Self {
        spend(1);
        Self::of(Val::from(number), 0)
    }
}

impl From<String> for Metered {
    fn from(text: String) -> Self {
        spend(steps_of_bytes(text.len()));
        Self::of(Val::from(text), 0)
    }
}

impl From<Range<Self>> for Metered {
    fn from(range: Range<Self>) -> Self {
        let bounds = [("start", range.start), ("end", range.end)];
        let bounds = bounds.into_iter().filter_map(|(name, bound)| Some((Val::from(name.to_owned()), bound?.value)));
        Self::around(Val::obj(bounds.collect()), 0)
    }
}

impl FromIterator<Self> for Metered {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        let mut deepest = 0;
        let items = items.into_iter().map(|item| {
            spend(1);
            deepest = deepest.max(item.depth);
            item.value
        });
        let value = items.collect();
        Self::around(value, deepest)
    }
}
