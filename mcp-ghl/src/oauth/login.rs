//! A login in use: gives its access token, and has a new one made before the old one ends or when the vendor refuses it.
//!
//! Whoever makes a new token holds two turns: the login's own, against the other calls of this process, and the lease of
//! its secret, against other processes. All others wait and then read what the first has stored. A new token is
//! stored before anybody uses it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use common::clock::{Clock, UnixMillis};
use common::error::{Error, ErrorCode, Result};
use common::secrets::{SecretName, Secrets};
use common::tasks::Tasks;
use common::tenant::TenantId;
use secrecy::SecretString;
use tokio::sync::{Mutex, oneshot};

use super::app::AppSource;
use super::endpoint::{Endpoint, PATIENCE, ended};
use super::failure::Failure;
use super::tokens::TokenSet;
use crate::record_id::RecordId;

/// A token that ends within this time is not used any more: a call may take as long to arrive.
const AHEAD_MS: i64 = 60_000;

/// How long one process may keep the others waiting. Longer than an exchange may take, and short enough that after a
/// crash in the middle of one there is time left in the vendor's grace of 30 seconds.
const LEASE: Duration = Duration::from_secs(15);
const _: () = assert!(PATIENCE.as_secs() < LEASE.as_secs() && LEASE.as_secs() < 20);

/// How often a process that waits for another one looks whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often it looks in all: beyond the end of a lease of one who has died.
const LOOKS_MAX: u32 = 250;

/// For how long a refresh token that the vendor has refused is not shown to it again.
const REFUSED_FOR_MS: i64 = 60_000;

/// What all logins work with.
#[derive(Debug)]
pub(super) struct Means {
    pub(super) secrets: Secrets,
    pub(super) endpoint: Endpoint,
    pub(super) clock: Clock,
    pub(super) tasks: Tasks,
    pub(super) app: AppSource,
}

/// One login of a tenant, or a location that an agency's login opens.
pub struct Login {
    tenant: TenantId,
    name: SecretName,
    origin: Origin,
    means: Arc<Means>,
    known: RwLock<Option<Arc<Known>>>,
    /// Counts the attempts to make a token, so that those who waited through one share its failure.
    attempts: AtomicU64,
    turn: Arc<Mutex<Turn>>,
}

/// Where new tokens come from.
#[derive(Debug)]
pub(super) enum Origin {
    /// A refresh token.
    Own,
    /// The agency's login. More robust than a refresh token of its own: one chain per agency has to be kept unbroken
    /// instead of one per location, and a lost token is simply made again.
    Agency { login: Arc<Login>, location_id: RecordId },
}

/// Tokens as they are stored.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) tokens: TokenSet,
    generation: i64,
}

/// What came of the last turns.
#[derive(Debug, Default)]
struct Turn {
    last: Option<Failure>,
    refused: Option<Refused>,
}

#[derive(Debug, Clone, Copy)]
struct Refused {
    generation: i64,
    at_ms: UnixMillis,
}

/// An access token, and which one it is.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) token: SecretString,
    generation: i64,
}

impl Login {
    pub(super) fn new(tenant: TenantId, name: SecretName, origin: Origin, means: Arc<Means>) -> Self {
        Self {
            tenant,
            name,
            origin,
            means,
            known: RwLock::default(),
            attempts: AtomicU64::new(0),
            turn: Arc::default(),
        }
    }

    pub(crate) fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The access token to use now.
    ///
    /// # Errors
    /// `unauthenticated` if a person has to log in again; `upstream_unavailable` if the vendor does not answer; those
    /// of the secret store.
    pub(crate) async fn access(self: &Arc<Self>) -> Result<Access> {
        let good_still = |known: &Arc<Known>| self.means.clock.now_ms() < known.tokens.expires_at_ms;
        match self.fresh(None).await {
            Ok(known) => Ok(known.access()),
            // It could not be renewed ahead of time: it serves to its end.
            Err(error) => self.remembered().filter(good_still).map(|known| known.access()).ok_or(error),
        }
    }

    /// Another access token than the one that the vendor has just refused.
    ///
    /// # Errors
    /// As of [`Login::access`].
    pub(crate) async fn access_after(self: &Arc<Self>, refused: &Access) -> Result<Access> {
        self.fresh(Some(refused.generation)).await.map(|known| known.access())
    }

    /// The tokens as they are stored, however old; `None` after a logout.
    ///
    /// # Errors
    /// Those of the secret store.
    pub(crate) async fn stored(&self) -> Result<Option<Arc<Known>>> {
        let Some(stored) = self.means.secrets.get(&self.tenant, &self.name).await? else { return Ok(None) };
        let known = Arc::new(Known { tokens: TokenSet::from_secret(&stored.value)?, generation: stored.generation });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(Some(known))
    }

    /// What this process read last, or the stored tokens.
    ///
    /// # Errors
    /// `unauthenticated` if there are none; those of the secret store.
    pub(crate) async fn known(&self) -> Result<Arc<Known>> {
        match self.remembered() {
            Some(known) => Ok(known),
            None => self.stored().await?.ok_or_else(ended),
        }
    }

    fn remembered(&self) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_usable(&self, known: &Known, stale: Option<i64>) -> bool {
        let ends_at_ms = known.tokens.expires_at_ms.saturating_sub(AHEAD_MS);
        stale != Some(known.generation) && self.means.clock.now_ms() < ends_at_ms
    }

    /// Boxed, since an agency's login is asked in the course of its location's.
    fn fresh(self: &Arc<Self>, stale: Option<i64>) -> futures_util::future::BoxFuture<'static, Result<Arc<Known>>> {
        let login = Arc::clone(self);
        Box::pin(async move { login.fresh_or_wait(stale).await })
    }

    async fn fresh_or_wait(self: &Arc<Self>, stale: Option<i64>) -> Result<Arc<Known>> {
        let usable = |login: &Self| login.remembered().filter(|known| login.is_usable(known, stale));
        if let Some(known) = usable(self) {
            return Ok(known);
        }
        let attempts_before = self.attempts.load(Ordering::Acquire);
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if let Some(known) = usable(self) {
            return Ok(known);
        }
        if self.attempts.load(Ordering::Acquire) != attempts_before
            && let Some(failure) = &turn.last
        {
            return Err(failure.to_error());
        }
        self.take_turn(turn, stale).await
    }

    /// Beside the call, which may be cancelled at any moment: a token that the vendor has issued must be stored even if
    /// nobody waits for it any more.
    async fn take_turn(
        self: &Arc<Self>,
        mut turn: tokio::sync::OwnedMutexGuard<Turn>,
        stale: Option<i64>,
    ) -> Result<Arc<Known>> {
        let (tell, told) = oneshot::channel();
        let login = Arc::clone(self);
        self.means.tasks.spawn(async move {
            let outcome = login.found_or_made(&mut turn, stale).await;
            turn.last = outcome.as_ref().err().map(Failure::of);
            login.attempts.fetch_add(1, Ordering::AcqRel);
            drop(turn);
            drop(tell.send(outcome));
        });
        told.await.unwrap_or_else(|_| {
            Err(Error::new(ErrorCode::UpstreamUnavailable, "the process is stopping").with_hint("try again"))
        })
    }

    /// What another process has stored, or new tokens once no other process makes any.
    async fn found_or_made(self: &Arc<Self>, turn: &mut Turn, stale: Option<i64>) -> Result<Arc<Known>> {
        for _ in 0..LOOKS_MAX {
            if let Some(known) = self.stored().await?.filter(|known| self.is_usable(known, stale)) {
                return Ok(known);
            }
            if let Some(lease) = self.means.secrets.lease(&self.tenant, &self.name, LEASE).await? {
                let outcome = self.make(turn, stale).await;
                // Where it cannot be given back it ends by itself; what was made is good all the same.
                if let Err(error) = lease.release().await {
                    tracing::warn!(error = ?error, "the lease of a login could not be given back");
                }
                return outcome;
            }
            self.means.clock.sleep(LOOK_EVERY).await;
        }
        Err(Error::new(ErrorCode::UpstreamUnavailable, "another process is renewing the GoHighLevel login")
            .with_hint("try again"))
    }

    /// Makes new tokens and stores them. The lease is held.
    async fn make(self: &Arc<Self>, turn: &mut Turn, stale: Option<i64>) -> Result<Arc<Known>> {
        // Between our last look and the lease another process may have done it.
        let before = self.stored().await?;
        if let Some(known) = before.as_ref().filter(|known| self.is_usable(known, stale)) {
            return Ok(Arc::clone(known));
        }
        let made = match (&self.origin, &before) {
            (Origin::Agency { login, location_id }, _) => self.minted(login, location_id).await?,
            (Origin::Own, Some(known)) => match self.refreshed(turn, known).await {
                // Refused, and yet another process has new tokens: our lease had ended before we were done.
                Err(error) if error.code() == ErrorCode::Unauthenticated => {
                    let now = self.stored().await?.filter(|now| now.generation != known.generation);
                    return now.filter(|now| self.is_usable(now, stale)).ok_or(error);
                }
                made => made?,
            },
            (Origin::Own, None) => return Err(ended()),
        };
        let value = made.to_secret()?;
        // 0 is "none yet".
        let expected = before.as_ref().map_or(0, |known| known.generation);
        let generation = self.means.secrets.replace(&self.tenant, &self.name, expected, &value).await?;
        tracing::info!(tenant.id = %self.tenant, secret.name = %self.name, "renewed the GoHighLevel login `{}`", self.name);
        match generation {
            Some(generation) => {
                let known = Arc::new(Known { tokens: made, generation });
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
                Ok(known)
            }
            // Logged out, logged in anew or renewed meanwhile: what is stored counts.
            None => self.stored().await?.filter(|known| self.is_usable(known, stale)).ok_or_else(ended),
        }
    }

    async fn refreshed(&self, turn: &mut Turn, known: &Known) -> Result<TokenSet> {
        let now_ms = self.means.clock.now_ms();
        let was_refused = turn.refused.is_some_and(|refused| {
            refused.generation == known.generation && now_ms.saturating_sub(refused.at_ms) < REFUSED_FOR_MS
        });
        if was_refused {
            return Err(ended());
        }
        let app = self.means.app.get(&self.means.secrets, &self.tenant).await?;
        let refreshed = self.means.endpoint.refresh(&self.tenant, &app, &known.tokens).await;
        if refreshed.as_ref().is_err_and(|error| error.code() == ErrorCode::Unauthenticated) {
            turn.refused = Some(Refused { generation: known.generation, at_ms: now_ms });
        }
        refreshed
    }

    async fn minted(&self, agency: &Arc<Self>, location_id: &RecordId) -> Result<TokenSet> {
        let mint = async |known: Arc<Known>| {
            self.means.endpoint.location_token(&self.tenant, &known.tokens, location_id).await
        };
        let known = agency.fresh(None).await?;
        let generation = known.generation;
        match mint(known).await {
            Err(error) if error.code() == ErrorCode::Unauthenticated => {
                mint(agency.fresh(Some(generation)).await?).await
            }
            minted => minted,
        }
    }
}

impl Known {
    fn access(&self) -> Access {
        Access { token: self.tokens.access_token.clone(), generation: self.generation }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Login").field("tenant", &self.tenant).field("name", &self.name).finish_non_exhaustive()
    }
}
