//! The values that jq works on: those of jaq, paid for step by step and bounded in depth.

mod arithmetic;
mod convert;
mod made;
mod search;
mod standard;
mod update;

use std::cmp::Ordering;
use std::fmt;

use jaq_core::ValT as JaqValue;
use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::data::JustLut;
use jaq_core::path::Opt;
use jaq_core::val::Range;
use jaq_core::{Error, ValR, ValX};
use jaq_json::{Num, Rc, Val};
use jaq_std::ValT as _;

use super::DEPTH_MAX;
use super::meter::{Limit, end, spend, steps_of_bytes};

pub(super) use search::{find, indices};

/// The values that expressions work on.
pub(super) type Data = JustLut<Metered>;

/// A value of jaq whose every use costs steps.
///
/// Whatever loops in jq copies, compares, indexes or makes values, and each of these spends.
#[derive(Debug)]
pub(super) struct Metered {
    pub(super) value: Val,
    /// How deep it is nested at most; parts inherit it less one.
    depth: usize,
    /// How many steps down from where it was made it was taken out: going through the parts of parts costs as much more.
    level: usize,
}

impl Metered {
    /// A value that may be nested so deep, and not deeper.
    fn of(value: Val, depth: usize) -> Self {
        match value {
            Val::Arr(_) | Val::Obj(_) => Self { value, depth, level: 0 },
            Val::Null | Val::Bool(_) | Val::Num(_) | Val::BStr(_) | Val::TStr(_) => Self { value, depth: 0, level: 0 },
        }
    }

    /// A container of values that are nested so deep at most.
    fn around(value: Val, depth_of_parts: usize) -> Self {
        if depth_of_parts >= DEPTH_MAX {
            end(Limit::Depth);
        }
        Self::of(value, depth_of_parts + 1)
    }

    /// Something that is nested no deeper than this.
    pub(super) fn like(&self, value: Val) -> Self {
        Self::of(value, self.depth)
    }

    fn part(&self, value: Val) -> Self {
        Self::of(value, self.depth.saturating_sub(1))
    }

    /// How many parts it has.
    fn len(&self) -> usize {
        match &self.value {
            Val::Arr(items) => items.len(),
            Val::Obj(fields) => fields.len(),
            Val::BStr(text) | Val::TStr(text) => text.len() / 32,
            Val::Null | Val::Bool(_) | Val::Num(_) => 0,
        }
    }

    /// Pays for a copy of its first level, if somebody else has a share in it.
    fn pay_to_own(&self) {
        let is_shared = match &self.value {
            Val::Arr(items) => Rc::strong_count(items) > 1,
            Val::Obj(fields) => Rc::strong_count(fields) > 1,
            Val::Null | Val::Bool(_) | Val::Num(_) | Val::BStr(_) | Val::TStr(_) => false,
        };
        if is_shared {
            spend(1 + self.len());
        }
    }
}

/// Pays for a walk through all of it. Parts that are shared are paid for as often as they are met.
pub(super) fn weigh(value: &Val) {
    match value {
        Val::Null | Val::Bool(_) | Val::Num(_) => spend(1),
        Val::BStr(text) | Val::TStr(text) => spend(steps_of_bytes(text.len())),
        Val::Arr(items) => {
            spend(1);
            items.iter().for_each(weigh);
        }
        Val::Obj(fields) => {
            spend(1);
            for (key, value) in fields.iter() {
                weigh(key);
                weigh(value);
            }
        }
    }
}

impl Clone for Metered {
    fn clone(&self) -> Self {
        spend(1);
        Self { value: self.value.clone(), depth: self.depth, level: self.level }
    }
}

impl PartialEq for Metered {
    fn eq(&self, other: &Self) -> bool {
        weigh(&self.value);
        weigh(&other.value);
        self.value == other.value
    }
}

impl Eq for Metered {}

impl PartialOrd for Metered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Metered {
    fn cmp(&self, other: &Self) -> Ordering {
        weigh(&self.value);
        weigh(&other.value);
        self.value.cmp(&other.value)
    }
}

/// Short, for messages: values from outside can be long and private.
impl fmt::Display for Metered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const TEXT_CHARS_MAX: usize = 24;
        match &self.value {
            Val::Null => formatter.write_str("null"),
            Val::Bool(truth) => write!(formatter, "{truth}"),
            Val::Num(_) => write!(formatter, "{}", self.value),
            Val::BStr(text) | Val::TStr(text) => {
                let text = String::from_utf8_lossy(text);
                let shown: String = text.chars().take(TEXT_CHARS_MAX).collect();
                let ellipsis = if shown.len() < text.len() { "…" } else { "" };
                write!(formatter, "{:?}", format!("{shown}{ellipsis}"))
            }
            Val::Arr(items) => write!(formatter, "a list of {}", items.len()),
            Val::Obj(fields) => write!(formatter, "an object of {}", fields.len()),
        }
    }
}

impl JaqValue for Metered {
    fn from_num(digits: &str) -> ValR<Self> {
        spend(steps_of_bytes(digits.len()));
        Ok(arithmetic::number(Num::from_dec_str(digits)))
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(entries: I) -> ValR<Self> {
        let mut deepest = 0;
        let mut fields = jaq_json::Map::default();
        for (key, value) in entries {
            spend(1);
            if !key.is_utf8_str() {
                return Err(Error::str(format_args!("keys are texts, and {key} is none")));
            }
            deepest = deepest.max(value.depth);
            fields.insert(key.value, value.value);
        }
        Ok(Self::around(Val::obj(fields), deepest))
    }

    fn key_values(self) -> BoxIter<'static, ValR<(Self, Self), Self>> {
        spend(1 + self.len() + self.level);
        let (depth, level) = (self.depth.saturating_sub(1), self.level + 1);
        match self.value {
            value @ (Val::Arr(_) | Val::Obj(_)) => Box::new(value.key_values().map(move |entry| match entry {
                Ok((key, value)) => Ok((Self::of(key, 0), Self { level, ..Self::of(value, depth) })),
                Err(_) => Err(Error::str("cannot be gone through")),
            })),
            value => box_once(Err(Error::typ(Self::of(value, 0), "a list or an object"))),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR<Self>>> {
        Box::new(self.key_values().map(|entry| entry.map(|(_, value)| value)))
    }

    fn index(self, index: &Self) -> ValR<Self> {
        spend(1);
        let found = match (&self.value, &index.value) {
            (Val::Null, Val::Null | Val::Num(_) | Val::TStr(_) | Val::Obj(_)) => Val::Null,
            (Val::Obj(fields), Val::TStr(_)) => fields.get(&index.value).cloned().unwrap_or_default(),
            (Val::Arr(items), Val::Num(number)) => {
                arithmetic::place(number, items.len()).and_then(|place| items.get(place).cloned()).unwrap_or_default()
            }
            (Val::Arr(_) | Val::TStr(_), Val::Obj(range)) => {
                let bound =
                    |name: &str| range.get(&Val::from(name.to_owned())).cloned().map(|bound| Self::of(bound, 0));
                let (start, end) = (bound("start"), bound("end"));
                return self.range(start.as_ref()..end.as_ref());
            }
            (Val::Arr(_), Val::Arr(_)) => return search::indices(&self, index),
            _ => return Err(Error::index(self, index.clone())),
        };
        Ok(self.part(found))
    }

    fn range(self, range: Range<&Self>) -> ValR<Self> {
        spend(1 + self.len());
        for bound in [range.start, range.end].into_iter().flatten() {
            if !matches!(bound.value, Val::Null | Val::Num(_)) {
                return Err(Error::typ(bound.clone(), "a number"));
            }
        }
        let (start, end) = (range.start.map(arithmetic::floored), range.end.map(arithmetic::floored));
        match &self.value {
            Val::Null => Ok(self),
            Val::Arr(_) | Val::TStr(_) => {
                let cut = self.value.clone().range(start.as_ref()..end.as_ref());
                cut.map(|cut| Self::of(cut, self.depth)).map_err(|_| Error::str("cannot be cut there"))
            }
            _ => Err(Error::typ(self, "a list or a text")),
        }
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(self, opt: Opt, f: impl Fn(Self) -> I) -> ValX<'a, Self> {
        update::values(self, opt, f)
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        index: &Self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        update::index(self, index, opt, f)
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        range: Range<&Self>,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        update::range(self, range, opt, f)
    }

    fn as_bool(&self) -> bool {
        self.value.as_bool()
    }

    fn into_string(self) -> Self {
        match self.value {
            Val::TStr(_) => self,
            value => Self::from(convert::json_text(&value)),
        }
    }
}
