//! Search that lags: the vendor's shows changes some seconds late, while a read of one record shows them at once.

use std::sync::atomic::{AtomicU32, Ordering};

use common::db::Tx;
use common::error::Result;

use crate::sandbox::{Sandbox, store};

/// How late search is, in milliseconds; 0 is not at all.
#[derive(Debug)]
pub(crate) struct SearchLag(AtomicU32);

impl SearchLag {
    pub(crate) fn new(lag_ms: u32) -> Self {
        Self(AtomicU32::new(lag_ms))
    }

    fn ms(&self) -> i64 {
        self.0.load(Ordering::Acquire).into()
    }
}

impl Sandbox {
    /// Makes search lag from here on. What is there already is found at once.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn set_search_lag(&self, lag_ms: u32) -> Result<()> {
        let mut tx = self.inner.db.begin().await?;
        store::past::keep(&mut tx, lag_ms > 0).await?;
        store::commit(tx).await?;
        self.inner.search_lag.0.store(lag_ms, Ordering::Release);
        Ok(())
    }

    /// As it was configured.
    pub(crate) async fn reset_search_lag(&self) -> Result<()> {
        self.set_search_lag(self.inner.settings.search_lag_ms).await
    }

    /// The contacts and opportunities that a search shows. Never to be committed.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn searched(&self) -> Result<Tx> {
        let lag_ms = self.inner.search_lag.ms();
        if lag_ms == 0 {
            return self.inner.db.snapshot().await;
        }
        let mut tx = self.inner.db.begin().await?;
        store::past::show(&mut tx, self.now_ms().saturating_sub(lag_ms)).await?;
        Ok(tx)
    }

    /// Tells the change that begins when it happens, as far as search needs to know.
    pub(crate) async fn stamp(&self, tx: &mut Tx) -> Result<()> {
        let lag_ms = self.inner.search_lag.ms();
        if lag_ms == 0 {
            return Ok(());
        }
        let now_ms = self.now_ms();
        store::past::stamp(tx, now_ms, now_ms.saturating_sub(lag_ms)).await
    }
}
