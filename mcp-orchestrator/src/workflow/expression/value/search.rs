//! Where something begins in a text or a list.

use jaq_core::{Error, ValR};
use jaq_json::Val;

use super::{Metered, weigh};
use crate::workflow::expression::meter::{spend, steps_of_bytes};

/// Where a part begins: in a text (counted in characters), or in a list, as an item or as a run of items.
pub(in crate::workflow::expression) fn indices(whole: &Metered, part: &Metered) -> ValR<Metered> {
    let places: Vec<usize> = match (&whole.value, &part.value) {
        (Val::Null, _) => return Ok(whole.clone()),
        (Val::TStr(text), Val::TStr(part)) if !part.is_empty() => {
            let mut places = Vec::new();
            let (mut from, mut characters) = (0, 0);
            while let Some(found) = find(text, part, from) {
                characters += count(text.get(from..found));
                places.push(characters);
                let width = text
                    .get(found..)
                    .and_then(|rest| std::str::from_utf8(rest).ok()?.chars().next())
                    .map_or(1, char::len_utf8);
                from = found + width;
                characters += 1;
            }
            places
        }
        (Val::TStr(_), Val::TStr(_)) => Vec::new(),
        (Val::Arr(_), Val::Arr(part)) if part.is_empty() => Vec::new(),
        (Val::Arr(items), Val::Arr(run)) => {
            items.iter().for_each(weigh);
            spend(items.len().saturating_mul(run.len()));
            let windows = items.windows(run.len()).enumerate();
            windows.filter(|(_, window)| *window == run.as_slice()).map(|(place, _)| place).collect()
        }
        (Val::Arr(items), item) => {
            weigh(&whole.value);
            weigh(item);
            items.iter().enumerate().filter(|(_, other)| *other == item).map(|(place, _)| place).collect()
        }
        _ => return Err(Error::index(whole.clone(), part.clone())),
    };
    Ok(places.into_iter().map(Metered::from).collect())
}

fn count(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(0, |bytes| String::from_utf8_lossy(bytes).chars().count())
}

/// The first place of `part` in `text` from there on.
pub(in crate::workflow::expression) fn find(text: &[u8], part: &[u8], from: usize) -> Option<usize> {
    let rest = std::str::from_utf8(text.get(from..)?).ok()?;
    let found = rest.find(std::str::from_utf8(part).ok()?);
    spend(steps_of_bytes(found.unwrap_or(rest.len())));
    found.map(|found| from + found)
}
