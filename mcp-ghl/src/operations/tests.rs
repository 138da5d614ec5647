//! Every operation of the catalogue with invented arguments, up to the request that would be sent.

use super::arguments::{About, asked, sort};
use super::request::{request, shown};
use super::*;
use crate::catalogue::{Catalogue, Field, Object, Place, Shape, Text};

const ABOUT: About<'_> = About { location_id: Some("loc1"), company_id: Some("com1") };

/// Deeper than any shape needs its required fields.
const DEPTH_MAX: usize = 12;

/// A value of a shape with as little in it as may be; `None` where only a pattern knows what fits.
fn sample(shape: &Shape, depth: usize) -> Option<Value> {
    if depth > DEPTH_MAX {
        return None;
    }
    Some(match shape.resolved() {
        Shape::Null => Value::Null,
        Shape::Flag => Value::Bool(true),
        Shape::Text(text) => sample_text(text)?,
        Shape::Number(bounds) | Shape::Integer(bounds) => {
            bounds.min.clone().or_else(|| bounds.max.clone()).map_or(Value::from(1), Value::Number)
        }
        Shape::OneOf(options) => options.first().map(check::literal)?,
        Shape::List(list) => {
            let count = list.items_min.unwrap_or(1);
            Value::Array((0..count).map(|_| sample(&list.item, depth + 1)).collect::<Option<_>>()?)
        }
        Shape::Object(object) => Value::Object(sample_fields(object, depth)?),
        Shape::Union(members) => members.iter().find_map(|member| sample(member, depth + 1))?,
        Shape::Any | Shape::Named(_) => Value::from("x"),
    })
}

fn sample_fields(object: &Object, depth: usize) -> Option<Map<String, Value>> {
    let required = object.fields.iter().filter(|field| field.is_required);
    required.map(|field| Some((field.name.to_string(), sample(&field.shape, depth + 1)?))).collect()
}

fn sample_text(text: &Text) -> Option<Value> {
    if check::is_file(text) {
        return Some(serde_json::json!({"name": "a.txt", "base64": "YQ=="}));
    }
    let least = usize::try_from(text.length_min.unwrap_or(1)).ok()?.max(1);
    let tries = [
        "2026-11-20T09:00:00Z",
        "2026-11-20",
        "09:00",
        "#aabbcc",
        "1",
        "a@b.de",
        "https://a.de",
        "+15551234567",
        "Europe/Berlin",
    ];
    let plain = "x".repeat(least);
    let fits = |candidate: &&str| {
        let pattern = text.pattern.as_deref();
        pattern.is_none_or(|pattern| common::tool::matches_pattern(pattern, candidate))
            && (text.format.as_deref() != Some("date-time") || candidate.contains('T'))
            && text.length_max.is_none_or(|max| u64::try_from(candidate.len()).is_ok_and(|length| length <= max))
            && candidate.len() >= least
    };
    std::iter::once(plain.as_str()).chain(tries).find(fits).map(Value::from)
}

fn arguments(fields: &[Field]) -> Option<Map<String, Value>> {
    let required = fields.iter().filter(|field| field.is_required);
    required.map(|field| Some((field.name.to_string(), sample(&field.shape, 0)?))).collect()
}

#[test]
fn every_operation_can_be_written_out_from_what_it_asks_for() {
    let mut failed = Vec::new();
    let mut written = 0;
    for operation in Catalogue::embedded().unwrap().operations() {
        let Some(arguments) = arguments(&asked(operation)) else {
            failed.push(format!("{}: no sample", operation.id));
            continue;
        };
        match sort(operation, &arguments, ABOUT).and_then(|sorted| Ok((request(&sorted)?, sorted))) {
            Ok((request, sorted)) => {
                assert!(!request.target.contains(['{', '}']), "{}: {}", operation.id, request.target);
                for parameter in operation.parameters_in(Place::Query).filter(|parameter| parameter.is_required) {
                    let name: String = url::form_urlencoded::byte_serialize(parameter.name.as_bytes()).collect();
                    assert!(request.target.contains(&format!("{name}=")), "{}: {}", operation.id, request.target);
                }
                let _ = shown(&sorted, &request);
                written += 1;
            }
            Err(error) => failed.push(format!("{}: {error}", operation.id)),
        }
    }
    assert_eq!(failed, Vec::<String>::new(), "of {} operations", written + failed.len());
}

/// What is filled in is neither asked for nor forgotten.
#[test]
fn who_and_where_is_filled_in_wherever_it_stands() {
    let names = ["locationId", "location_id", "altId", "altType"];
    let mut filled = 0;
    for operation in Catalogue::embedded().unwrap().operations() {
        let fields = asked(operation);
        if !arguments::takes_location(operation) {
            continue;
        }
        assert!(fields.iter().all(|field| !names.contains(&&*field.name)), "{}", operation.id);
        let Some(arguments) = arguments(&fields) else { continue };
        let Ok(sorted) = sort(operation, &arguments, ABOUT) else { continue };
        let in_parameters = sorted.parameters.iter().any(|(_, value)| value == "loc1");
        let in_body = sorted.body.as_ref().is_some_and(|(_, body)| body.to_string().contains("loc1"));
        assert!(in_parameters || in_body, "{}", operation.id);
        filled += 1;
    }
    assert!(filled > 400, "{filled}");
}

#[test]
fn what_is_unknown_or_wrong_is_refused_for_every_operation() {
    for operation in Catalogue::embedded().unwrap().operations() {
        let is_open = operation.body.as_ref().is_some_and(|body| {
            !matches!(body.shape.resolved(), Shape::Object(object) if object.rest == crate::catalogue::Rest::None)
        });
        let mut arguments = arguments(&asked(operation)).unwrap_or_default();
        arguments.insert("no_such_field".to_owned(), Value::from(1));
        let refused = sort(operation, &arguments, ABOUT);
        assert!(is_open || refused.is_err(), "{}", operation.id);
    }
}
