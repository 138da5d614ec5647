//! `.[] |= f`, `.key |= f`, `.[2:4] |= f` on metered values.

use jaq_core::path::Opt;
use jaq_core::val::Range;
use jaq_core::{Error, Exn, ValX};
use jaq_json::{Map, Rc, Val};

use super::{Metered, arithmetic};
use crate::workflow::expression::meter::spend;

pub(super) fn values<'a, I: Iterator<Item = ValX<'a, Metered>>>(
    whole: Metered,
    opt: Opt,
    f: impl Fn(Metered) -> I,
) -> ValX<'a, Metered> {
    spend(1 + whole.len());
    let depth = whole.depth.saturating_sub(1);
    let mut deepest = 0;
    match whole.value {
        Val::Arr(items) => {
            let mut updated = Vec::with_capacity(items.len());
            for item in items.iter() {
                for value in f(Metered::of(item.clone(), depth)) {
                    let value = value?;
                    spend(1);
                    deepest = deepest.max(value.depth);
                    updated.push(value.value);
                }
            }
            Ok(Metered::around(Val::Arr(Rc::new(updated)), deepest))
        }
        Val::Obj(fields) => {
            let mut updated = Map::default();
            for (key, field) in fields.iter() {
                if let Some(value) = f(Metered::of(field.clone(), depth)).next() {
                    let value = value?;
                    deepest = deepest.max(value.depth);
                    updated.insert(key.clone(), value.value);
                }
            }
            Ok(Metered::around(Val::obj(updated), deepest))
        }
        value => opt.fail(Metered::of(value, 0), |value| Exn::from(Error::typ(value, "a list or an object"))),
    }
}

pub(super) fn index<'a, I: Iterator<Item = ValX<'a, Metered>>>(
    mut whole: Metered,
    index: &Metered,
    opt: Opt,
    f: impl Fn(Metered) -> I,
) -> ValX<'a, Metered> {
    whole.pay_to_own();
    let depth = whole.depth.saturating_sub(1);
    let updated =
        |value: Val| -> ValX<'a, Option<Metered>, Metered> { f(Metered::of(value, depth)).next().transpose() };
    if matches!(whole.value, Val::Null) {
        match index.value {
            Val::TStr(_) => whole = Metered::of(Val::obj(Map::default()), 1),
            Val::Num(_) => whole = Metered::of(Val::Arr(Rc::new(Vec::new())), 1),
            _ => {}
        }
    }
    match (&mut whole.value, &index.value) {
        (Val::Obj(fields), Val::TStr(_)) => {
            let value = updated(fields.get(&index.value).cloned().unwrap_or_default())?;
            let deeper = value.as_ref().map_or(0, deeper);
            put_field(Rc::make_mut(fields), &index.value, value);
            Ok(Metered { depth: whole.depth.max(deeper), ..whole })
        }
        (Val::Arr(items), Val::Num(number)) => {
            let Some(place) = arithmetic::place(number, items.len()) else {
                return opt.fail(whole, |_| Exn::from(Error::str(format_args!("there is no place {index}"))));
            };
            let value = updated(items.get(place).cloned().unwrap_or_default())?;
            let deeper = value.as_ref().map_or(0, deeper);
            put_item(Rc::make_mut(items), place, value);
            Ok(Metered { depth: whole.depth.max(deeper), ..whole })
        }
        (Val::Arr(_) | Val::TStr(_), Val::Obj(bounds)) => {
            let bound =
                |name: &str| bounds.get(&Val::from(name.to_owned())).cloned().map(|bound| Metered::of(bound, 0));
            let (start, end) = (bound("start"), bound("end"));
            range(whole, start.as_ref()..end.as_ref(), opt, f)
        }
        _ => opt.fail(whole, |whole| Exn::from(Error::index(whole, index.clone()))),
    }
}

/// Sets a field, or takes it away.
fn put_field(fields: &mut Map, name: &Val, value: Option<Metered>) {
    if let Some(value) = value {
        spend(1);
        fields.insert(name.clone(), value.value);
    } else {
        spend(1 + fields.len());
        fields.shift_remove(name);
    }
}

/// Sets an item, with null up to there if the list is shorter; or takes it away.
fn put_item(items: &mut Vec<Val>, place: usize, value: Option<Metered>) {
    if let Some(value) = value {
        spend((1 + place).saturating_sub(items.len()).saturating_add(1));
        while items.len() <= place {
            items.push(Val::Null);
        }
        if let Some(slot) = items.get_mut(place) {
            *slot = value.value;
        }
    } else {
        spend(1 + items.len());
        if place < items.len() {
            items.remove(place);
        }
    }
}

/// How deep something is with this in it.
fn deeper(value: &Metered) -> usize {
    Metered::around(Val::Arr(Rc::default()), value.depth).depth
}

pub(super) fn range<'a, I: Iterator<Item = ValX<'a, Metered>>>(
    whole: Metered,
    range: Range<&Metered>,
    opt: Opt,
    f: impl Fn(Metered) -> I,
) -> ValX<'a, Metered> {
    let Val::Arr(items) = &whole.value else {
        return opt.fail(whole, |whole| Exn::from(Error::typ(whole, "a list")));
    };
    let len = items.len();
    spend(1 + len);
    let bound = |bound: Option<&Metered>, otherwise: usize| match bound.map(|bound| &bound.value) {
        None | Some(Val::Null) => Ok(otherwise),
        Some(Val::Num(number)) => Ok(arithmetic::place(number, len).unwrap_or(0).min(len)),
        Some(_) => Err(Exn::from(Error::str("a slice is bounded by numbers"))),
    };
    let (start, end) = (bound(range.start, 0)?, bound(range.end, len)?);
    let cut: Vec<Val> = items.iter().skip(start).take(end.saturating_sub(start)).cloned().collect();
    let Some(updated) = f(Metered::of(Val::Arr(Rc::new(cut)), whole.depth)).next().transpose()? else {
        return Ok(whole);
    };
    let Val::Arr(put) = &updated.value else { return Err(Exn::from(Error::typ(updated, "a list"))) };
    spend(1 + put.len());
    let rest = items.iter().skip(end.max(start));
    let all: Vec<Val> = items.iter().take(start).chain(put.iter()).chain(rest).cloned().collect();
    Ok(Metered::of(Val::Arr(Rc::new(all)), whole.depth.max(updated.depth)))
}
