//! Calls of any operation of the catalogue: what a caller gives becomes one checked request, and what comes back one
//! answer with one cursor.

mod answer;
mod arguments;
mod check;
mod ground;
mod multipart;
mod paging;
mod plan;
mod request;
mod texts;

use common::error::{Error, Result};
use common::tool::{Access, Call, Plan, UntrustedData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::answer::LocationAnswer;
use crate::catalogue::Operation;
use crate::client::RawRequest;
use crate::client::Site;
use crate::cursor::Question;
use crate::deps::Deps;
use crate::journal::Change;
use arguments::Sorted;
use paging::Page;

pub(crate) use arguments::asked;
pub(crate) use ground::{Ground, is_for_agencies, missing_scopes};
pub(crate) use request::Shown;

/// An operation's arguments by name: values of any shape, which its catalogue entry describes.
pub(crate) type Arguments = Map<String, Value>;

/// What the tools that call operations are given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) tool: &'static str,
    pub(crate) arguments: &'a Arguments,
    pub(crate) location: Option<&'a str>,
    pub(crate) cursor: Option<&'a str>,
}

/// What an operation answered, or what it would be asked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Its id.
    operation: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationAnswer>,
    /// What was answered; absent if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "answer")]
    data: Option<UntrustedData>,
    /// Pass as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// Of a dry run: what would be sent, but for the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Shown>,
    /// Of a dry run: what it does to the world.
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<AccessAnswer>,
}

/// What an operation does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccessAnswer {
    Read,
    Write,
    Send,
    Destroy,
    Spend,
}

impl From<Access> for AccessAnswer {
    fn from(access: Access) -> Self {
        match access {
            Access::Read => Self::Read,
            Access::Write => Self::Write,
            Access::Send => Self::Send,
            Access::Destroy => Self::Destroy,
            Access::Spend => Self::Spend,
        }
    }
}

/// Which of the two tools a caller has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Reading,
    Writing,
}

/// The operation that is meant, if the tool is the right one for it.
///
/// # Errors
/// `not_found` with the nearest; `invalid_argument` naming the other tool.
pub(crate) fn find<'d>(deps: &'d Deps, id: &str, side: Side) -> Result<&'d Operation> {
    let operation = deps.operations.find(id)?;
    let (does, tool) = match (side, operation.access.is_read()) {
        (Side::Reading, true) | (Side::Writing, false) => return Ok(operation),
        (Side::Reading, false) => ("changes something", "call_write_operation"),
        (Side::Writing, true) => ("only reads", "call_read_operation"),
    };
    let problem = format!("names `{}`, which {does}", operation.id);
    let expected = format!("such an operation in `{tool}`");
    Err(Error::invalid_argument("operation", problem, expected, None)
        .with_hint(format!("call `{tool}` with the same arguments")))
}

/// A call that is ready to be sent.
pub(crate) struct Ready<'o> {
    operation: &'o Operation,
    ground: Ground,
    sorted: Sorted<'o>,
    request: RawRequest,
    question: Question,
    arguments: Arguments,
}

impl<'o> Ready<'o> {
    /// Finds out where it is to be sent and checks every argument; sends nothing of the operation itself.
    ///
    /// # Errors
    /// Those of [`Ground::find`]; `invalid_argument` with every fault.
    pub(crate) async fn prepare(deps: &Deps, call: &Call, operation: &'o Operation, asked: Asked<'_>) -> Result<Self> {
        let ground = Ground::find(deps, call, operation, asked.location).await?;
        let location_id = ground.about().location_id.map(str::to_owned);
        let question =
            Question::of(&(asked.tool, call.tenant().as_str(), location_id, &*operation.id, asked.arguments))?;
        let mut arguments = asked.arguments.clone();
        if let Some(cursor) = asked.cursor {
            let page: Page = question.place(cursor)?;
            paging::resume(operation, page, &mut arguments)?;
        }
        let sorted = arguments::sort(operation, &arguments, ground.about())?;
        let request = request::request(&sorted)?;
        Ok(Self { operation, ground, sorted, request, question, arguments })
    }

    /// What would happen, for whoever has to say yes.
    pub(crate) fn plan(&self) -> Plan {
        let shown = request::shown(&self.sorted, &self.request);
        plan::plan(self.operation, self.ground.location.as_ref(), &shown, &self.arguments)
    }

    /// What would be sent; sends nothing.
    pub(crate) fn dry(&self) -> Answer {
        Answer {
            request: Some(request::shown(&self.sorted, &self.request)),
            access: Some(self.operation.access.into()),
            ..self.answered()
        }
    }

    /// Sends it.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn send(&self, deps: &Deps) -> Result<Answer> {
        let received = deps.client.raw(&self.ground.session, &self.request).await?;
        let data = answer::read(&received);
        let page = paging::next(self.operation, &self.arguments, &data);
        let next_cursor = page.map(|page| self.question.cursor_at(page)).transpose()?;
        let data = (!data.is_null()).then(|| answer::fenced(data));
        Ok(Answer { data, next_cursor, ..self.answered() })
    }

    /// Notes under the name of a tool that it was sent, where it is about a location. What it has changed there, and what
    /// would take that back, is not known of operations in general.
    pub(crate) async fn note(&self, deps: &Deps, call: &Call, tool: &'static str) {
        let Some(location) = &self.ground.location else { return };
        let site = Site { session: self.ground.session.clone(), location: location.clone() };
        let id = self.operation.id.to_string();
        let change = Change::lasting(tool, format!("called the operation {id}"), ("operation", id));
        deps.journal.note(call, &site, change).await;
    }

    fn answered(&self) -> Answer {
        let location = self.ground.location.as_ref();
        Answer {
            operation: self.operation.id.to_string(),
            location: location.map(|location| LocationAnswer::new(location, self.ground.is_demo())),
            data: None,
            next_cursor: None,
            request: None,
            access: None,
        }
    }
}

#[cfg(test)]
mod tests;
