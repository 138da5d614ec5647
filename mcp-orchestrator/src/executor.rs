//! Makes the calls of steps: tools of connected servers, and HTTP.

mod failure;
mod http;
mod tool;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use common::auth::Acting;
use common::clock::Clock;
use common::http::HttpClient;
use common::peer::Peers;
use common::plan::{PlanId, ProposedPlan};
use common::tenant::TenantId;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::interpreter::command::Target;
use crate::interpreter::{Ending, Failure, StepCall};

/// How a call ends.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Called> + Send + 'a>>;

/// What became of a call.
#[derive(Debug)]
pub enum Called {
    Answered(Value),
    Failed(Box<Failure>),
    /// Nothing has happened: somebody has to say yes to this plan first.
    NeedsYes(Box<ProposedPlan>),
}

/// One call, on whose behalf and how it may be made.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    pub tenant: &'a TenantId,
    pub acting: &'a Acting,
    pub call: &'a StepCall,
    /// The plan that somebody has said yes to.
    pub approval: Option<PlanId>,
    /// The whole time that it may take.
    pub deadline: Duration,
    /// Fires when nobody needs its outcome any more.
    pub cancel: &'a CancellationToken,
}

/// Whoever makes the calls of steps. A seam: engines are tested with a world of their own.
pub trait Calls: fmt::Debug + Send + Sync {
    /// Makes a call once. The same call may be made again after a crash, under the same idempotency key.
    fn call<'a>(&'a self, errand: Errand<'a>) -> Calling<'a>;
}

/// Makes calls for real.
#[derive(Debug)]
pub struct Executor {
    pub peers: Peers,
    pub http: HttpClient,
    pub clock: Clock,
}

impl Calls for Executor {
    fn call<'a>(&'a self, errand: Errand<'a>) -> Calling<'a> {
        Box::pin(async move {
            match &errand.call.target {
                Target::Tool { server, tool, arguments } => {
                    tool::call(&self.peers, errand, (server, tool, arguments)).await
                }
                Target::Http { method, url, headers, query, body, output } => {
                    let asked = http::Asked { method, url, headers, query, body: body.as_ref(), output: *output };
                    http::call((&self.http, &self.clock), errand, asked).await
                }
                Target::Connector { connector, .. } => Called::Failed(Box::new(failure::unknown_connector(connector))),
            }
        })
    }
}

/// How a run's end is told to the run that waits for it.
#[expect(clippy::result_large_err, reason = "the form in which outcomes are fed back")]
pub(crate) fn outcome_of(ending: &Ending) -> Result<Value, Failure> {
    match ending {
        Ending::Completed { output } => Ok(output.clone()),
        Ending::Failed { failure } => Err(failure.clone()),
        Ending::Cancelled { reason } => Err(failure::cancelled(reason)),
    }
}

pub(crate) use failure::of as failure_of;
