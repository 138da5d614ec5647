//! A filter as a condition of SQL, and columns as what is compared in it.

use sqlx::{Any, QueryBuilder};

use crate::sandbox::filter::{Column, Filter, Range, Scalar, Test};

pub(super) type Sql = QueryBuilder<Any>;

/// Null sorts like an empty text or zero, so that the order is total and a cursor can stand on it.
pub(super) fn push_sort_value(sql: &mut Sql, column: &Column) {
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

pub(super) fn push_filter(sql: &mut Sql, filter: &Filter) {
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
pub(super) fn push_like(sql: &mut Sql, fragment: &str) {
    let escaped = fragment.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    sql.push(" like ").push_bind(format!("%{escaped}%")).push(" escape '\\'");
}
