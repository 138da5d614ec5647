//! Whether a record is still as a change left it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;

use super::{Check, Effect, Field, Reversal};

/// How a record stands to a reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// As the change left it.
    Holds,
    /// As it was before the change: nothing is left to do.
    Back,
    /// Somebody has changed these fields since.
    Changed(Vec<String>),
    /// The request would hit another record: what it is found by is another's, or no longer its own.
    Elsewhere(Vec<String>),
    /// There is no such record any more.
    Gone,
}

/// Less than half a cent is no difference.
const SAME_NUMBER: f64 = 0.005;

impl Reversal {
    /// How the record stands, as it was just read; `None` if the vendor knows it no longer.
    #[must_use]
    pub fn standing(&self, check: &Check, answer: Option<&Value>) -> Standing {
        let is_deletion = self.effect == Effect::Deletes;
        let Some(answer) = answer else {
            return if self.request.method == "DELETE" { Standing::Back } else { Standing::Gone };
        };
        let is = |field: &Field, value: &Value| is_same(&found(answer, &field.at), value);
        let names = |fields: Vec<&Field>| fields.into_iter().map(|field| field.name.clone()).collect();
        let (binding, written): (Vec<&Field>, Vec<&Field>) = check.fields.iter().partition(|field| field.is_binding);
        let other: Vec<&Field> = binding.into_iter().filter(|field| !is(field, &field.written)).collect();
        if !other.is_empty() {
            return Standing::Elsewhere(names(other));
        }
        if !is_deletion && !written.is_empty() && written.iter().all(|field| is(field, &field.before)) {
            return Standing::Back;
        }
        let is_kept = |field: &&Field| is(field, &field.written) || (!is_deletion && is(field, &field.before));
        let changed: Vec<&Field> = written.into_iter().filter(|field| !is_kept(field)).collect();
        if changed.is_empty() { Standing::Holds } else { Standing::Changed(names(changed)) }
    }
}

impl Check {
    /// The fields that are not as they were before, by a record that was read after the reversal.
    #[must_use]
    pub fn left(&self, answer: &Value) -> Vec<String> {
        let is_back = |field: &&Field| is_same(&found(answer, &field.at), &field.before);
        self.fields.iter().filter(|field| !is_back(field)).map(|field| field.name.clone()).collect()
    }
}

/// What stands at a place; null where there is nothing.
fn found(answer: &Value, at: &str) -> Value {
    let mut here = answer;
    for step in at.split('/').filter(|step| !step.is_empty()) {
        let next = step.split('|').find_map(|name| match (here, name.split_once('=')) {
            (Value::Array(items), Some((key, value))) => {
                items.iter().find(|item| item.get(key).and_then(Value::as_str) == Some(value))
            }
            _ => here.get(name),
        });
        let Some(next) = next else { return Value::Null };
        here = next;
    }
    here.clone()
}

/// Whether two values mean the same: the vendor writes an absent value in several ways, instants in any form, and lists
/// in any order.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        _ if is_nothing(one) || is_nothing(other) => is_nothing(one) && is_nothing(other),
        (Value::String(one), Value::String(other)) => one == other || is_same_instant(one, other),
        (Value::Array(one), Value::Array(other)) => {
            let holds = |all: &[Value], item: &Value| all.iter().any(|each| is_same(each, item));
            one.len() == other.len()
                && one.iter().all(|item| holds(other, item))
                && other.iter().all(|item| holds(one, item))
        }
        (Value::Bool(one), Value::Bool(other)) => one == other,
        _ => match (number(one), number(other)) {
            (Some(one), Some(other)) => (one - other).abs() < SAME_NUMBER,
            _ => one == other,
        },
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// A time without an offset is on the same clock as the other one.
fn is_same_instant(one: &str, other: &str) -> bool {
    let instant = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_second);
    let wall = |text: &str| text.parse::<DateTime>().ok().filter(|_| text.contains(':'));
    match (instant(one), instant(other)) {
        (Some(one), Some(other)) => one == other,
        _ => wall(one).is_some_and(|one| Some(one) == wall(other)),
    }
}

/// Numbers come as text where a field holds either.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Request;
    use super::*;

    fn renaming() -> (Reversal, Check) {
        let check = Check::of(Request::get("/contacts/c1".to_owned()))
            .bound("email", "/contact/email", "ann@example.com")
            .field("first_name", "/contact/firstName", "Ann", "Anna")
            .field("budget", "/contact/customFields/id=f1/value|fieldValue", json!(null), 7);
        (Reversal::new("", Request::put("/contacts/c1".to_owned(), json!({}))), check)
    }

    fn contact(email: &str, first_name: &str, budget: &Value) -> Value {
        let fields = json!([{"id": "f0", "value": "x"}, {"id": "f1", "fieldValue": budget}]);
        json!({"contact": {"email": email, "firstName": first_name, "customFields": fields}})
    }

    #[test]
    fn what_somebody_changed_since_is_named() {
        let (reversal, check) = renaming();
        let ann = "ann@example.com";
        for (answer, expected) in [
            (contact(ann, "Anna", &json!("7")), Standing::Holds),
            (contact(ann, "Ann", &json!(7)), Standing::Holds),
            (contact(ann, "Ann", &json!("")), Standing::Back),
            (contact(ann, "Annette", &json!(7)), Standing::Changed(vec!["first_name".to_owned()])),
            (contact(ann, "Annette", &json!(8)), Standing::Changed(vec!["first_name".to_owned(), "budget".to_owned()])),
            (contact("bob@example.com", "Anna", &json!(7)), Standing::Elsewhere(vec!["email".to_owned()])),
        ] {
            assert_eq!(reversal.standing(&check, Some(&answer)), expected, "{answer}");
        }
        assert_eq!(reversal.standing(&check, None), Standing::Gone);
        assert_eq!(check.left(&contact(ann, "Ann", &json!(7))), ["budget"]);
    }

    #[test]
    fn what_was_created_and_is_gone_is_back() {
        let check = Check::of(Request::get("/n".to_owned())).field("text", "/note/body", json!(null), "Hi");
        let reversal = Reversal::deleting("", "/n".to_owned());
        assert_eq!(reversal.standing(&check, None), Standing::Back);
        assert_eq!(reversal.standing(&check, Some(&json!({"note": {"body": "Hi"}}))), Standing::Holds);
        let emptied = Standing::Changed(vec!["text".to_owned()]);
        assert_eq!(reversal.standing(&check, Some(&json!({"note": {"body": ""}}))), emptied);
    }

    #[test]
    fn the_same_value_is_written_in_many_ways() {
        for (one, other) in [
            (json!(null), json!("")),
            (json!([]), json!(null)),
            (json!("2026-11-20T10:00:00Z"), json!("2026-11-20T11:00:00.000+01:00")),
            (json!("2026-11-24T15:00:00-05:00"), json!("2026-11-24 15:00:00")),
            (json!(7), json!("7.0")),
            (json!(["a", "b"]), json!(["b", "a"])),
        ] {
            assert!(is_same(&one, &other), "{one} and {other}");
        }
        for (one, other) in [(json!(0), json!(null)), (json!(["a", "a"]), json!(["a", "b"])), (json!("7"), json!("8"))]
        {
            assert!(!is_same(&one, &other), "{one} and {other}");
        }
    }
}
