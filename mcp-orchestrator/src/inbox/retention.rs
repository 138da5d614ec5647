//! Events are forgotten in time, by what became of them. What waits to be routed is never.

use common::clock::{Clock, UnixMillis};
use common::db::Db;
use common::error::Result;

use super::settings::{RetentionSettings, days};
use crate::event::EventState;
use crate::store::events;

/// Forgets what has been kept long enough. Returns how many events.
///
/// # Errors
/// Those of the database.
pub(crate) async fn forget_old(db: &Db, clock: &Clock, settings: &RetentionSettings) -> Result<u64> {
    let classes = [
        (EventState::Routed, settings.routed_days),
        (EventState::Unrouted, settings.unrouted_days),
        (EventState::Failed, settings.failed_days),
    ];
    let mut forgotten = 0;
    for (state, kept_days) in classes {
        let Some(kept) = days(kept_days) else { continue };
        let kept_ms = UnixMillis::try_from(kept.as_millis()).unwrap_or(UnixMillis::MAX);
        let before_ms = clock.now_ms().saturating_sub(kept_ms);
        loop {
            let some = events::forget(db, state, before_ms).await?;
            forgotten += some;
            if some == 0 {
                break;
            }
        }
    }
    Ok(forgotten)
}
