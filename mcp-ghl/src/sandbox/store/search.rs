//! Turns a search into SQL. The one place where a statement is put together at run time: its fragments are ours,
//! every value from outside is bound.

use serde_json::Value;
use sqlx::{Any, FromRow, QueryBuilder};

use crate::sandbox::filter::{Column, Filter, Range, Scalar, Test};
use crate::sandbox::store::{Connection, failed};
use common::error::Result;

/// Records that page numbers reach; beyond it only `searchAfter` works (help page `contacts-search`).
pub(crate) const PAGED_RECORDS_MAX: u32 = 10_000;

/// Most sort fields of one search. Ours: the vendor names none.
pub(crate) const SORT_FIELDS_MAX: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// Which page of the sorted matches is wanted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    /// Counted from 1.
    Page(u32),
    /// The sort values and id of the last record already seen.
    After(Vec<Value>),
}

#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) location_id: String,
    /// Free text, compared with a few columns of the noun.
    pub(crate) text: Option<String>,
    pub(crate) filter: Filter,
    pub(crate) sort: Vec<(Column, Direction)>,
    pub(crate) place: Place,
    pub(crate) limit: u32,
}

/// What a noun's search reads from.
pub(crate) struct Source {
    /// `select …` without `from`.
    pub(crate) columns: &'static str,
    /// `from …` with its joins.
    pub(crate) from: &'static str,
    pub(crate) location_id: &'static str,
    pub(crate) id: &'static str,
    /// One lower-case text to find free text in.
    pub(crate) haystack: &'static str,
}

/// A match, with what `searchAfter` needs to go on behind it.
#[derive(Debug, FromRow)]
pub(crate) struct Found<T> {
    #[sqlx(flatten)]
    pub(crate) record: T,
    search_after: String,
}

impl<T> Found<T> {
    /// The sort values and the id, as a JSON list.
    pub(crate) fn search_after(&self) -> Value {
        serde_json::from_str(&self.search_after).unwrap_or(Value::Null)
    }
}

type Sql = QueryBuilder<Any>;

impl Search {
    pub(crate) async fn total(&self, connection: &mut Connection, source: &Source) -> Result<i64> {
        let mut sql = Sql::new("select count(*)");
        self.matching(&mut sql, source);
        sql.build_query_scalar().fetch_one(connection).await.map_err(failed)
    }

    pub(crate) async fn page<T>(&self, connection: &mut Connection, source: &Source) -> Result<Vec<Found<T>>>
    where
        T: for<'r> FromRow<'r, sqlx::any::AnyRow> + Send + Unpin,
    {
        let mut sql = Sql::new(source.columns);
        sql.push(", json_array(");
        for (column, _) in &self.sort {
            push_sort_value(&mut sql, column);
            sql.push(", ");
        }
        sql.push(source.id).push(") as search_after");
        self.matching(&mut sql, source);
        if let Place::After(seen) = &self.place {
            self.push_behind(&mut sql, source, seen);
        }
        self.push_order(&mut sql, source);
        sql.push(" limit ").push_bind(i64::from(self.limit));
        if let Place::Page(page) = self.place {
            sql.push(" offset ").push_bind(i64::from(page.saturating_sub(1)) * i64::from(self.limit));
        }
        sql.build_query_as().fetch_all(connection).await.map_err(failed)
    }

    /// `from … where …`, without the place.
    pub(crate) fn matching(&self, sql: &mut Sql, source: &Source) {
        sql.push(" ").push(source.from).push(" where ").push(source.location_id).push(" = ");
        sql.push_bind(self.location_id.clone());
        if let Some(text) = &self.text {
            sql.push(" and ").push(source.haystack);
            push_like(sql, &text.to_lowercase());
        }
        sql.push(" and ");
        push_filter(sql, &self.filter);
    }

    /// Behind a record in the sort order: later in the first field, or equal there and later in the next.
    fn push_behind(&self, sql: &mut Sql, source: &Source, seen: &[Value]) {
        let mut keys: Vec<(Option<&Column>, Direction)> =
            self.sort.iter().map(|(column, direction)| (Some(column), *direction)).collect();
        keys.push((None, self.tie_break()));
        sql.push(" and (false");
        for last in 0..keys.len().min(seen.len()) {
            sql.push(" or (true");
            for (position, ((column, direction), value)) in keys.iter().zip(seen).take(last + 1).enumerate() {
                sql.push(" and ");
                match column {
                    Some(column) => push_sort_value(sql, column),
                    None => {
                        sql.push(source.id);
                    }
                }
                sql.push(match (position == last, direction) {
                    (false, _) => " = ",
                    (true, Direction::Ascending) => " > ",
                    (true, Direction::Descending) => " < ",
                });
                push_value(sql, value);
            }
            sql.push(")");
        }
        sql.push(")");
    }

    fn push_order(&self, sql: &mut Sql, source: &Source) {
        sql.push(" order by ");
        for (column, direction) in &self.sort {
            push_sort_value(sql, column);
            sql.push(order(*direction)).push(", ");
        }
        sql.push(source.id).push(order(self.tie_break()));
    }

    /// Ids break ties in the direction of the last field.
    fn tie_break(&self) -> Direction {
        self.sort.last().map_or(Direction::Descending, |(_, direction)| *direction)
    }
}

fn order(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => " asc",
        Direction::Descending => " desc",
    }
}

/// Null sorts like an empty text or zero, so that the order is total and a cursor can stand on it.
fn push_sort_value(sql: &mut Sql, column: &Column) {
    match column {
        Column::Text(name) => sql.push("coalesce(lower(").push(name).push("), '')"),
        Column::Exact(name) => sql.push("coalesce(").push(name).push(", '')"),
        Column::Number(name) | Column::Flag(name) | Column::Instant(name) => {
            sql.push("coalesce(").push(name).push(", 0)")
        }
        Column::Json { document, path } => {
            sql.push("coalesce(json_extract(").push(document).push(", ").push_bind(path.clone()).push("), '')")
        }
    };
}

fn push_value(sql: &mut Sql, value: &Value) {
    match (value.as_i64(), value.as_f64(), value.as_str()) {
        (Some(number), _, _) => sql.push_bind(number),
        (None, Some(number), _) => sql.push_bind(number),
        (None, None, text) => sql.push_bind(text.unwrap_or_default().to_owned()),
    };
}

fn push_filter(sql: &mut Sql, filter: &Filter) {
    match filter {
        Filter::All(filters) => push_joined(sql, "true", " and ", filters),
        Filter::Any(filters) => push_joined(sql, "false", " or ", filters),
        Filter::Test { column: Column::Json { document, path }, test } => push_inside(sql, document, path, test),
        Filter::Test { column, test } => push_test(sql, column, test),
    }
}

fn push_joined(sql: &mut Sql, neutral: &str, joint: &str, filters: &[Filter]) {
    sql.push("(").push(neutral);
    for filter in filters {
        sql.push(joint);
        push_filter(sql, filter);
    }
    sql.push(")");
}

fn push_test(sql: &mut Sql, column: &Column, test: &Test) {
    let value = |sql: &mut Sql| push_sort_value(sql, column);
    match test {
        Test::OneOf(scalars) => push_in(sql, value, " in (", scalars),
        Test::NoneOf(scalars) => push_in(sql, value, " not in (", scalars),
        Test::Contains(fragment) => {
            value(sql);
            push_like(sql, fragment);
        }
        Test::NotContains(fragment) => {
            sql.push("not ");
            value(sql);
            push_like(sql, fragment);
        }
        Test::Exists => push_has_value(sql, column),
        Test::NotExists => {
            sql.push("not ");
            push_has_value(sql, column);
        }
        Test::Range(range) => {
            sql.push("(");
            push_range(sql, value, range);
            sql.push(")");
        }
    }
}

fn push_has_value(sql: &mut Sql, column: &Column) {
    match column {
        Column::Text(name)
        | Column::Exact(name)
        | Column::Number(name)
        | Column::Flag(name)
        | Column::Instant(name)
        | Column::Json { document: name, .. } => {
            sql.push("(").push(name).push(" is not null and ").push(name).push(" <> '')");
        }
    }
}

/// A test of a value in a JSON document, or of any element of a list there.
fn push_inside(sql: &mut Sql, document: &'static str, path: &str, test: &Test) {
    let negated = matches!(test, Test::NoneOf(_) | Test::NotContains(_) | Test::NotExists);
    sql.push(if negated { "not exists" } else { "exists" });
    sql.push(" (select 1 from json_each(").push(document).push(", ").push_bind(path.to_owned());
    sql.push(") item where item.type <> 'null' and ");
    match test {
        Test::Exists | Test::NotExists => {
            sql.push("item.value <> ''");
        }
        Test::OneOf(scalars) | Test::NoneOf(scalars) => {
            push_in(sql, |sql| push_item(sql, scalars.first()), " in (", scalars);
        }
        Test::Contains(fragment) | Test::NotContains(fragment) => {
            sql.push("lower(item.value)");
            push_like(sql, fragment);
        }
        Test::Range(range) => {
            let first = [&range.above, &range.at_least, &range.below, &range.at_most].into_iter().flatten().next();
            push_range(sql, |sql| push_item(sql, first), range);
        }
    }
    sql.push(")");
}

/// An element, read as what it is compared with: custom values may hold `"42"` for 42.
fn push_item(sql: &mut Sql, compared_with: Option<&Scalar>) {
    sql.push(match compared_with {
        Some(Scalar::Number(_)) => "cast(item.value as real)",
        Some(Scalar::Instant(_)) => "cast(item.value as integer)",
        Some(Scalar::Text(_)) | None => "lower(item.value)",
    });
}

fn push_in(sql: &mut Sql, value: impl Fn(&mut Sql), operator: &str, scalars: &[Scalar]) {
    value(sql);
    sql.push(operator);
    for (position, scalar) in scalars.iter().enumerate() {
        if position > 0 {
            sql.push(", ");
        }
        push_scalar(sql, scalar);
    }
    sql.push(")");
}

fn push_range(sql: &mut Sql, value: impl Fn(&mut Sql), range: &Range) {
    sql.push("true");
    let bounds = [(" > ", &range.above), (" >= ", &range.at_least), (" < ", &range.below), (" <= ", &range.at_most)];
    for (operator, bound) in bounds {
        if let Some(bound) = bound {
            sql.push(" and ");
            value(sql);
            sql.push(operator);
            push_scalar(sql, bound);
        }
    }
}

fn push_scalar(sql: &mut Sql, scalar: &Scalar) {
    match scalar {
        Scalar::Text(text) => sql.push_bind(text.clone()),
        Scalar::Number(number) => sql.push_bind(*number),
        Scalar::Instant(instant) => sql.push_bind(*instant),
    };
}

/// ` like` a fragment anywhere, its wildcards taken literally.
fn push_like(sql: &mut Sql, fragment: &str) {
    let escaped = fragment.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    sql.push(" like ").push_bind(format!("%{escaped}%")).push(" escape '\\'");
}
