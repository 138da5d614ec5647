//! Keeps the table of tasks true: signs of life, errands of other processes, the lost and the expired.

use super::TaskDesk;
use super::view::{self, object};
use crate::clock::UnixMillis;
use crate::error::Result;
use crate::store::tasks as store;

/// How often the lost and the expired are looked for, in milliseconds. Whoever asks for one learns of it at once.
const SWEEP_EVERY_MS: UnixMillis = 60_000;

/// Works until the process stops.
pub(super) async fn keep(desk: TaskDesk) {
    let (clock, stopping) = (desk.inner.clock.clone(), desk.inner.tasks.stopping().clone());
    let mut swept_at_ms = clock.now_ms();
    loop {
        tokio::select! {
            () = clock.sleep(desk.inner.settings.heartbeat()) => {}
            () = stopping.cancelled() => return,
        }
        let now_ms = clock.now_ms();
        let mut kept = beat(&desk, now_ms).await;
        if kept.is_ok() && now_ms.saturating_sub(swept_at_ms) >= SWEEP_EVERY_MS {
            swept_at_ms = now_ms;
            kept = sweep(&desk, now_ms).await;
        }
        if let Err(error) = kept {
            let cause = error.cause();
            tracing::warn!(error.code = %error.code(), error.cause = cause, "tasks are not kept: {}", error.message());
        }
    }
}

async fn beat(desk: &TaskDesk, now_ms: UnixMillis) -> Result<()> {
    let desk = &desk.inner;
    if desk.running.is_empty() {
        return Ok(());
    }
    for errand in store::beat(&desk.db, &desk.owner_id, now_ms).await? {
        desk.running.answer(&errand.task_id, &object(&errand.answers)?);
        if errand.is_cancel_requested {
            desk.running.cancel(&errand.task_id);
        }
    }
    Ok(())
}

async fn sweep(desk: &TaskDesk, now_ms: UnixMillis) -> Result<()> {
    let desk = &desk.inner;
    let before_ms = now_ms.saturating_sub(desk.settings.lost_after_ms());
    for lost in store::lost(&desk.db, before_ms).await? {
        store::end(&desk.db, &lost.tenant, &lost.task_id, &view::interrupted(lost.is_change), now_ms).await?;
    }
    store::remove_expired(&desk.db, now_ms).await?;
    Ok(())
}
