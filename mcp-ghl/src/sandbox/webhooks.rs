//! Webhooks: every change told to those who listen, signed and retried as the vendor does.
//!
//! What has changed is kept by the database's own triggers, in the transaction of the change. After each request it is
//! turned into webhooks; a task in the background sends them, in order for each location.

mod deliver;
mod events;
mod signature;

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use serde_json::{Map, Value};
use tokio::sync::{Notify, OnceCell};
use url::Url;

use crate::sandbox::store::webhooks::{Change, Delivery};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::{Sandbox, ids, instants};

pub(crate) use events::EVENTS;
pub(crate) use signature::Signer;

/// Webhooks that the log shows; older ones are forgotten once nothing waits.
pub(crate) const LOG_LINES_MAX: u32 = 1_000;

/// The webhooks of this process.
#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    signer: OnceCell<Signer>,
    /// Something is due.
    due: Notify,
}

impl Sandbox {
    /// Changes are kept where somebody listens, or may look at the log.
    pub(crate) fn watches_changes(&self) -> bool {
        !self.inner.settings.webhook_urls.is_empty() || self.inner.settings.test_levers
    }

    /// The key that signs: the one of the settings, else one made on first use and kept in the database.
    ///
    /// # Errors
    /// `failed_precondition` if the settings have something else than 32 bytes in base64; those of the database.
    pub(crate) async fn signer(&self) -> Result<&Signer> {
        self.inner.webhooks.signer.get_or_try_init(|| self.make_signer()).await
    }

    async fn make_signer(&self) -> Result<Signer> {
        if let Some(seed) = &self.inner.settings.webhook_key {
            return Signer::of(seed);
        }
        let mut tx = self.begin().await?;
        let seed = if let Some(seed) = store::webhooks::seed(&mut tx).await? {
            seed
        } else {
            let seed = Signer::fresh_seed()?;
            store::webhooks::save_seed(&mut tx, &seed).await?;
            seed
        };
        store::commit(tx).await?;
        Signer::of(&seed.into())
    }

    /// Sends the messages whose time has come, and tells it.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn send_scheduled(&self) -> Result<()> {
        let mut connection = store::read(self.db()).await?;
        let next_at_ms = store::messages::next_scheduled(&mut connection).await?;
        drop(connection);
        let now_ms = self.now_ms();
        if next_at_ms.is_none_or(|next_at_ms| next_at_ms > now_ms) {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        store::messages::send_scheduled(&mut tx, now_ms).await?;
        store::commit(tx).await?;
        self.tell_changes().await
    }

    /// Something waits for its time that did not before.
    pub(crate) fn wait_for_scheduled(&self) {
        self.inner.webhooks.due.notify_one();
    }

    /// Turns what has changed into webhooks and wakes the task that sends them.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn tell_changes(&self) -> Result<()> {
        if !self.watches_changes() {
            return Ok(());
        }
        let mut connection = store::read(self.db()).await?;
        if !store::webhooks::has_changes(&mut connection).await? {
            return Ok(());
        }
        drop(connection);
        let now_ms = self.now_ms();
        let mut tx = self.begin().await?;
        for change in store::webhooks::take_changes(&mut tx).await? {
            tell(&mut tx, change, &self.inner.settings.webhook_urls, now_ms).await?;
        }
        store::webhooks::forget_older(&mut tx, LOG_LINES_MAX).await?;
        store::commit(tx).await?;
        self.inner.webhooks.due.notify_one();
        Ok(())
    }

    /// Where webhooks go.
    ///
    /// # Errors
    /// `failed_precondition` for a setting that is not an `http` or `https` URL.
    fn webhook_urls(&self) -> Result<Vec<Url>> {
        let parse = |text: &String| {
            Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(|| {
                Error::new(ErrorCode::FailedPrecondition, "a webhook URL cannot be read").with_hint(
                    "`sandbox.webhook_urls` and `--webhook-url` take such as \"http://127.0.0.1:4000/hooks\"",
                )
            })
        };
        self.inner.settings.webhook_urls.iter().map(parse).collect()
    }
}

/// One webhook for each listener; one in the log if there is none.
async fn tell(connection: &mut Connection, change: Change, urls: &[String], now_ms: UnixMillis) -> Result<()> {
    let webhook_id = ids::trace();
    let (event, location_id) = (change.event.clone(), change.location_id.clone());
    let body = payload(change, &webhook_id, now_ms)?;
    let mut delivery = Delivery {
        position: 0,
        webhook_id,
        event,
        location_id,
        url: String::new(),
        body,
        happened_at_ms: now_ms,
        attempts: 0,
        outcome: "unheard".to_owned(),
        status: None,
        due_at_ms: None,
    };
    if urls.is_empty() {
        return store::webhooks::insert(connection, &delivery).await;
    }
    "waiting".clone_into(&mut delivery.outcome);
    delivery.due_at_ms = Some(now_ms);
    for url in urls {
        delivery.url.clone_from(url);
        store::webhooks::insert(&mut *connection, &delivery).await?;
    }
    Ok(())
}

/// Flat, as the vendor writes it; `timestamp` and `webhookId` are documented in its authentication guide alone.
fn payload(change: Change, webhook_id: &str, now_ms: UnixMillis) -> Result<String> {
    let mut payload = Map::new();
    payload.insert("type".to_owned(), change.event.into());
    // A location's own events name it by `id` only.
    let is_of_location = payload.get("type").and_then(Value::as_str).is_some_and(|event| event.starts_with("Location"));
    if !is_of_location && !change.location_id.is_empty() {
        payload.insert("locationId".to_owned(), change.location_id.into());
    }
    for (name, value) in change.facts.0 {
        payload.entry(name).or_insert(value);
    }
    payload.insert("timestamp".to_owned(), instants::iso(now_ms).into());
    payload.insert("webhookId".to_owned(), webhook_id.into());
    serde_json::to_string(&payload).map_err(|source| Error::internal("a webhook could not be written", source))
}
