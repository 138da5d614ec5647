//! What contacts and opportunities were some seconds ago: what a search shows that lags.

use common::clock::UnixMillis;
use common::error::Result;

use crate::sandbox::store::{Connection, failed};

/// Keeps the past from here on, or forgets it.
pub(crate) async fn keep(connection: &mut Connection, keeps: bool) -> Result<()> {
    sqlx::query("update emulator set keeps_past = ?")
        .bind(i64::from(keeps))
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    if !keeps {
        for statement in ["delete from present", "delete from contacts_past", "delete from opportunities_past"] {
            sqlx::query(statement).execute(&mut *connection).await.map_err(failed)?;
        }
    }
    Ok(())
}

/// Says when the change happens that begins here, and forgets what no search shows any longer.
pub(crate) async fn stamp(connection: &mut Connection, now_ms: UnixMillis, oldest_ms: UnixMillis) -> Result<()> {
    sqlx::query("update emulator set now_ms = ?").bind(now_ms).execute(&mut *connection).await.map_err(failed)?;
    for statement in
        ["delete from contacts_past where until_ms <= ?", "delete from opportunities_past where until_ms <= ?"]
    {
        sqlx::query(statement).bind(oldest_ms).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Shows the past under the names of the present until the transaction ends, which must not be committed: a temporary
/// view hides the table of its name.
pub(crate) async fn show(connection: &mut Connection, at_ms: UnixMillis) -> Result<()> {
    sqlx::query("update emulator set searched_at_ms = ?")
        .bind(at_ms)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    for statement in [
        "create temp view contacts as select * from main.contacts_then",
        "create temp view opportunities as select * from main.opportunities_then",
    ] {
        sqlx::query(statement).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}
