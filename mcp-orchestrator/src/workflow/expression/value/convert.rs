//! From the JSON of a run to values of jq and back, without text in between.

use jaq_json::{Map, Num, Rc, Val};
use serde_json::{Number, Value};

use super::Metered;
use crate::workflow::expression::meter::{Limit, end, spend, steps_of_bytes};
use crate::workflow::expression::needs::Needed;
use crate::workflow::expression::{ANSWER_BYTES_MAX, DEPTH_MAX};

impl Metered {
    /// A value of a run.
    pub(in crate::workflow::expression) fn of_json(json: &Value) -> Self {
        let mut depth = 0;
        let value = inward(json, 0, &mut depth);
        Self::of(value, depth)
    }

    /// As much of a value of a run as is needed.
    pub(in crate::workflow::expression) fn of_needed(json: &Value, needed: &Needed) -> Self {
        let mut depth = 0;
        let value = inward_needed(json, needed, 0, &mut depth);
        Self::of(value, depth)
    }

    /// The answer of an expression.
    pub(in crate::workflow::expression) fn to_json(&self) -> Value {
        let mut left = ANSWER_BYTES_MAX;
        outward(&self.value, &mut left)
    }
}

/// As jq writes it: compact.
pub(super) fn json_text(value: &Val) -> String {
    let mut left = ANSWER_BYTES_MAX;
    let text = outward(value, &mut left).to_string();
    spend(steps_of_bytes(text.len()));
    text
}

fn inward_needed(json: &Value, needed: &Needed, level: usize, depth: &mut usize) -> Val {
    let (Value::Object(fields), Needed::Fields(names)) = (json, needed) else { return inward(json, level, depth) };
    *depth = (*depth).max(level + 1);
    let mut map = Map::default();
    map.reserve(names.len());
    for (name, needed) in names {
        if let Some(field) = fields.get(name) {
            spend(steps_of_bytes(name.len()));
            map.insert(Val::from(name.clone()), inward_needed(field, needed, level + 1, depth));
        }
    }
    Val::obj(map)
}

fn inward(json: &Value, level: usize, depth: &mut usize) -> Val {
    spend(1);
    if level > DEPTH_MAX {
        end(Limit::Depth);
    }
    match json {
        Value::Null => Val::Null,
        Value::Bool(truth) => Val::Bool(*truth),
        Value::Number(number) => Val::Num(inward_number(number)),
        Value::String(text) => {
            spend(steps_of_bytes(text.len()));
            Val::from(text.clone())
        }
        Value::Array(items) => {
            *depth = (*depth).max(level + 1);
            Val::Arr(Rc::new(items.iter().map(|item| inward(item, level + 1, depth)).collect()))
        }
        Value::Object(fields) => {
            *depth = (*depth).max(level + 1);
            let mut map = Map::default();
            map.reserve(fields.len());
            for (name, field) in fields {
                spend(steps_of_bytes(name.len()));
                map.insert(Val::from(name.clone()), inward(field, level + 1, depth));
            }
            Val::obj(map)
        }
    }
}

fn inward_number(number: &Number) -> Num {
    match number.as_i64().map(isize::try_from) {
        Some(Ok(whole)) => Num::Int(whole),
        _ => Num::Float(number.as_f64().unwrap_or(f64::NAN)),
    }
}

fn outward(value: &Val, left: &mut usize) -> Value {
    spend(1);
    let bytes = match value {
        Val::Null | Val::Bool(_) | Val::Num(_) => 5,
        Val::BStr(text) | Val::TStr(text) => 3 + text.len(),
        Val::Arr(_) | Val::Obj(_) => 3,
    };
    let Some(rest) = left.checked_sub(bytes) else { end(Limit::Answer) };
    *left = rest;
    match value {
        Val::Null => Value::Null,
        Val::Bool(truth) => Value::Bool(*truth),
        Val::Num(number) => outward_number(number),
        Val::BStr(text) | Val::TStr(text) => {
            spend(steps_of_bytes(text.len()));
            Value::String(String::from_utf8_lossy(text).into_owned())
        }
        Val::Arr(items) => Value::Array(items.iter().map(|item| outward(item, left)).collect()),
        Val::Obj(fields) => {
            let entries = fields.iter().map(|(key, field)| {
                let name = match outward(key, left) {
                    Value::String(name) => name,
                    other => other.to_string(),
                };
                (name, outward(field, left))
            });
            Value::Object(entries.collect())
        }
    }
}

/// Whole doubles are whole numbers (`4 / 2` is 2, as in jq); what JSON has no number for is null.
fn outward_number(number: &Num) -> Value {
    // Every whole number up to here is a double (IEEE 754, 2^53).
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    match number {
        Num::Int(whole) => Value::from(*whole),
        Num::Float(double) if double.fract() == 0.0 && double.abs() <= WHOLE_MAX => {
            #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "whole and within bounds")]
            let whole = *double as i64;
            Value::from(whole)
        }
        Num::Float(double) => Number::from_f64(*double).map_or(Value::Null, Value::Number),
        Num::BigInt(_) | Num::Dec(_) => Value::Null,
    }
}
