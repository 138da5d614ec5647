//! Taking runs that nobody has: what is taken by one worker is taken by no other.

use common::clock::UnixMillis;
use common::db::{Dialect, Tx};
use common::error::Result;
use sqlx::AssertSqlSafe;

use super::row::{RunRow, columns, run_row};

/// Which runs are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Claim {
    /// Those that have to go on and that nobody has, oldest first.
    Queued,
    /// Those with a timer whose time has come.
    Due,
    /// Those for which something has come.
    Arrived,
}

const TAKE: &str = "update orchestrator_runs
    set owner = $1, revision = revision + 1, status = 'running'
    where owner is null and (tenant_id, run_id) in (";

/// `$1` is the worker, `$2` the most of them, `$3` the instant.
const QUEUED: &str = "select runs.tenant_id, runs.run_id
    from orchestrator_runs runs
    where runs.owner is null and runs.status = 'running' and $3 = $3
    order by runs.created_ms
    limit $2";

const DUE: &str = "select runs.tenant_id, runs.run_id
    from orchestrator_runs runs
    where runs.owner is null and runs.status in ('running', 'waiting')
        and (runs.tenant_id, runs.run_id) in (
            select waits.tenant_id, waits.run_id
            from orchestrator_waits waits
            where waits.due_ms <= $3 and waits.kind = 'timer')
    limit $2";

const ARRIVED: &str = "select runs.tenant_id, runs.run_id
    from orchestrator_runs runs
    where runs.owner is null and runs.status in ('running', 'waiting') and $3 = $3
        and (runs.tenant_id, runs.run_id) in (
            select inputs.tenant_id, inputs.run_id
            from orchestrator_inputs inputs
            where inputs.is_consumed = 0)
    limit $2";

/// Takes at most so many. On PostgreSQL those that another worker is taking at the moment are passed over.
pub(super) async fn write(
    (dialect, tx): (Dialect, &mut Tx),
    worker: &str,
    what: Claim,
    (limit, now_ms): (i64, UnixMillis),
) -> Result<Vec<RunRow>> {
    let which = match what {
        Claim::Queued => QUEUED,
        Claim::Due => DUE,
        Claim::Arrived => ARRIVED,
    };
    let lock = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => " for update of runs skip locked",
    };
    // Safe to assert: all of its parts are constants.
    let sql = AssertSqlSafe(format!("{TAKE}{which}{lock}) returning {}", columns!()));
    let rows = sqlx::query(sql).bind(worker.to_owned()).bind(limit).bind(now_ms).fetch_all(&mut **tx).await?;
    rows.iter().map(run_row).collect()
}
