//! Telling whoever started a run what became of it: signed (Standard Webhooks 1.0.0), repeated, and as certain as the end
//! of the run, since it is written down in the same commit.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use common::clock::{Clock, UnixMillis, after, time_ordered_uuid};
use common::db::{Db, Tx};
use common::error::{Error, ErrorCode, Result};
use common::http::{HttpClient, HttpRequest};
use common::secrets::{SecretName, Secrets};
use common::tenant::TenantId;
use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue, Method, header};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::signature::Signer;
use crate::store::callbacks::{self, Callback};

/// Where the vault has what callbacks are signed with: `whsec_` and the secret in base64.
pub const SECRET_NAME: &str = "orchestrator/callbacks";

/// When it is tried again, after the first attempt: Svix's schedule (docs.svix.com/retries, 2026-11).
const PAUSES: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(10),
];

/// How long an answer may take, as the same.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long an attempt is one process's own: longer than it takes.
const CLAIM: Duration = Duration::from_mins(1);

/// Sent side by side.
const BATCH: i64 = 32;

/// How often callbacks that other processes have written down are looked for.
const POLL: Duration = Duration::from_secs(5);

/// How long one that is done with is kept.
const KEPT: Duration = Duration::from_hours(24 * 30);

/// Sends outcomes. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Callbacks {
    db: Db,
    clock: Clock,
    http: HttpClient,
    secrets: Secrets,
    written: Arc<Notify>,
}

/// What is sent, in the form that Standard Webhooks recommends.
#[derive(Debug, Serialize)]
pub struct Message<'a> {
    /// `run.completed`, `run.failed`, `run.cancelled`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// RFC 3339.
    pub timestamp: String,
    pub data: RunEnded<'a>,
}

/// How a run ended.
#[derive(Debug, Serialize)]
pub struct RunEnded<'a> {
    pub run_id: &'a str,
    pub workflow: &'a str,
    /// Its output, its failure, or why it was cancelled.
    pub outcome: &'a Value,
}

impl Callbacks {
    /// Over the tables of this server. Touches nothing.
    #[must_use]
    pub fn new(db: Db, clock: Clock, http: HttpClient, secrets: Secrets) -> Self {
        Self { db, clock, http, secrets, written: Arc::new(Notify::new()) }
    }

    /// Whether a tenant's callbacks can be signed: asked before one is promised.
    ///
    /// # Errors
    /// `failed_precondition` if the vault has no secret for it; those of the vault.
    pub async fn check(&self, tenant: &TenantId) -> Result<()> {
        self.signer(tenant).await.map(drop)
    }

    /// Writes down that somebody is to be told, in the commit of what they are told.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keep(&self, tx: &mut Tx, tenant: &TenantId, url: &str, message: &Message<'_>) -> Result<()> {
        let body = serde_json::to_string(message)
            .map_err(|source| Error::internal("an outcome could not be encoded", source))?;
        let now_ms = self.clock.now_ms();
        let callback = Callback {
            tenant: tenant.clone(),
            id: format!("msg_{}", time_ordered_uuid(now_ms).simple()),
            run_id: message.data.run_id.to_owned(),
            url: url.to_owned(),
            body,
            attempts: 0,
            due_ms: now_ms,
        };
        callbacks::insert(tx, &callback, now_ms).await
    }

    /// Says that something was written down and committed.
    pub fn wake(&self) {
        self.written.notify_one();
    }

    /// The service: sends what is due until `stop` fires.
    pub async fn run(self, stop: CancellationToken) {
        let sending = async {
            loop {
                let written = self.written.notified();
                match self.round().await {
                    Ok(count) if count > 0 => continue,
                    Ok(_) => {}
                    Err(error) => {
                        let cause = error.cause();
                        tracing::warn!(error.cause = cause, "callbacks could not be sent: {}", error.message());
                    }
                }
                tokio::select! {
                    () = written => {}
                    () = self.clock.sleep(POLL) => {}
                }
            }
        };
        stop.run_until_cancelled(sending).await;
    }

    /// Sends what is due, at most a batch. Returns how many were sent, well or not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn round(&self) -> Result<usize> {
        let due = callbacks::due(&self.db, self.clock.now_ms(), BATCH).await?;
        let count = due.len();
        for sent in join_all(due.into_iter().map(|callback| self.attempt(callback))).await {
            sent?;
        }
        Ok(count)
    }

    /// Forgets what is done with. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn forget_old(&self) -> Result<u64> {
        let kept_ms = UnixMillis::try_from(KEPT.as_millis()).unwrap_or(UnixMillis::MAX);
        callbacks::forget(&self.db, self.clock.now_ms().saturating_sub(kept_ms)).await
    }

    async fn attempt(&self, callback: Callback) -> Result<()> {
        if !callbacks::claim(&self.db, &callback, after(self.clock.now_ms(), CLAIM)).await? {
            return Ok(());
        }
        let Err(error) = self.send(&callback).await else {
            return callbacks::settle(&self.db, &callback, ("told", 0), (None, self.clock.now_ms())).await;
        };
        let pause = usize::try_from(callback.attempts).ok().and_then(|made| PAUSES.get(made));
        let (id, run, cause) = (&callback.id, &callback.run_id, error.cause());
        tracing::warn!(
            callback.id = %id, run.id = %run, error.cause = cause,
            "the outcome of run `{run}` could not be told: {}", error.message()
        );
        let next = match pause {
            // A fifth more at most, so that many do not come at once.
            Some(pause) => ("due", after(self.clock.now_ms(), pause.mul_f64(1.0 + fastrand::f64() / 5.0))),
            None => ("failed", 0),
        };
        callbacks::settle(&self.db, &callback, next, (Some(&error.to_string()), self.clock.now_ms())).await
    }

    async fn send(&self, callback: &Callback) -> Result<()> {
        let signer = self.signer(&callback.tenant).await?;
        let now_ms = self.clock.now_ms();
        let signature = signer.sign(&callback.id, now_ms, callback.body.as_bytes());
        let unreadable = |source| Error::internal("a callback has no address", source);
        let mut request = HttpRequest::new(Method::POST, Url::parse(&callback.url).map_err(unreadable)?);
        request.headers = headers(&callback.id, now_ms, &signature)?;
        request.body = Some(Bytes::from(callback.body.clone()));
        request.deadline = Some(PATIENCE);
        let answer = self.http.send(&callback.tenant, request).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        let message = format!("it was answered with HTTP {}", answer.status.as_u16());
        Err(Error::new(ErrorCode::UpstreamRejected, message))
    }

    async fn signer(&self, tenant: &TenantId) -> Result<Signer> {
        let name: SecretName = SECRET_NAME.parse()?;
        let stored = self.secrets.get(tenant, &name).await?.ok_or_else(|| {
            Error::new(ErrorCode::FailedPrecondition, "there is nothing that callbacks could be signed with")
                .with_hint(format!("keep `whsec_` and a secret in base64 as `{SECRET_NAME}`: `secrets set`"))
        })?;
        Signer::of(stored.value.expose_secret())
    }
}

fn headers(id: &str, at_ms: UnixMillis, signature: &str) -> Result<HeaderMap> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|source| Error::internal("a header could not be written", source))
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("webhook-id", value(id)?);
    headers.insert("webhook-timestamp", value(&(at_ms / 1_000).to_string())?);
    headers.insert("webhook-signature", value(signature)?);
    Ok(headers)
}
