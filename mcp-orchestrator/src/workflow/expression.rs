//! What an author leaves to be worked out during the run: jq, compiled once (`docs/workflows.md`, expressions).
//!
//! An expression knows neither time nor chance nor the machine that it runs on, and it is bounded in steps, in depth and
//! in the size of its answer, whoever wrote it.

mod fault;
mod functions;
mod jq;
mod library;
mod meter;
mod needs;
mod path;
mod syntax;
mod text;
mod uri;
mod value;

use std::fmt;
use std::sync::Arc;

use common::error::{Error, Fault, Result};
use serde_json::{Map, Value};

use self::jq::Expression;
use self::text::Kind;

/// Characters of one expression.
pub const EXPRESSION_CHARS_MAX: usize = 4_096;
/// Steps of one evaluation: about a call, an element or 32 bytes each. Some 50 ms at the very worst.
pub const STEPS_MAX: usize = 500_000;
/// How deep a value may be that an expression reads or makes.
pub const DEPTH_MAX: usize = 64;
/// Bytes of an answer, as JSON.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Any JSON in which texts of the form `${ … }` are jq; without one it is a constant.
#[derive(Clone)]
pub struct Template {
    source: Arc<Value>,
    form: Arc<Form>,
}

/// What expressions can name: `.` and the DSL's `$context`, `$input`, `$output`, `$workflow`, `$runtime`, `$task`, and
/// what `for`, `catch` and `listen` bind.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `.`
    pub dot: &'a Value,
    /// Named values, without their `$`. What is not among them is null.
    pub bound: &'a [(&'a str, &'a Value)],
}

enum Form {
    Constant,
    Expression(Expression),
    List(Vec<Template>),
    Object(Vec<(String, Template)>),
}

impl Template {
    /// Compiles every `${ … }` in it.
    ///
    /// # Errors
    /// `invalid_argument` saying what is wrong in which expression, all faults at once, each with its place as a JSON
    /// Pointer into `source`; names that are not in `known` are refused.
    pub fn compile(source: Value, known: &[&str]) -> Result<Self> {
        let mut faults = Vec::new();
        let template = Self::compile_at(source, known, "", &mut faults);
        match template {
            Some(template) if faults.is_empty() => Ok(template),
            _ => Err(Error::invalid_arguments(faults)),
        }
    }

    /// Compiles a text that the DSL says to be jq whether or not it stands in `${ … }`: conditions, `in`, `from`, `as`.
    ///
    /// # Errors
    /// As [`Template::compile`].
    pub fn compile_jq(text: &str, known: &[&str]) -> Result<Self> {
        let code = match text::kind_of(text) {
            Kind::Whole(code) => code,
            Kind::Constant => text,
            Kind::Embedded => return Err(Error::invalid_arguments(vec![text::embedded(text, "")])),
        };
        let expression = Expression::compile(code, known, "").map_err(|fault| Error::invalid_arguments(vec![fault]))?;
        Ok(Self::of_expression(Value::String(text.to_owned()), expression))
    }

    /// Compiles jq that stands for what its author wrote in another form.
    ///
    /// # Errors
    /// As [`Template::compile`].
    pub fn compile_as(source: Value, code: &str, known: &[&str]) -> Result<Self> {
        let expression = Expression::compile(code, known, "").map_err(|fault| Error::invalid_arguments(vec![fault]))?;
        Ok(Self::of_expression(source, expression))
    }

    /// Compiles a URI template (RFC 6570, level 1): `https://api.example/{id}`, whose names are looked up in `.`.
    ///
    /// # Errors
    /// As [`Template::compile`].
    pub fn compile_uri(text: &str, known: &[&str]) -> Result<Self> {
        match uri::as_jq(text).map_err(|fault| Error::invalid_arguments(vec![fault]))? {
            Some(code) => Self::compile_as(Value::String(text.to_owned()), &code, known),
            None => Self::compile(Value::String(text.to_owned()), known),
        }
    }

    /// Works it out. Bounded in steps, depth and size of its answer; knows neither time nor chance.
    ///
    /// An expression without a value is null; one with several is refused.
    ///
    /// # Errors
    /// `invalid_argument` with jq's own words, or saying which bound was met.
    pub fn render(&self, scope: Scope<'_>) -> Result<Value> {
        match &*self.form {
            Form::Constant => Ok((*self.source).clone()),
            Form::Expression(expression) => expression.evaluate(scope),
            Form::List(items) => items.iter().map(|item| item.render(scope)).collect(),
            Form::Object(fields) => {
                let mut object = Map::with_capacity(fields.len());
                for (name, field) in fields {
                    object.insert(name.clone(), field.render(scope)?);
                }
                Ok(Value::Object(object))
            }
        }
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

    /// Whether it is the same in every run.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        matches!(*self.form, Form::Constant)
    }

    /// The places, as JSON Pointers into [`Template::source`], whose values only a run knows.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        let mut places = Vec::new();
        self.find_unknown("", &mut places);
        places
    }

    fn find_unknown(&self, at: &str, places: &mut Vec<String>) {
        match &*self.form {
            Form::Constant => {}
            Form::Expression(_) => places.push(at.to_owned()),
            Form::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.find_unknown(&format!("{at}/{index}"), places);
                }
            }
            Form::Object(fields) => {
                for (name, field) in fields {
                    field.find_unknown(&format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), places);
                }
            }
        }
    }

    fn of_expression(source: Value, expression: Expression) -> Self {
        Self { source: Arc::new(source), form: Arc::new(Form::Expression(expression)) }
    }

    fn compile_at(source: Value, known: &[&str], at: &str, faults: &mut Vec<Fault>) -> Option<Self> {
        let form = match &source {
            Value::String(text) => match text::kind_of(text) {
                Kind::Constant => Form::Constant,
                Kind::Whole(code) => match Expression::compile(code, known, at) {
                    Ok(expression) => Form::Expression(expression),
                    Err(fault) => {
                        faults.push(fault);
                        return None;
                    }
                },
                Kind::Embedded => {
                    faults.push(text::embedded(text, at));
                    return None;
                }
            },
            Value::Array(items) => {
                let items: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Self::compile_at(item.clone(), known, &format!("{at}/{index}"), faults))
                    .collect();
                let items: Vec<Self> = items.into_iter().collect::<Option<_>>()?;
                if items.iter().all(Self::is_constant) { Form::Constant } else { Form::List(items) }
            }
            Value::Object(fields) => {
                let mut compiled = Vec::with_capacity(fields.len());
                for (name, field) in fields {
                    let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                    compiled.push((name.clone(), Self::compile_at(field.clone(), known, &at, faults)));
                }
                let fields: Vec<(String, Self)> =
                    compiled.into_iter().map(|(name, field)| Some((name, field?))).collect::<Option<_>>()?;
                if fields.iter().all(|(_, field)| field.is_constant()) { Form::Constant } else { Form::Object(fields) }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Form::Constant,
        };
        Some(Self { source: Arc::new(source), form: Arc::new(form) })
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

#[cfg(test)]
mod tests;
