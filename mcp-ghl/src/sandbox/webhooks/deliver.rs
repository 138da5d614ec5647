//! Sending webhooks in the background: in order for each location, again only where the listener answered 429.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use common::clock::UnixMillis;
use common::error::Result;
use common::http::{HttpClient, HttpRequest, HttpSettings};
use common::tasks::Tasks;
use common::tenant::TenantId;
use futures_util::future::join_all;
use http::{HeaderValue, Method, StatusCode, header};
use url::Url;

use super::Signer;
use crate::sandbox::Sandbox;
use crate::sandbox::store;
use crate::sandbox::store::webhooks::Delivery;

/// How long a listener may take. Ours: the vendor names none.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a delivery is one process's own: longer than an attempt takes.
const CLAIM_MS: i64 = 60_000;

/// Webhooks looked at in one go.
const BATCH: u32 = 200;

/// The vendor repeats a webhook after a 429 only, up to 6 times, 10 minutes apart and a little more (help article
/// 155000007071).
const REPEATS_MAX: i64 = 6;
const PAUSE_MS: i64 = 600_000;
const JITTER_MS_MAX: i64 = 60_000;

impl Sandbox {
    /// Sends webhooks until the tasks are told to stop; does nothing if nobody listens.
    ///
    /// # Errors
    /// `failed_precondition` for a URL or key in the settings that cannot be read; those of [`Sandbox::ready`].
    pub async fn send_webhooks(&self, tasks: &Tasks) -> Result<()> {
        let urls = self.webhook_urls()?;
        if urls.is_empty() {
            return Ok(());
        }
        self.ready().await?;
        self.signer().await?;
        let client = HttpClient::new(settings(&urls), self.inner.time.machine().clone());
        let (sandbox, stopping) = (self.clone(), tasks.stopping().clone());
        tasks.spawn(async move {
            let sending = sandbox.send_as_they_come(&client);
            stopping.run_until_cancelled(sending).await;
        });
        Ok(())
    }

    async fn send_as_they_come(&self, client: &HttpClient) {
        loop {
            let due = self.inner.webhooks.due.notified();
            match self.send_due(client).await {
                Ok(None) => due.await,
                Ok(Some(next_at_ms)) => tokio::select! {
                    () = due => {}
                    () = self.inner.time.reaches(next_at_ms) => {}
                },
                Err(error) => {
                    tracing::error!(error = ?error, "webhooks could not be sent, the next change tries again");
                    due.await;
                }
            }
        }
    }

    /// Sends all that is due and says when there is more to do.
    async fn send_due(&self, client: &HttpClient) -> Result<Option<UnixMillis>> {
        let signer = self.signer().await?;
        loop {
            self.send_scheduled().await?;
            let mut connection = store::read(self.db()).await?;
            let due = store::webhooks::due(&mut connection, self.now_ms(), BATCH).await?;
            if due.is_empty() {
                let next_due = store::webhooks::next_due(&mut connection).await?;
                let next_scheduled = store::messages::next_scheduled(&mut connection).await?;
                return Ok(next_due.into_iter().chain(next_scheduled).min());
            }
            drop(connection);
            let mut by_location: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
            for delivery in due {
                by_location.entry(delivery.location_id.clone()).or_default().push(delivery);
            }
            let sending = by_location.into_values().map(|queue| self.send_in_order(client, signer, queue));
            for sent in join_all(sending).await {
                sent?;
            }
        }
    }

    async fn send_in_order(&self, client: &HttpClient, signer: &Signer, queue: Vec<Delivery>) -> Result<()> {
        for mut delivery in queue {
            let mut tx = self.begin().await?;
            let is_ours = store::webhooks::claim(&mut tx, &delivery, self.now_ms().saturating_add(CLAIM_MS)).await?;
            store::commit(tx).await?;
            if !is_ours {
                continue;
            }
            let status = send(client, signer, &delivery).await;
            judge(&mut delivery, status, self.now_ms());
            let mut tx = self.begin().await?;
            store::webhooks::update(&mut tx, &delivery).await?;
            store::commit(tx).await?;
        }
        Ok(())
    }
}

/// A listener named in the settings may be on this machine and may speak plain `http`: whoever names it there means it.
/// Nothing that comes over the API can name one. No listener is left alone after failures, as the vendor does not.
fn settings(urls: &[Url]) -> HttpSettings {
    let host = |url: &Url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?));
    HttpSettings {
        egress_allow: urls.iter().filter_map(host).collect(),
        breaker_failures_max: u32::MAX,
        cache_bytes_max: 0,
        ..HttpSettings::default()
    }
}

/// The listener's answer; `None` if there was none.
async fn send(client: &HttpClient, signer: &Signer, delivery: &Delivery) -> Option<StatusCode> {
    let mut request = HttpRequest::new(Method::POST, Url::parse(&delivery.url).ok()?);
    request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let signature = signer.sign(delivery.body.as_bytes());
    request.headers.insert("x-ghl-signature", HeaderValue::from_str(&signature).ok()?);
    request.body = Some(Bytes::from(delivery.body.clone()));
    request.deadline = Some(PATIENCE);
    match client.send(&TenantId::local(), request).await {
        Ok(response) => Some(response.status),
        Err(error) => {
            tracing::debug!(webhook.event = %delivery.event, error = ?error, "a webhook was not answered");
            None
        }
    }
}

/// Whatever is not a 429 is final, silence and 5xx included.
fn judge(delivery: &mut Delivery, status: Option<StatusCode>, now_ms: UnixMillis) {
    delivery.attempts += 1;
    delivery.status = status.map(|status| status.as_u16().into());
    delivery.due_at_ms = None;
    let outcome = match status {
        Some(StatusCode::TOO_MANY_REQUESTS) if delivery.attempts <= REPEATS_MAX => {
            let pause_ms = PAUSE_MS + fastrand::i64(0..=JITTER_MS_MAX);
            delivery.due_at_ms = Some(now_ms.saturating_add(pause_ms));
            "waiting"
        }
        Some(status) if status.is_success() => "delivered",
        Some(_) => "refused",
        None => "unreachable",
    };
    outcome.clone_into(&mut delivery.outcome);
}
