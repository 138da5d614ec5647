//! The filter grammar of `POST /contacts/search` and `POST /opportunities/search`.
//!
//! `{field, operator, value}` or `{group: AND|OR, filters: […]}`; the outer list is joined with AND. Documented in
//! the vendor's `ClickUp` pages 87cpx-158396 (contacts) and 87cpx-424216 (opportunities); the OpenAPI leaves it out.

use serde_json::Value;

use crate::sandbox::instants;

/// Most filters of one search, groups counted. Ours: the vendor names none.
const FILTERS_MAX: usize = 100;

/// Deepest nesting of groups. Ours: the vendor names none.
const DEPTH_MAX: usize = 5;

/// Longest value, in characters (help page `contacts-search`).
const VALUE_CHARACTERS_MAX: usize = 75;

/// Where a field's value is found, as a SQL expression of the search, and how it compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// Compared without regard to case.
    Text(&'static str),
    /// Ids and statuses: compared as they are.
    Exact(&'static str),
    Number(&'static str),
    Flag(&'static str),
    /// Milliseconds in the database; milliseconds or ISO on the wire.
    Instant(&'static str),
    /// A value, or any element of a list, at a path of a JSON document.
    Json {
        document: &'static str,
        path: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Text(String),
    Number(f64),
    Instant(i64),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Test { column: Column, test: Test },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// Equal to one of these.
    OneOf(Vec<Scalar>),
    NoneOf(Vec<Scalar>),
    Contains(String),
    NotContains(String),
    Exists,
    NotExists,
    Range(Range),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Range {
    pub(crate) above: Option<Scalar>,
    pub(crate) at_least: Option<Scalar>,
    pub(crate) below: Option<Scalar>,
    pub(crate) at_most: Option<Scalar>,
}

/// Finds a field's column; `None` for a field that cannot be filtered.
pub(crate) type Resolve = fn(&str) -> Option<Column>;

impl Filter {
    /// Reads the `filters` list of a search body.
    ///
    /// # Errors
    /// A sentence for the first filter that is wrong.
    pub(crate) fn read(filters: &Value, resolve: Resolve) -> Result<Self, String> {
        let mut reader = Reader { resolve, filters_left: FILTERS_MAX };
        reader.list(filters, DEPTH_MAX).map(Self::All)
    }

    /// Whether somewhere a test of this column must hold, which is when the vendor sums up stages.
    pub(crate) fn asks_for(&self, wanted: &Column) -> bool {
        match self {
            Self::All(filters) | Self::Any(filters) => filters.iter().any(|filter| filter.asks_for(wanted)),
            Self::Test { column, test } => column == wanted && matches!(test, Test::OneOf(_)),
        }
    }
}

struct Reader {
    resolve: Resolve,
    filters_left: usize,
}

impl Reader {
    fn list(&mut self, filters: &Value, depth_left: usize) -> Result<Vec<Filter>, String> {
        let Value::Array(filters) = filters else { return Err("filters must be an array".to_owned()) };
        filters.iter().map(|filter| self.one(filter, depth_left)).collect()
    }

    fn one(&mut self, filter: &Value, depth_left: usize) -> Result<Filter, String> {
        if self.filters_left == 0 || depth_left == 0 {
            return Err(format!("filters must be at most {FILTERS_MAX}, nested at most {DEPTH_MAX} deep"));
        }
        self.filters_left -= 1;
        if let Some(group) = filter.get("group") {
            let inner = self.list(filter.get("filters").unwrap_or(&Value::Null), depth_left - 1)?;
            return match group.as_str() {
                Some("AND") => Ok(Filter::All(inner)),
                Some("OR") => Ok(Filter::Any(inner)),
                Some(_) | None => Err("group must be one of the following values: AND, OR".to_owned()),
            };
        }
        let field = filter.get("field").and_then(Value::as_str).ok_or("field must be a string")?;
        let operator = filter.get("operator").and_then(Value::as_str).ok_or("operator must be a string")?;
        let column = (self.resolve)(field).ok_or_else(|| format!("Invalid field {field} in filters"))?;
        let test = Test::read(&column, operator, filter.get("value"))
            .map_err(|problem| format!("filter on {field}: {problem}"))?;
        Ok(Filter::Test { column, test })
    }
}

impl Test {
    fn read(column: &Column, operator: &str, value: Option<&Value>) -> Result<Self, String> {
        let required = || value.ok_or_else(|| "value is required".to_owned());
        match operator {
            "eq" => Ok(Self::OneOf(scalars(column, required()?)?)),
            "not_eq" => Ok(Self::NoneOf(scalars(column, required()?)?)),
            "contains" => Ok(Self::Contains(fragment(column, required()?)?)),
            "not_contains" => Ok(Self::NotContains(fragment(column, required()?)?)),
            "exists" => Ok(Self::Exists),
            "not_exists" => Ok(Self::NotExists),
            "range" => Ok(Self::Range(Range::read(column, required()?)?)),
            other => Err(format!("operator {other} is not supported")),
        }
    }
}

impl Range {
    fn read(column: &Column, value: &Value) -> Result<Self, String> {
        let Value::Object(bounds) = value else { return Err("range takes an object of gt, gte, lt, lte".to_owned()) };
        let mut range = Self::default();
        for (name, bound) in bounds {
            let bound = Some(scalar(column, bound)?);
            match name.as_str() {
                "gt" => range.above = bound,
                "gte" => range.at_least = bound,
                "lt" => range.below = bound,
                "lte" => range.at_most = bound,
                other => return Err(format!("range takes gt, gte, lt and lte, not {other}")),
            }
        }
        if range == Self::default() {
            return Err("range takes at least one of gt, gte, lt, lte".to_owned());
        }
        Ok(range)
    }
}

/// One value, or a list of which any may match.
fn scalars(column: &Column, value: &Value) -> Result<Vec<Scalar>, String> {
    match value {
        Value::Array(values) if !values.is_empty() => values.iter().map(|value| scalar(column, value)).collect(),
        single => Ok(vec![scalar(column, single)?]),
    }
}

fn scalar(column: &Column, value: &Value) -> Result<Scalar, String> {
    match (column, value) {
        (Column::Instant(_), Value::String(text)) => {
            instants::parse(text).map(Scalar::Instant).ok_or_else(|| "value must be a date".to_owned())
        }
        (Column::Instant(_), Value::Number(number)) => {
            number.as_i64().map(Scalar::Instant).ok_or_else(|| "value must be milliseconds".to_owned())
        }
        (Column::Flag(_) | Column::Json { .. }, Value::Bool(flag)) => Ok(Scalar::Instant(i64::from(*flag))),
        (Column::Flag(_), _) => Err("value must be a boolean".to_owned()),
        (Column::Text(_) | Column::Json { .. }, Value::String(text)) => Ok(Scalar::Text(bounded(text)?.to_lowercase())),
        (Column::Exact(_), Value::String(text)) => Ok(Scalar::Text(bounded(text)?.to_owned())),
        (Column::Number(_), Value::String(text)) => {
            text.parse().map(Scalar::Number).map_err(|_| "value must be a number".to_owned())
        }
        (Column::Number(_) | Column::Json { .. }, Value::Number(number)) => {
            number.as_f64().map(Scalar::Number).ok_or_else(|| "value must be a number".to_owned())
        }
        (Column::Text(_) | Column::Exact(_), Value::Number(number)) => Ok(Scalar::Text(number.to_string())),
        (_, _) => Err("value must be a string, a number or a boolean".to_owned()),
    }
}

fn fragment(column: &Column, value: &Value) -> Result<String, String> {
    match (column, value) {
        (Column::Text(_) | Column::Exact(_) | Column::Json { .. }, Value::String(text)) => {
            Ok(bounded(text)?.to_lowercase())
        }
        (_, _) => Err("contains takes a string, on a field of text".to_owned()),
    }
}

fn bounded(text: &str) -> Result<&str, String> {
    if text.chars().count() > VALUE_CHARACTERS_MAX {
        return Err(format!("value must be shorter than or equal to {VALUE_CHARACTERS_MAX} characters"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resolve(field: &str) -> Option<Column> {
        match field {
            "email" => Some(Column::Text("c.email")),
            "dateAdded" => Some(Column::Instant("c.added_at_ms")),
            _ => None,
        }
    }

    #[test]
    fn groups_nest_and_lists_mean_any() {
        let read = Filter::read(
            &json!([{"group": "OR", "filters": [
                {"field": "email", "operator": "eq", "value": ["A@example.com", "b@example.com"]},
                {"field": "dateAdded", "operator": "range", "value": {"gte": "2021-08-03"}},
            ]}]),
            resolve,
        );
        let email = Filter::Test {
            column: Column::Text("c.email"),
            test: Test::OneOf(vec![Scalar::Text("a@example.com".into()), Scalar::Text("b@example.com".into())]),
        };
        let date = Filter::Test {
            column: Column::Instant("c.added_at_ms"),
            test: Test::Range(Range { at_least: Some(Scalar::Instant(1_627_948_800_000)), ..Range::default() }),
        };
        assert_eq!(read, Ok(Filter::All(vec![Filter::Any(vec![email, date])])));
    }

    #[test]
    fn wrong_filters_are_refused() {
        let deep = (0..9).fold(json!([]), |inner, _| json!([{"group": "AND", "filters": inner}]));
        let cases = [
            json!({"field": "email"}),
            json!([{"field": "contact_name", "operator": "eq", "value": "ada"}]),
            json!([{"field": "email", "operator": "wildcard", "value": "a*"}]),
            json!([{"field": "email", "operator": "eq"}]),
            json!([{"field": "email", "operator": "eq", "value": "a".repeat(76)}]),
            json!([{"field": "dateAdded", "operator": "range", "value": {"from": 1}}]),
            json!([{"field": "dateAdded", "operator": "contains", "value": "2021"}]),
            json!([{"group": "XOR", "filters": []}]),
            deep,
        ];
        for case in cases {
            assert!(Filter::read(&case, resolve).is_err(), "{case}");
        }
    }
}
