//! Turns a search into SQL. The one place where a statement is put together at run time: its fragments are ours,
//! every value from outside is bound.

mod condition;

use serde_json::Value;
use sqlx::FromRow;

use crate::sandbox::filter::{Column, Filter};
use crate::sandbox::store::{Connection, failed};
use common::error::Result;
use condition::{Sql, push_filter, push_like, push_sort_value};

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

fn push_value(sql: &mut Sql, value: &Value) {
    match (value.as_i64(), value.as_f64(), value.as_str()) {
        (Some(number), _, _) => sql.push_bind(number),
        (None, Some(number), _) => sql.push_bind(number),
        (None, None, text) => sql.push_bind(text.unwrap_or_default().to_owned()),
    };
}
