//! The vendor's ways of paging behind the one cursor.

use common::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalogue::{Mark, Operation, Paging, Position, Shape};
use crate::cursor::not_ours;

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    /// Behind so many records.
    Behind(usize),
    /// With this number.
    Number(u32),
    /// At what the last page gave for the next, mark by mark.
    Marks(Vec<Value>),
}

/// Names under which answers say how many records there are in all.
const TOTALS: [&str; 4] = ["total", "totalCount", "count", "totalRecords"];

/// Names under which answers say whether there is more.
const SIGNS: [&str; 3] = ["nextPage", "hasMore", "hasNextPage"];

/// Whether a name says where a page begins: the cursor's business.
pub(super) fn is_position(paging: &Paging, name: &str) -> bool {
    match &paging.position {
        Position::Records(own) | Position::Number { name: own, .. } => own == name,
        Position::After(marks) => marks.iter().any(|mark| mark.name == name),
    }
}

/// What asks for the first page under a name that says where a page begins.
pub(super) fn first(operation: &Operation, name: &str, shape: &Shape) -> Option<Value> {
    let paging = operation.paging.as_ref().filter(|paging| is_position(paging, name))?;
    let number = match &paging.position {
        Position::Number { first, .. } => *first,
        Position::Records(_) | Position::After(_) => 0,
    };
    let is_mark = matches!(paging.position, Position::After(_));
    Some(match shape.resolved() {
        Shape::List(_) => Value::Array(Vec::new()),
        Shape::Text(_) if is_mark => Value::from(""),
        Shape::Text(_) => Value::from(number.to_string()),
        _ => Value::from(number),
    })
}

/// Arguments that continue where a cursor says.
///
/// # Errors
/// `invalid_argument` if the operation has no pages, or the cursor is one of another way of paging.
pub(crate) fn resume(operation: &Operation, page: Page, into: &mut Map<String, Value>) -> Result<()> {
    let Some(paging) = &operation.paging else {
        let expected = "nothing: the operation answers all at once";
        return Err(Error::invalid_argument("cursor", "was given to an operation without pages", expected, None));
    };
    match (&paging.position, page) {
        (Position::Records(name), Page::Behind(count)) => {
            into.insert(name.to_string(), Value::from(count));
        }
        (Position::Number { name, .. }, Page::Number(number)) => {
            into.insert(name.to_string(), Value::from(number));
        }
        (Position::After(marks), Page::Marks(values)) if marks.len() == values.len() => {
            into.extend(marks.iter().zip(values).map(|(mark, value)| (mark.name.to_string(), value)));
        }
        _ => return Err(not_ours()),
    }
    Ok(())
}

/// Where the next page begins, if there is one. `arguments` are those of this page.
pub(crate) fn next(operation: &Operation, arguments: &Map<String, Value>, answer: &Value) -> Option<Page> {
    let paging = operation.paging.as_ref()?;
    let received = records(answer).map_or(0, Vec::len);
    let is_last = received == 0
        || says_last(answer)
        || paging.size.as_deref().and_then(|name| count(arguments.get(name)?)).is_some_and(|size| received < size);
    if is_last {
        return None;
    }
    match &paging.position {
        Position::Records(name) => {
            let skipped = arguments.get(&**name).and_then(count).unwrap_or(0);
            let behind = skipped.saturating_add(received);
            total(answer).is_none_or(|total| behind < total).then_some(Page::Behind(behind))
        }
        Position::Number { name, first } => {
            let first = usize::from(*first);
            let number = arguments.get(&**name).and_then(count).unwrap_or(first);
            let is_all = total(answer).is_some_and(|total| number == first && received >= total);
            let number = u32::try_from(number.saturating_add(1)).ok()?;
            (!is_all).then_some(Page::Number(number))
        }
        Position::After(marks) => {
            let values: Option<Vec<Value>> = marks.iter().map(|mark| at(answer, mark)).collect();
            let is_all = !marks.iter().any(|mark| arguments.contains_key(&*mark.name))
                && total(answer).is_some_and(|total| received >= total);
            values.filter(|_| !is_all).map(Page::Marks)
        }
    }
}

/// Whether the answer says itself that there is no more.
fn says_last(answer: &Value) -> bool {
    let says = |value: &Value| SIGNS.iter().any(|name| value.get(name) == Some(&Value::Bool(false)));
    says(answer) || answer.as_object().is_some_and(|fields| fields.values().any(says))
}

/// The value that asks for the next page, as the answer has it.
fn at(answer: &Value, mark: &Mark) -> Option<Value> {
    let found = mark.source.split('.').try_fold(answer, |here, step| match (here, step) {
        (Value::Array(items), "-1") => items.last(),
        (Value::Array(items), step) => items.get(step.parse::<usize>().ok()?),
        (here, step) => here.get(step),
    })?;
    let says_nothing = match found {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    (!says_nothing).then(|| found.clone())
}

/// The list that an answer is about: itself, or the longest in it or in one of its objects.
fn records(answer: &Value) -> Option<&Vec<Value>> {
    match answer {
        Value::Array(items) => Some(items),
        Value::Object(fields) => {
            let lists = fields.values().filter_map(|value| match value {
                Value::Array(items) => Some(items),
                Value::Object(inner) => inner.values().filter_map(Value::as_array).max_by_key(|items| items.len()),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
            });
            lists.max_by_key(|items| items.len())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn total(answer: &Value) -> Option<usize> {
    let said = |value: &Value| TOTALS.iter().find_map(|name| count(value.get(name)?));
    said(answer).or_else(|| answer.get("meta").and_then(said))
}

/// A number, or a text that spells one.
fn count(value: &Value) -> Option<usize> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
