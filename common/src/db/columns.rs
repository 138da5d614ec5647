//! Which tables and columns a database has, in either dialect.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Dialect, Tx};
use crate::error::{Error, Result};

/// A table with its columns, in the order of their definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

/// A column and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What both dialects store alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Real,
    Text,
    Bytes,
}

/// What a column of a row holds, as a backup spells it; bytes are Base64 text. Absent is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Integer(i64),
    Real(f64),
    Text(String),
}

impl Kind {
    fn of(declared: &str) -> Option<Self> {
        match declared.to_ascii_lowercase().as_str() {
            "bigint" | "integer" | "int" | "smallint" => Some(Self::Integer),
            "real" | "double precision" | "double" => Some(Self::Real),
            "text" | "character varying" => Some(Self::Text),
            "blob" | "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

/// All tables but those that record migrations, by name.
pub(super) async fn tables(dialect: Dialect, tx: &mut Tx, migrations: &[&str]) -> Result<Vec<Table>> {
    let statement = match dialect {
        Dialect::Sqlite => {
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name"
        }
        Dialect::Postgres => {
            "select table_name::text as name
            from information_schema.tables
            where table_schema = current_schema() and table_type = 'BASE TABLE'
            order by table_name"
        }
    };
    let rows = sqlx::query(statement).fetch_all(&mut **tx).await?;
    let mut tables = Vec::with_capacity(rows.len());
    for row in &rows {
        let name: String = row.try_get("name")?;
        if !migrations.contains(&name.as_str()) {
            let columns = columns(dialect, tx, &name).await?;
            tables.push(Table { name, columns });
        }
    }
    Ok(tables)
}

async fn columns(dialect: Dialect, tx: &mut Tx, table: &str) -> Result<Vec<Column>> {
    let statement = match dialect {
        Dialect::Sqlite => "select name, type as kind from pragma_table_info($1) order by cid",
        Dialect::Postgres => {
            "select column_name::text as name, data_type::text as kind
            from information_schema.columns
            where table_schema = current_schema() and table_name = $1
            order by ordinal_position"
        }
    };
    let rows = sqlx::query(statement).bind(table).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| column(table, row)).collect()
}

fn column(table: &str, row: &AnyRow) -> Result<Column> {
    let (name, declared): (String, String) = (row.try_get("name")?, row.try_get("kind")?);
    let unknown = || Error::internal("a column has a type that no backup knows", format!("{table}.{name}: {declared}"));
    let kind = Kind::of(&declared).ok_or_else(unknown)?;
    Ok(Column { name, kind })
}

impl Table {
    /// `"a", "b"`.
    pub(super) fn column_list(&self) -> String {
        self.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
    }

    /// Reads every row.
    pub(super) fn select(&self) -> AssertSqlSafe<String> {
        // Safe to assert: names come from the database's own catalogue and are quoted.
        AssertSqlSafe(format!("select {} from {}", self.column_list(), quoted(&self.name)))
    }

    /// Whether it has a row.
    pub(super) fn select_one(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("select 1 from {} limit 1", quoted(&self.name)))
    }

    /// Inserts one row.
    pub(super) fn insert(&self) -> AssertSqlSafe<String> {
        let places: Vec<String> = (1..=self.columns.len()).map(|place| format!("${place}")).collect();
        let (name, columns, places) = (quoted(&self.name), self.column_list(), places.join(", "));
        AssertSqlSafe(format!("insert into {name} ({columns}) values ({places})"))
    }
}

/// An identifier in SQL text.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
