//! What opens the account: private integration tokens and the tokens of OAuth, with the codes they begin as.

use common::clock::UnixMillis;
use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::access::{Access, AppGrant, Grant};
use crate::sandbox::store::{Connection, failed};

/// What a person has allowed an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) client_id: String,
    /// Separated by spaces.
    pub(crate) scopes: String,
    pub(crate) grant: Grant,
}

#[derive(FromRow)]
struct AccessRow {
    company_id: String,
    location_id: Option<String>,
    client_id: Option<String>,
    scopes: Option<String>,
    expires_at_ms: Option<UnixMillis>,
}

/// What a token opens; `None` for one that nobody issued or that has expired.
pub(crate) async fn access(connection: &mut Connection, token: &str, now_ms: UnixMillis) -> Result<Option<Access>> {
    let row: Option<AccessRow> =
        sqlx::query_as("select company_id, location_id, client_id, scopes, expires_at_ms from tokens where token = ?")
            .bind(token)
            .fetch_optional(connection)
            .await
            .map_err(failed)?;
    Ok(row.filter(|row| row.expires_at_ms.is_none_or(|expires_at_ms| now_ms < expires_at_ms)).map(|row| {
        let app = row.client_id.zip(row.scopes).map(|(client_id, scopes)| AppGrant { client_id, scopes });
        Access { grant: Grant::of(row.company_id, row.location_id), app }
    }))
}

/// A private integration token.
pub(crate) async fn insert(connection: &mut Connection, token: &str, grant: &Grant) -> Result<()> {
    sqlx::query("insert into tokens (token, company_id, location_id) values (?, ?, ?)")
        .bind(token)
        .bind(grant.company_id())
        .bind(grant.location_id())
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// An app's access token.
pub(crate) async fn insert_access(
    connection: &mut Connection,
    token: &str,
    consent: &Consent,
    expires_at_ms: UnixMillis,
) -> Result<()> {
    sqlx::query(
        "insert into tokens (token, company_id, location_id, client_id, scopes, expires_at_ms)
        values (?, ?, ?, ?, ?, ?)",
    )
    .bind(token)
    .bind(consent.grant.company_id())
    .bind(consent.grant.location_id())
    .bind(&consent.client_id)
    .bind(&consent.scopes)
    .bind(expires_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// A code that waits to be exchanged.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) consent: Consent,
    pub(crate) redirect_uri: String,
    pub(crate) expires_at_ms: UnixMillis,
}

#[derive(FromRow)]
struct CodeRow {
    client_id: String,
    redirect_uri: String,
    scopes: String,
    company_id: String,
    location_id: Option<String>,
    expires_at_ms: UnixMillis,
}

pub(crate) async fn insert_code(connection: &mut Connection, text: &str, code: &Code) -> Result<()> {
    sqlx::query(
        "insert into oauth_codes (code, client_id, redirect_uri, scopes, company_id, location_id, expires_at_ms)
        values (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(text)
    .bind(&code.consent.client_id)
    .bind(&code.redirect_uri)
    .bind(&code.consent.scopes)
    .bind(code.consent.grant.company_id())
    .bind(code.consent.grant.location_id())
    .bind(code.expires_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Takes a code out: it can be exchanged once.
pub(crate) async fn take_code(connection: &mut Connection, text: &str) -> Result<Option<Code>> {
    let row: Option<CodeRow> = sqlx::query_as(
        "delete from oauth_codes
        where code = ?
        returning client_id, redirect_uri, scopes, company_id, location_id, expires_at_ms",
    )
    .bind(text)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(row.map(|row| Code {
        consent: Consent {
            client_id: row.client_id,
            scopes: row.scopes,
            grant: Grant::of(row.company_id, row.location_id),
        },
        redirect_uri: row.redirect_uri,
        expires_at_ms: row.expires_at_ms,
    }))
}

/// A refresh token, and what its one use has given.
#[derive(Debug)]
pub(crate) struct Refresh {
    pub(crate) consent: Consent,
    pub(crate) expires_at_ms: UnixMillis,
    pub(crate) spent: Option<Spent>,
}

/// The answer to the one use of a refresh token.
#[derive(Debug)]
pub(crate) struct Spent {
    pub(crate) at_ms: UnixMillis,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

#[derive(FromRow)]
struct RefreshRow {
    client_id: String,
    scopes: String,
    company_id: String,
    location_id: Option<String>,
    expires_at_ms: UnixMillis,
    spent_at_ms: Option<UnixMillis>,
    next_access_token: Option<String>,
    next_refresh_token: Option<String>,
}

pub(crate) async fn insert_refresh(
    connection: &mut Connection,
    token: &str,
    consent: &Consent,
    expires_at_ms: UnixMillis,
) -> Result<()> {
    sqlx::query(
        "insert into oauth_refresh_tokens (
            refresh_token, client_id, scopes, company_id, location_id, expires_at_ms
        )
        values (?, ?, ?, ?, ?, ?)",
    )
    .bind(token)
    .bind(&consent.client_id)
    .bind(&consent.scopes)
    .bind(consent.grant.company_id())
    .bind(consent.grant.location_id())
    .bind(expires_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(crate) async fn find_refresh(connection: &mut Connection, token: &str) -> Result<Option<Refresh>> {
    let row: Option<RefreshRow> = sqlx::query_as(
        "select client_id, scopes, company_id, location_id, expires_at_ms, spent_at_ms, next_access_token,
            next_refresh_token
        from oauth_refresh_tokens
        where refresh_token = ?",
    )
    .bind(token)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(row.map(|row| {
        let next = row.next_access_token.zip(row.next_refresh_token);
        let spent = row.spent_at_ms.zip(next);
        Refresh {
            consent: Consent {
                client_id: row.client_id,
                scopes: row.scopes,
                grant: Grant::of(row.company_id, row.location_id),
            },
            expires_at_ms: row.expires_at_ms,
            spent: spent.map(|(at_ms, (access_token, refresh_token))| Spent { at_ms, access_token, refresh_token }),
        }
    }))
}

pub(crate) async fn spend_refresh(connection: &mut Connection, token: &str, spent: &Spent) -> Result<()> {
    sqlx::query(
        "update oauth_refresh_tokens
        set spent_at_ms = ?, next_access_token = ?, next_refresh_token = ?
        where refresh_token = ?",
    )
    .bind(spent.at_ms)
    .bind(&spent.access_token)
    .bind(&spent.refresh_token)
    .bind(token)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
