//! Many rows in few statements: a tenth of the CPU of one statement per row (`docs/decisions/0001`).

use std::fmt::Write as _;
use std::sync::OnceLock;

use sqlx::any::AnyRow;
use sqlx::query::Query;
use sqlx::{Any, Database};

use super::{Dialect, Tx};
use crate::error::Result;

/// A statement whose parameters are being bound.
pub type AnyQuery = Query<'static, Any, <Any as Database>::Arguments>;

/// Statement sizes, in rows. Any number of rows is a sum of few of these, so that few statements have to be
/// prepared per connection. 256 rows of 128 columns stay within SQLite's 32,766 parameters per statement
/// (<https://www.sqlite.org/limits.html>) and PostgreSQL's 65,535.
const STATEMENT_ROWS: [usize; 5] = [256, 64, 16, 4, 1];

/// `insert into … values …` for any number of rows; make it a `static`, it keeps its statement texts.
#[derive(Debug)]
pub struct InsertMany {
    into: &'static str,
    columns: usize,
    /// What stands behind the rows.
    clause: &'static str,
    sqlite: OnceLock<[String; STATEMENT_ROWS.len()]>,
    postgres: OnceLock<[String; STATEMENT_ROWS.len()]>,
}

impl InsertMany {
    /// `into` is the text before `values`; `columns` is how many parameters each row binds.
    ///
    /// # Panics
    /// If `columns` is not 1 to 128; as a `static` it then does not compile.
    #[must_use]
    pub const fn new(into: &'static str, columns: usize) -> Self {
        Self::with_clause(into, columns, "")
    }

    /// [`InsertMany::new`] with a clause behind the rows: `on conflict (…) do nothing`.
    ///
    /// # Panics
    /// As [`InsertMany::new`].
    #[must_use]
    pub const fn with_clause(into: &'static str, columns: usize, clause: &'static str) -> Self {
        assert!(columns >= 1 && columns <= 128);
        Self { into, columns, clause, sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    /// Inserts all rows, each bound by `bind`, in their order. Returns how many were inserted.
    ///
    /// # Errors
    /// As any statement; the transaction must then be dropped, some of the rows may be in it.
    pub async fn execute<Row>(
        &'static self,
        (dialect, tx): (Dialect, &mut Tx),
        mut rows: &[Row],
        bind: impl Fn(AnyQuery, &Row) -> AnyQuery,
    ) -> Result<u64, sqlx::Error> {
        let mut inserted = 0;
        for (size, statement) in STATEMENT_ROWS.iter().zip(self.statements(dialect)) {
            while let Some((now, later)) = rows.split_at_checked(*size) {
                let query = now.iter().fold(sqlx::query(statement.as_str()), &bind);
                inserted += query.execute(&mut **tx).await?.rows_affected();
                rows = later;
            }
        }
        Ok(inserted)
    }

    /// [`InsertMany::execute`] of a statement that ends with `returning …`: all that it returned, in no certain order.
    ///
    /// # Errors
    /// As [`InsertMany::execute`].
    pub async fn fetch<Row>(
        &'static self,
        (dialect, tx): (Dialect, &mut Tx),
        mut rows: &[Row],
        bind: impl Fn(AnyQuery, &Row) -> AnyQuery,
    ) -> Result<Vec<AnyRow>, sqlx::Error> {
        let mut returned = Vec::with_capacity(rows.len());
        for (size, statement) in STATEMENT_ROWS.iter().zip(self.statements(dialect)) {
            while let Some((now, later)) = rows.split_at_checked(*size) {
                let query = now.iter().fold(sqlx::query(statement.as_str()), &bind);
                returned.extend(query.fetch_all(&mut **tx).await?);
                rows = later;
            }
        }
        Ok(returned)
    }

    fn statements(&self, dialect: Dialect) -> &[String] {
        let cell = match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        };
        cell.get_or_init(|| STATEMENT_ROWS.map(|rows| self.statement(rows, dialect)))
    }

    /// SQLite understands `$1` too, but finds the parameter's name by walking the list of all names, which makes
    /// binding quadratic; its anonymous `?` has none.
    fn statement(&self, rows: usize, dialect: Dialect) -> String {
        let mut sql = format!("{} values ", self.into);
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.columns {
                sql.push_str(if column == 0 { "" } else { ", " });
                let _infallible = match dialect {
                    Dialect::Sqlite => write!(sql, "?"),
                    Dialect::Postgres => write!(sql, "${}", row * self.columns + column + 1),
                };
            }
            sql.push(')');
        }
        if !self.clause.is_empty() {
            sql.push(' ');
            sql.push_str(self.clause);
        }
        sql
    }
}
