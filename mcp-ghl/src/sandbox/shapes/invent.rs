//! Values made from a shape, with what the request says where names agree.

use serde_json::{Map, Value};

use super::asked::Asked;
use super::check;
use super::plausible::Plausible;
use crate::catalogue::{List, Literal, Object, Shape};
use crate::sandbox::access::Grant;

/// How deep optional fields are filled in; what is required is filled in further.
const OPTIONAL_DEPTH_MAX: u32 = 5;

/// How deep anything is filled in: a shape may contain itself.
const DEPTH_MAX: u32 = 12;

/// How deep the wrapper of a record may be: `{data: {link: {…}}}`.
const WRAPPER_DEPTH_MAX: u32 = 1;

/// Makes the answer to one request.
#[derive(Debug)]
pub(super) struct Inventor<'a> {
    asked: &'a Asked<'a>,
    plausible: Plausible,
    /// What the first list of objects holds; one invented item if absent.
    records: Option<Vec<Value>>,
}

/// Where a value stands, and what is known of it.
#[derive(Debug, Clone, Copy)]
struct Spot<'a> {
    name: &'a str,
    source: Option<&'a Value>,
    depth: u32,
}

impl<'a> Inventor<'a> {
    pub(super) fn new(asked: &'a Asked<'a>, records: Option<Vec<Value>>) -> Self {
        Self { asked, plausible: Plausible::new(&asked.seed), records }
    }

    /// The whole answer; `source` is the record that it is about.
    pub(super) fn answer(&mut self, shape: &Shape, source: Option<&Value>) -> Value {
        self.value(shape, Spot { name: "", source, depth: 0 })
    }

    fn value(&mut self, shape: &Shape, spot: Spot<'_>) -> Value {
        match shape.resolved() {
            Shape::Object(object) => self.object(object, spot),
            Shape::List(list) => self.list(list, spot),
            Shape::Union(members) => self.union(members, spot),
            scalar => self.known(scalar, spot).unwrap_or_else(|| self.invented(scalar, spot.name)),
        }
    }

    /// What the record, the path, the query or the token says of a value, if it may stand here.
    fn known(&self, shape: &Shape, spot: Spot<'_>) -> Option<Value> {
        let of_token = || match (spot.name, self.asked.grant) {
            ("locationId" | "location_id" | "altId", Grant::Location { location_id, .. }) => {
                Some(Value::from(location_id.as_str()))
            }
            ("companyId", grant) => Some(Value::from(grant.company_id())),
            _ => None,
        };
        let of_record = spot.source.filter(|source| !source.is_object()).cloned();
        let own_id = || {
            let is_own = matches!(spot.name, "id" | "_id") && spot.depth <= WRAPPER_DEPTH_MAX + 1;
            let last = self.asked.ids.last().filter(|_| is_own && self.asked.operation.path.ends_with('}'));
            last.map(|(_, id)| Value::from(id.as_str()))
        };
        let candidates =
            [of_record, self.asked.named(spot.name).filter(|_| !spot.name.is_empty()), own_id(), of_token()];
        candidates.into_iter().flatten().find(|value| check::fits(shape, value) && !value.is_null())
    }

    fn invented(&mut self, shape: &Shape, name: &str) -> Value {
        match shape.resolved() {
            Shape::Flag => self.plausible.flag(name).into(),
            Shape::Text(text) => self.plausible.text(name, text).into(),
            Shape::Number(bounds) | Shape::Integer(bounds) => self.plausible.number(name, bounds),
            Shape::OneOf(literals) => literals.first().map_or(Value::Null, Literal::value),
            Shape::Null => Value::Null,
            Shape::Any | Shape::List(_) | Shape::Object(_) | Shape::Union(_) | Shape::Named(_) => {
                Value::Object(Map::new())
            }
        }
    }

    fn object(&mut self, object: &Object, spot: Spot<'_>) -> Value {
        let source = spot.source.filter(|source| source.is_object());
        if let (true, Some(source)) = (object.fields.is_empty(), source) {
            return source.clone();
        }
        let mut fields = Map::new();
        for field in &object.fields {
            let is_deep = spot.depth >= OPTIONAL_DEPTH_MAX;
            if spot.depth >= DEPTH_MAX || (is_deep && !field.is_required) {
                continue;
            }
            let own = source.and_then(|source| source.get(field.name.as_ref()));
            let is_wrapper = spot.depth <= WRAPPER_DEPTH_MAX && matches!(field.shape.resolved(), Shape::Object(_));
            let inner =
                Spot { name: &field.name, source: own.or(source.filter(|_| is_wrapper)), depth: spot.depth + 1 };
            fields.insert(field.name.to_string(), self.value(&field.shape, inner));
        }
        Value::Object(fields)
    }

    fn list(&mut self, list: &List, spot: Spot<'_>) -> Value {
        let is_of_objects = matches!(list.item.resolved(), Shape::Object(_) | Shape::Union(_));
        let spot = Spot { depth: spot.depth + 1, ..spot };
        if let Some(Value::Array(items)) = spot.source {
            let items: Vec<Value> =
                items.iter().map(|item| self.value(&list.item, Spot { source: Some(item), ..spot })).collect();
            return Value::Array(items);
        }
        let is_nothing_there = self.records.as_ref().is_some_and(Vec::is_empty);
        if (is_of_objects || is_nothing_there)
            && let Some(records) = self.records.take()
        {
            let items = records.iter().map(|record| self.value(&list.item, Spot { source: Some(record), ..spot }));
            return Value::Array(items.collect());
        }
        let min = list.items_min.unwrap_or(0);
        let count = if spot.depth >= OPTIONAL_DEPTH_MAX { min } else { min.max(1) };
        let spot = Spot { source: None, ..spot };
        let mut items = Vec::new();
        for number in 0..count {
            self.plausible.item = number;
            items.push(self.value(&list.item, spot));
        }
        self.plausible.item = 0;
        Value::Array(items)
    }

    /// The member that the record has, else the first that is not null.
    fn union(&mut self, members: &[Shape], spot: Spot<'_>) -> Value {
        let fitting = spot.source.and_then(|source| members.iter().find(|member| check::fits(member, source)));
        let first = || members.iter().find(|member| !matches!(member.resolved(), Shape::Null));
        match fitting.or_else(first) {
            Some(member) => self.value(member, spot),
            None => Value::Null,
        }
    }
}
