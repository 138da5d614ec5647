//! News of runs that other processes keep going: those that somebody follows here are looked at again and again.

use std::collections::HashMap;
use std::time::Duration;

use common::clock::Clock;
use common::db::Db;
use common::error::Result;
use common::resource::{Change, Changes};
use common::tenant::TenantId;
use tokio_util::sync::CancellationToken;

use super::RUNS;
use crate::run::RunId;
use crate::store::traces;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(1);

/// Most runs that are looked at; more are heard of only where they go on in this process.
const FOLLOWED_MAX: usize = 1_000;

/// Looks for news of what is followed. Costs nothing while nobody follows.
#[derive(Debug, Clone)]
pub(crate) struct Elsewhere {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) changes: Changes,
}

impl Elsewhere {
    /// The service: looks until `stop` fires.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut seen = HashMap::new();
        let looks = async {
            loop {
                self.clock.sleep(LOOK).await;
                if let Err(error) = self.look(&mut seen).await {
                    let cause = error.cause();
                    tracing::warn!(error.cause = cause, "runs cannot be followed: {}", error.message());
                }
            }
        };
        stop.run_until_cancelled(looks).await;
    }

    /// Announces the runs that have changed since the look before. At the first look at one nobody knows what its follower
    /// has read, so that is announced too.
    async fn look(&self, seen: &mut HashMap<(TenantId, String), i64>) -> Result<()> {
        let followed = self.changes.followed(RUNS, FOLLOWED_MAX);
        let is_followed =
            |tenant: &TenantId, uri: &str| followed.iter().any(|change| change.tenant == *tenant && change.uri == uri);
        seen.retain(|(tenant, uri), _| is_followed(tenant, uri));
        for Change { tenant, uri } in &followed {
            let run = RunId(uri.trim_start_matches(RUNS).to_owned());
            let Some(revision) = traces::revision(&self.db, tenant, &run).await? else { continue };
            if seen.insert((tenant.clone(), uri.clone()), revision) != Some(revision) {
                self.changes.announce(tenant, uri.clone());
            }
        }
        Ok(())
    }
}
