//! The native functions that are ours: those of jaq's that would work on unmetered values.

use jaq_core::native::{Fun, bome, run, unary, v};
use jaq_core::{Bind, Error, ValR};
use jaq_json::Val;
use jaq_std::ValT as _;

use super::meter::{spend, steps_of_bytes};
use super::value::{Data, Metered, find, indices, weigh};

/// Characters of a regular expression.
const REGULAR_EXPRESSION_CHARS_MAX: usize = 256;
/// What the numbers in the braces of a regular expression, multiplied, may come to.
const REPETITIONS_MAX: usize = 256;

pub(super) fn all() -> impl Iterator<Item = Fun<Data>> {
    [
        run(("fromjson", v(0), |cv| bome(from_json(&cv.1)))),
        run(("tojson", v(0), |cv| bome(Ok(to_text(&cv.1))))),
        run(("length", v(0), |cv| bome(length(&cv.1)))),
        run(("contains", v(1), |cv| {
            unary(cv, |whole: Metered, part: Metered| Ok(Metered::from(contains(&whole.value, &part.value))))
        })),
        run(("has", v(1), |cv| unary(cv, |whole: Metered, key: Metered| has(&whole, &key)))),
        run(("indices", v(1), |cv| unary(cv, |whole: Metered, part: Metered| indices(&whole, &part)))),
        run(("flatten", v(1), |cv| unary(cv, |list: Metered, levels: Metered| flatten(&list, &levels)))),
        run(("weighed", [Bind::Var(()), Bind::Var(())].into(), |mut cv| {
            let flags = cv.0.pop_var();
            let expression = cv.0.pop_var();
            bome(weighed(cv.1, &expression, &flags))
        })),
    ]
    .into_iter()
}

/// A list with the lists in it replaced by their items, so many levels down.
fn flatten(list: &Metered, levels: &Metered) -> ValR<Metered> {
    fn into(items: &[Val], levels: f64, flat: &mut Vec<Val>) {
        for item in items {
            spend(1);
            match item {
                Val::Arr(inner) if levels > 0.0 => into(inner, levels - 1.0, flat),
                item => flat.push(item.clone()),
            }
        }
    }
    let Val::Arr(items) = &list.value else { return Err(Error::typ(list.clone(), "a list")) };
    let levels = levels.as_f64().ok_or_else(|| Error::typ(levels.clone(), "a number"))?;
    let mut flat = Vec::new();
    into(items, levels, &mut flat);
    Ok(list.like(Val::Arr(flat.into())))
}

fn from_json(text: &Metered) -> ValR<Metered> {
    let bytes = text.try_as_utf8_bytes()?;
    match serde_json::from_slice(bytes) {
        Ok(json) => Ok(Metered::of_json(&json)),
        Err(error) => Err(Error::str(format_args!("{text} is not JSON (column {})", error.column()))),
    }
}

fn to_text(value: &Metered) -> Metered {
    Metered::from(value.to_json().to_string())
}

fn length(value: &Metered) -> ValR<Metered> {
    match &value.value {
        Val::Null => Ok(Metered::from(0_isize)),
        Val::Bool(_) => Err(Error::str(format_args!("{value} has no length"))),
        Val::Num(_) if value.clone() < Metered::from(0_isize) => -value.clone(),
        Val::Num(_) => Ok(value.clone()),
        Val::BStr(text) | Val::TStr(text) => {
            spend(steps_of_bytes(text.len()));
            Ok(Metered::from(String::from_utf8_lossy(text).chars().count()))
        }
        Val::Arr(items) => Ok(Metered::from(items.len())),
        Val::Obj(fields) => Ok(Metered::from(fields.len())),
    }
}

fn contains(whole: &Val, part: &Val) -> bool {
    spend(1);
    match (whole, part) {
        (Val::TStr(whole), Val::TStr(part)) => find(whole, part, 0).is_some(),
        (Val::Arr(whole), Val::Arr(part)) => part.iter().all(|part| whole.iter().any(|whole| contains(whole, part))),
        (Val::Obj(whole), Val::Obj(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part)))
        }
        _ => {
            weigh(whole);
            weigh(part);
            whole == part
        }
    }
}

fn has(whole: &Metered, key: &Metered) -> ValR<Metered> {
    match (&whole.value, &key.value) {
        (Val::Obj(fields), Val::TStr(_)) => Ok(Metered::from(fields.contains_key(&key.value))),
        (Val::Arr(items), Val::Num(_)) => {
            let place = key.as_isize().and_then(|place| usize::try_from(place).ok());
            Ok(Metered::from(place.is_some_and(|place| place < items.len())))
        }
        _ => Err(Error::index(whole.clone(), key.clone())),
    }
}

/// The text itself, once a search with this regular expression is paid for.
fn weighed(text: Metered, expression: &Metered, flags: &Metered) -> ValR<Metered> {
    let searched = text.try_as_utf8_bytes()?.len();
    let (Some(pattern), Some(_)) = (expression.as_utf8_bytes(), flags.as_utf8_bytes()) else {
        return Err(Error::str("a regular expression and its flags are texts"));
    };
    let pattern = String::from_utf8_lossy(pattern);
    if pattern.len() > REGULAR_EXPRESSION_CHARS_MAX {
        return Err(Error::str(format_args!(
            "a regular expression has {REGULAR_EXPRESSION_CHARS_MAX} characters at most"
        )));
    }
    let repetitions = repetitions(&pattern);
    if repetitions > REPETITIONS_MAX {
        return Err(Error::str(format_args!(
            "the repetitions of a regular expression come to {REPETITIONS_MAX} at most"
        )));
    }
    // Measured: a state and a byte take some nanoseconds, a step some ten.
    spend(1 + (pattern.len() * repetitions).saturating_mul(searched + 64) / 8);
    Ok(text)
}

/// The numbers in its braces, multiplied: how far it can grow when it is compiled.
fn repetitions(pattern: &str) -> usize {
    let mut product: usize = 1;
    for braces in pattern.split('{').skip(1) {
        let inside = braces.split('}').next().unwrap_or_default();
        let largest = inside.split(',').filter_map(|number| number.trim().parse::<usize>().ok()).max();
        product = product.saturating_mul(largest.unwrap_or(1).max(1));
    }
    product
}
