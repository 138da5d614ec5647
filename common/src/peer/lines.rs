//! The connections to one server: one for each tenant, made when first needed, by one caller for all who wait, and
//! closed when nobody has used them for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::service::RunningService;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::Surroundings;
use super::connect::{self, Opened};
use super::ear::Ear;
use super::line::Line;
use super::link::{Failure, Link, Usage};
use super::settings::PeersSettings;
use super::target::Way;
use crate::auth::Caller;
use crate::clock::{UnixMillis, after};
use crate::error::{Error, ErrorCode};
use crate::tenant::TenantId;

/// Least time between two looks at whether a connection is used.
const LOOK_EVERY_MIN: Duration = Duration::from_millis(10);

/// One connection and the way to it.
#[derive(Debug, Default)]
struct Slot {
    link: Mutex<Option<Arc<Link>>>,
    /// Held while one caller connects for all.
    gate: tokio::sync::Mutex<Attempts>,
}

/// What became of earlier attempts to connect.
#[derive(Debug, Default)]
struct Attempts {
    failures: u32,
    not_before_ms: UnixMillis,
}

impl Slot {
    fn live(&self) -> Option<Arc<Link>> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.as_ref().filter(|link| !link.is_closed()).map(Arc::clone)
    }

    fn take(&self) -> Option<Arc<Link>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// All connections to one server.
#[derive(Debug)]
pub(super) struct Lines {
    name: Arc<str>,
    way: Way,
    is_of_suite: bool,
    settings: PeersSettings,
    around: Surroundings,
    slots: Mutex<HashMap<Line, Arc<Slot>>>,
}

impl Lines {
    pub(super) fn new(
        name: Arc<str>,
        way: Way,
        is_of_suite: bool,
        settings: &PeersSettings,
        around: Surroundings,
    ) -> Self {
        let settings = PeersSettings { servers: Vec::new(), ..settings.clone() };
        Self { name, way, is_of_suite, settings, around, slots: Mutex::default() }
    }

    pub(super) fn way(&self) -> &Way {
        &self.way
    }

    pub(super) fn is_connected(&self, tenant: &TenantId) -> bool {
        self.slots().iter().any(|(owner, slot)| owner.tenant == *tenant && slot.live().is_some())
    }

    /// The caller's connection, opened if there is none.
    pub(super) async fn link(self: &Arc<Self>, caller: &Caller) -> Result<Arc<Link>, Failure> {
        let owner = self.line(caller).map_err(Failure::NotSent)?;
        let slot = self.slot(&owner).map_err(Failure::NotSent)?;
        if let Some(link) = slot.live() {
            return Ok(link);
        }
        // On its own, so that a server that starts slowly is up for the next caller when this one has given up.
        let (answer, answered) = oneshot::channel();
        let lines = Arc::clone(self);
        self.around.tasks.spawn(async move {
            let opened = lines.open(&owner, &slot).await;
            drop(answer.send(opened));
        });
        let stopped = || Error::new(ErrorCode::UpstreamUnavailable, "this process is stopping");
        answered.await.unwrap_or_else(|_| Err(stopped())).map_err(Failure::NotSent)
    }

    /// Uses a connection no more for new calls.
    pub(super) fn let_go(&self, caller: &Caller, link: &Arc<Link>) {
        let Ok(owner) = self.line(caller) else { return };
        let slot = self.slots().get(&owner).map(Arc::clone);
        if let Some(slot) = slot {
            let mut kept = slot.link.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, link) && !kept.is_closed()) {
                *kept = None;
            }
        }
    }

    fn line(&self, caller: &Caller) -> Result<Line, Error> {
        let tenant = caller.tenant().clone();
        let is_told = self.is_of_suite && matches!(self.way, Way::Child(_));
        if !is_told {
            return Ok(Line { tenant, acting: None });
        }
        if !caller.scopes().is_empty() {
            let message = "it cannot be told of the scopes of who calls, so only callers without scopes may call it";
            return Err(Error::new(ErrorCode::PermissionDenied, message)
                .with_hint("run all servers as one program, `luminar`, where scopes hold"));
        }
        Ok(Line { tenant, acting: Some((caller.subject().to_owned(), caller.role())) })
    }

    fn slot(&self, owner: &Line) -> Result<Arc<Slot>, Error> {
        let mut slots = self.slots();
        if let Some(slot) = slots.get(owner) {
            return Ok(Arc::clone(slot));
        }
        if slots.len() >= self.settings.connections_per_server_max.max(1) {
            // One that nobody uses makes room, the longest unused first.
            let unused = |slot: &Arc<Slot>| match slot.live() {
                Some(link) => link.usage.last_ms(),
                None if Arc::strong_count(slot) == 1 => UnixMillis::MIN,
                None => UnixMillis::MAX,
            };
            let oldest = slots.iter().map(|(owner, slot)| (unused(slot), owner)).min_by_key(|(last_ms, _)| *last_ms);
            match oldest {
                Some((last_ms, oldest)) if last_ms < UnixMillis::MAX => {
                    let oldest = oldest.clone();
                    slots.remove(&oldest);
                }
                _ => {
                    let message = "all connections to it are in use";
                    return Err(Error::new(ErrorCode::RateLimited, message).with_retry_after(Duration::from_secs(1)));
                }
            }
        }
        let slot = Arc::new(Slot::default());
        slots.insert(owner.clone(), Arc::clone(&slot));
        Ok(slot)
    }

    /// Connects, unless somebody else has meanwhile, and not too soon after a failure.
    async fn open(self: &Arc<Self>, owner: &Line, slot: &Arc<Slot>) -> Result<Arc<Link>, Error> {
        let mut attempts = slot.gate.lock().await;
        if let Some(link) = slot.live() {
            return Ok(link);
        }
        let clock = &self.around.clock;
        // A connection that broke before it served anybody is one more failure: a program that dies at once.
        match slot.take() {
            Some(link) if link.has_served() => *attempts = Attempts::default(),
            Some(_) => attempts.failed(&self.settings, clock.now_ms()),
            None => {}
        }
        let wait_ms = attempts.not_before_ms.saturating_sub(clock.now_ms());
        if let Ok(wait_ms @ 1..) = u64::try_from(wait_ms) {
            clock.sleep(Duration::from_millis(wait_ms)).await;
        }
        let stopping = self.around.tasks.stopping();
        let opening = connect::open(&self.way, (&self.name, owner), &self.settings, &self.around);
        let opened = tokio::select! {
            biased;
            () = stopping.cancelled() => Err(Error::new(ErrorCode::UpstreamUnavailable, "this process is stopping")),
            opened = opening => opened,
            () = clock.sleep(self.settings.connect_timeout()) => {
                let message = format!("it was not ready within {} ms", self.settings.connect_timeout_ms);
                Err(Error::new(ErrorCode::UpstreamUnavailable, message))
            }
        };
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                attempts.failed(&self.settings, clock.now_ms());
                let cause = error.cause();
                tracing::warn!(
                    peer.name = %self.name, error.cause = cause,
                    "the server `{}` cannot be reached: {}", self.name, error.message()
                );
                return Err(error);
            }
        };
        let link = self.keep(opened);
        *slot.link.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&link));
        Ok(link)
    }

    /// Looks after an open connection until it ends.
    fn keep(&self, opened: Opened) -> Arc<Link> {
        let Opened { service, ear, child, until, too_large } = opened;
        let clock = self.around.clock.clone();
        let usage = Arc::new(Usage::new(clock.clone()));
        let tasks = self.around.tasks.clone();
        let link =
            Link::new(service.peer().clone(), ear.clone(), Arc::clone(&usage), tasks, until.clone().drop_guard());
        connect::follow(service.peer(), ear, &self.around.tasks, until.clone());
        let idle = self.settings.idle();
        self.around.tasks.spawn(async move {
            wait(service, &usage, idle, &until).await;
            if let Some(child) = child {
                child.end(&clock).await;
            }
            // Its standard error has been read to its end, or nobody wants to wait for it.
            until.cancel();
        });
        Arc::new(link.bounded_by(too_large))
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Line, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempts {
    fn failed(&mut self, settings: &PeersSettings, now_ms: UnixMillis) {
        let factor = 2_u64.saturating_pow(self.failures.min(32));
        let pause_ms = settings.backoff_ms.saturating_mul(factor).min(settings.backoff_ms_max);
        self.failures = self.failures.saturating_add(1);
        self.not_before_ms = after(now_ms, Duration::from_millis(pause_ms));
    }
}

/// Until the connection ends by itself, or has been idle for so long that it is ended.
async fn wait(service: RunningService<RoleClient, Ear>, usage: &Usage, idle: Duration, until: &CancellationToken) {
    let mut ended = std::pin::pin!(service.waiting());
    loop {
        tokio::select! {
            _ = &mut ended => return,
            () = usage.sleep(idle.max(LOOK_EVERY_MIN)) => {}
        }
        if usage.is_idle_for(idle) {
            until.cancel();
        }
    }
}
