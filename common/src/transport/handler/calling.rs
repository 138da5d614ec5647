//! `tools/call`: down the path that every call takes, with its progress, as a task where it takes long, and with a person's
//! yes where it needs one and the client can ask for it.

use rmcp::RoleServer;
use rmcp::model::{CallToolRequestParams, CallToolResponse, ErrorData, JsonObject, MetaObject};
use rmcp::service::RequestContext;
use serde_json::Value;
use tokio::sync::mpsc;

use super::consent::{self, Way};
use super::progress::with_progress;
use super::{Handler, is_modern, tasks};
use crate::error::Error;
use crate::tool::{Answer, Call, IdempotencyKey, KEY_IN_META, Started, result_of};

/// Progress steps waiting for a slow client; more are skipped.
const PROGRESS_BACKLOG: usize = 16;

/// What a tool answered, or why it did not.
type Outcome = Result<Value, Error>;

impl Handler {
    /// Runs a tool; where a person has to say yes first and the client can ask them, has it do so.
    pub(super) async fn run(
        &self,
        context: &RequestContext<RoleServer>,
        mut request: CallToolRequestParams,
    ) -> Result<CallToolResponse, ErrorData> {
        let (named, key) = match (consent::named(context), key(context)) {
            (Ok(named), Ok(key)) => (named, key),
            (Err(error), _) | (_, Err(error)) => return Ok(self.complete(context, Err(error))),
        };
        let answer = consent::answer(&mut request);
        let call = self.call(context)?.with_idempotency_key(key).with_approval(named).with_answer(answer);
        let given = request.arguments.take().unwrap_or_default();
        let (name, arguments) = self.server.tools.resolve(&call.caller, request.name.to_string(), given).await;
        // Only an older client is asked while its call waits, so that it has to be run again.
        let is_change = self.server.tools.access(&name).is_some_and(|access| !access.is_read());
        let again = (is_change && !is_modern(context)).then(|| arguments.clone());
        let outcome = match self.perform(context, &call, &name, arguments).await? {
            Started::Ended(outcome) => outcome,
            Started::Task(task) => return Ok(CallToolResponse::Task(tasks::handle(self, context, &task))),
        };
        let approvals = self.dispatch.approvals();
        let question = consent::open_question(&outcome).filter(|_| call.answer.is_none() && approvals.asks_at_client());
        let Some(proposed) = question else { return Ok(self.complete(context, outcome)) };
        let way = Way::of(context, is_modern(context));
        if way == Way::None {
            return Ok(self.complete(context, outcome));
        }
        let state = match approvals.state(&call, proposed).await {
            Ok(state) => state,
            Err(error) => {
                // The inbox is still there.
                let cause = error.cause();
                tracing::warn!(error.cause = cause, "nobody can be asked at the client: {}", error.message());
                return Ok(self.complete(context, outcome));
            }
        };
        let Some(arguments) = again.filter(|_| way == Way::Wait) else {
            return Ok(match consent::result(proposed, state) {
                Ok(question) => question.with_meta(MetaObject::clone(&self.identity)).into(),
                Err(error) => self.complete(context, Err(error)),
            });
        };
        let said = consent::ask(&context.peer, approvals, proposed, &call.cancel).await;
        let call = call.clone().with_answer(Some(Answer { state, said }));
        Ok(match self.perform(context, &call, &name, arguments).await? {
            Started::Ended(outcome) => self.complete(context, outcome),
            Started::Task(task) => CallToolResponse::Task(tasks::handle(self, context, &task)),
        })
    }

    /// Takes a call down its path and passes its progress on as it comes.
    async fn perform(
        &self,
        context: &RequestContext<RoleServer>,
        call: &Call,
        name: &str,
        arguments: JsonObject,
    ) -> Result<Started, ErrorData> {
        let surface = self.surface(context);
        if let Some(job) = tasks::job(self, context, (&surface, call), name) {
            let started = tasks::start(self, job, (&surface, call.clone()), (name.to_owned(), arguments)).await;
            return Ok(started.unwrap_or_else(|error| Started::Ended(Err(error))));
        }
        let outcome = match context.meta.get_progress_token() {
            None => self.dispatch.run(&self.server.tools, &surface, call, name, arguments).await,
            Some(token) => {
                let (sender, receiver) = mpsc::channel(PROGRESS_BACKLOG);
                let call = call.clone().with_progress(sender);
                let work = self.dispatch.run(&self.server.tools, &surface, &call, name, arguments);
                Box::pin(with_progress(work, receiver, &context.peer, token)).await
            }
        };
        let outcome = outcome.map_err(|_| {
            let known = self.server.tools.names(&surface, &call.caller).join(", ");
            ErrorData::invalid_params(format!("unknown tool `{name}`; tools here: {known}"), None)
        })?;
        Ok(Started::Ended(outcome))
    }

    fn complete(&self, context: &RequestContext<RoleServer>, outcome: Outcome) -> CallToolResponse {
        let mut result = result_of(outcome);
        result.meta = self.stamp(context);
        CallToolResponse::Complete(result)
    }
}

/// The idempotency key that a request carries in its `_meta`: programs that know no schema can send it with every call.
///
/// # Errors
/// `invalid_argument` if it is no key.
fn key(context: &RequestContext<RoleServer>) -> Result<Option<IdempotencyKey>, Error> {
    let Some(given) = context.meta.get(KEY_IN_META) else { return Ok(None) };
    given.as_str().unwrap_or_default().parse().map(Some)
}
