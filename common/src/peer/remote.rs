//! A server outside this process: who may call what of it, when it is left alone, and what a lost answer means.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;

use super::answer::Asked;
use super::breaker::{Breaker, Pass};
use super::call::{PeerCall, PeerServer, PeerState, PeerTool};
use super::lines::Lines;
use super::link::Failure;
use super::settings::{PeerSettings, PeersSettings};
use super::target::{AllowList, allow_list, way};
use super::{Surroundings, bounded};
use crate::auth::{Caller, Role};
use crate::error::{Error, ErrorCode, LostChange, Result};
use crate::tenant::TenantId;

/// A call that was given less time says nothing about its server when it runs out.
const FAIR_DEADLINE: Duration = Duration::from_secs(1);

/// One server of the settings.
#[derive(Debug)]
pub(super) struct Remote {
    name: Arc<str>,
    is_of_suite: bool,
    allow: AllowList,
    tenants: Vec<TenantId>,
    deadline: Duration,
    around: Surroundings,
    lines: Arc<Lines>,
    breaker: Breaker,
    calls: Semaphore,
}

/// How far a call has come, for whoever gives it up.
#[derive(Debug, Default)]
struct Progress {
    was_connected: AtomicBool,
    was_sent: AtomicBool,
    is_read_only: AtomicBool,
    /// Whether the server knows a repetition when it sees one.
    knows_key: AtomicBool,
}

impl Remote {
    /// A server as the settings have it. Connects to nothing.
    ///
    /// # Errors
    /// `failed_precondition` naming what is wrong with the settings.
    pub(super) fn new(server: &PeerSettings, settings: &PeersSettings, around: Surroundings) -> Result<Self> {
        let (way, allow) = (way(server)?, allow_list(server)?);
        let name: Arc<str> = server.name.as_str().into();
        let lines = Lines::new(Arc::clone(&name), way, server.suite, settings, around.clone());
        Ok(Self {
            name,
            is_of_suite: server.suite,
            allow,
            tenants: server.tenants.clone(),
            deadline: settings.deadline(server),
            around,
            lines: Arc::new(lines),
            breaker: Breaker::new(settings),
            calls: Semaphore::new(settings.calls_per_server_max.clamp(1, Semaphore::MAX_PERMITS)),
        })
    }

    /// Whether a tenant knows of it.
    pub(super) fn serves(&self, tenant: &TenantId) -> bool {
        self.tenants.is_empty() || self.tenants.contains(tenant)
    }

    pub(super) fn describe(&self, tenant: &TenantId) -> PeerServer {
        let state = match () {
            () if self.breaker.is_open(self.around.clock.now_ms()) => PeerState::Resting,
            () if self.lines.is_connected(tenant) => PeerState::Connected,
            () => PeerState::Idle,
        };
        let transport = self.lines.way().as_str();
        PeerServer { name: self.name.to_string(), transport, is_of_suite: self.is_of_suite, state }
    }

    /// Its tools that may be called.
    pub(super) async fn tools(&self, caller: &Caller) -> Result<Vec<PeerTool>> {
        let asked = self.asked("tools/list");
        let work = async {
            let pass = self.breaker.enter(&self.around.clock).map_err(|wait| self.resting(wait))?;
            let listed = match self.lines.link(caller).await {
                Ok(link) => link.tools(caller).await,
                Err(failure) => Err(failure),
            };
            self.judge(pass, listed.as_ref().err());
            listed.map_err(|failure| asked.error(failure))
        };
        let listed = bounded(&self.around.clock, self.deadline, None, work).await;
        let tools = listed.unwrap_or_else(|| Err(self.out_of_time("tools/list")))?;
        Ok(tools.iter().filter(|tool| self.allow.admits(&tool.name)).cloned().collect())
    }

    pub(super) async fn call(&self, caller: &Caller, call: PeerCall) -> Result<Value> {
        if !self.allow.admits(&call.tool) {
            let message = format!("`{}` of `{}` is not among the tools that may be called", call.tool, self.name);
            return Err(Error::new(ErrorCode::PermissionDenied, message)
                .with_hint("whoever runs this installation adds it to `allow` in `[[peers.servers]]`"));
        }
        let clock = &self.around.clock;
        let (progress, begun_ms) = (Progress::default(), clock.now_ms());
        let deadline = call.deadline.min(self.deadline);
        let permit = bounded(clock, deadline, Some(&call.cancel), self.calls.acquire()).await;
        // They are never closed: no permit means no time.
        let Some(Ok(_permit)) = permit else { return Err(self.given_up(&call)) };
        let pass = self.breaker.enter(clock).map_err(|wait| self.resting(wait))?;
        let waited = Duration::from_millis(clock.now_ms().saturating_sub(begun_ms).unsigned_abs());
        let left = deadline.saturating_sub(waited);
        let outcome = bounded(clock, left, Some(&call.cancel), Box::pin(self.perform(caller, &call, &progress))).await;
        match outcome {
            None => {
                let is_its_fault = !call.cancel.is_cancelled() && deadline >= FAIR_DEADLINE;
                if is_its_fault {
                    self.note_failure(pass);
                }
                Err(progress.judged(self.given_up(&call)))
            }
            Some(outcome) => {
                self.judge(pass, outcome.as_ref().err().and_then(Stop::failure));
                outcome.map_err(|stop| match stop {
                    Stop::Refused(error) => error,
                    Stop::Failure(failure @ Failure::Unanswered(_)) => {
                        progress.judged(self.asked(&call.tool).error(failure))
                    }
                    Stop::Failure(failure) => self.asked(&call.tool).error(failure),
                })
            }
        }
    }

    /// Calls, and once more where the first connection turns out to be gone and that does no harm.
    async fn perform(&self, caller: &Caller, call: &PeerCall, progress: &Progress) -> Result<Value, Stop> {
        let outcome = self.attempt(caller, call, progress).await;
        let is_lost = matches!(outcome, Err(Stop::Failure(Failure::Unanswered(_) | Failure::NotSent(_))));
        if !is_lost || !progress.may_go_again() {
            return outcome;
        }
        tracing::info!(peer.name = %self.name, tool.name = call.tool, "repeating a call of `{}` that was lost", self.name);
        self.attempt(caller, call, progress).await
    }

    /// Connects where nobody is connected, and calls once.
    async fn attempt(&self, caller: &Caller, call: &PeerCall, progress: &Progress) -> Result<Value, Stop> {
        progress.was_connected.store(false, Ordering::Release);
        let link = self.lines.link(caller).await.map_err(Stop::Failure)?;
        progress.was_connected.store(true, Ordering::Release);
        let tool = link.tool(caller, &call.tool).await.map_err(Stop::Failure)?;
        let Some(tool) = tool else {
            let message = format!("`{}` has no tool `{}`", self.name, call.tool);
            return Err(Stop::Refused(
                Error::new(ErrorCode::NotFound, message).with_hint("look at the tools that it lists"),
            ));
        };
        // A server outside knows the tenant at most, not who of it calls.
        if !tool.is_read_only && caller.role() < Role::Member {
            let message = format!("`{}` of `{}` is not said to change nothing", call.tool, self.name);
            return Err(Stop::Refused(
                Error::new(ErrorCode::PermissionDenied, message).with_hint("a viewer may call tools that only read"),
            ));
        }
        let is_keyed = self.is_of_suite && call.idempotency_key.is_some();
        progress.is_read_only.store(tool.is_read_only, Ordering::Release);
        progress.knows_key.store(is_keyed, Ordering::Release);
        progress.was_sent.store(true, Ordering::Release);
        let result = link.call(caller, call).await.map_err(|failure| {
            match failure {
                Failure::NotSent(_) => progress.was_sent.store(false, Ordering::Release),
                // What comes next is asked over another connection.
                Failure::Unanswered(_) => self.lines.let_go(caller, &link),
                Failure::Refused(_) | Failure::Unusable(_) => {}
            }
            Stop::Failure(failure)
        })?;
        self.asked(&call.tool).value(result).map_err(Stop::Refused)
    }

    fn judge(&self, pass: Pass<'_>, failure: Option<&Failure>) {
        let is_well = match failure {
            None | Some(Failure::Refused(_) | Failure::Unusable(_)) => true,
            // Its own words that it has had enough are an answer.
            Some(Failure::NotSent(error) | Failure::Unanswered(error)) => match error.code() {
                ErrorCode::RateLimited | ErrorCode::UpstreamRejected => true,
                // Nobody has asked it anything.
                ErrorCode::PermissionDenied => return,
                _ => false,
            },
        };
        if is_well {
            pass.answered();
        } else {
            self.note_failure(pass);
        }
    }

    fn note_failure(&self, pass: Pass<'_>) {
        if pass.failed() {
            tracing::warn!(peer.name = %self.name, "the server `{}` keeps failing and is left alone", self.name);
        }
    }

    fn asked<'a>(&'a self, tool: &'a str) -> Asked<'a> {
        Asked { server: &self.name, tool, is_of_suite: self.is_of_suite }
    }

    fn resting(&self, wait: Duration) -> Error {
        let message = format!("`{}` keeps failing and is left alone for a while", self.name);
        Error::new(ErrorCode::UpstreamUnavailable, message).with_hint("try again later").with_retry_after(wait)
    }

    fn given_up(&self, call: &PeerCall) -> Error {
        if call.cancel.is_cancelled() {
            let message = format!("the call of `{}` of `{}` was cancelled", call.tool, self.name);
            return Error::new(ErrorCode::DeadlineExceeded, message);
        }
        self.out_of_time(&call.tool)
    }

    fn out_of_time(&self, tool: &str) -> Error {
        Error::new(ErrorCode::DeadlineExceeded, format!("`{tool}` of `{}` was not done in the time allowed", self.name))
            .with_hint("allow more time or ask for less")
    }
}

impl Progress {
    /// Whether a call that was lost on its way may be made again.
    fn may_go_again(&self) -> bool {
        let is_harmless = self.is_read_only.load(Ordering::Acquire) || self.knows_key.load(Ordering::Acquire);
        self.was_connected.load(Ordering::Acquire) && (is_harmless || !self.was_sent.load(Ordering::Acquire))
    }

    /// What a lost answer means for the change that was to be made.
    fn judged(&self, error: Error) -> Error {
        if !self.was_sent.load(Ordering::Acquire) || self.is_read_only.load(Ordering::Acquire) {
            return error;
        }
        let hint = if self.knows_key.load(Ordering::Acquire) {
            "the change may have been made; repeating the call with the same key is safe"
        } else {
            "outcome unknown: the change may have been made, so look for it before you call again"
        };
        error.with_lost_change(LostChange::OutcomeUnknown).with_hint(hint)
    }
}

/// Why a call has come to no value.
#[derive(Debug)]
enum Stop {
    Failure(Failure),
    /// By us, or by its tool: the server is well.
    Refused(Error),
}

impl Stop {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failure(failure) => Some(failure),
            Self::Refused(_) => None,
        }
    }
}
