//! The OAuth server of the emulator: one app, codes, and tokens that rotate.
//!
//! Lifetimes are the vendor's (marketplace documentation, OAuth 2.0, 2026-06): an access token lives a day, a refresh
//! token a year and for one use, whose answer is repeated for 30 seconds. A code's lifetime is not published.

use common::clock::UnixMillis;

use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::store::tokens::{Code, Consent, Spent};
use crate::sandbox::store::{self, Connection};

/// The app that the emulator knows, as a developer's account holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoApp {
    /// The first part of the client id.
    pub app_id: &'static str,
    pub client_id: &'static str,
    pub client_secret: &'static str,
}

/// The only app. It may be installed anywhere and may redirect to any port of this machine.
pub const DEMO_APP: DemoApp = DemoApp {
    app_id: "6578278e879ad2646715ba9c",
    client_id: "6578278e879ad2646715ba9c-demoapp1",
    client_secret: "demo-client-secret",
};

/// Seconds that an access token lives, as `expires_in` says it.
pub(crate) const ACCESS_SECONDS: i64 = 86_399;
const REFRESH_MS: i64 = 365 * 86_400_000;
const GRACE_MS: i64 = 30_000;

/// The most that RFC 6749, section 4.1.2, recommends.
const CODE_MS: i64 = 600_000;

/// What a successful exchange gives.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) consent: Consent,
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
}

fn fresh(kind: &str) -> String {
    format!("{kind}-{}{}", ids::fresh(), ids::fresh())
}

/// A code for what a person has allowed.
///
/// # Errors
/// Those of the database.
pub(crate) async fn code(sandbox: &Sandbox, consent: Consent, redirect_uri: String) -> Result<String, Refusal> {
    let text = fresh("code");
    let code = Code { consent, redirect_uri, expires_at_ms: sandbox.now_ms() + CODE_MS };
    let mut tx = sandbox.begin().await?;
    store::tokens::insert_code(&mut tx, &text, &code).await?;
    store::commit(tx).await?;
    Ok(text)
}

/// Exchanges a code, once.
///
/// # Errors
/// 400 for a code that is unknown, used or expired, or another app's or address's.
pub(crate) async fn exchange(
    sandbox: &Sandbox,
    client_id: &str,
    code: &str,
    redirect_uri: &str,
) -> Result<Issued, Refusal> {
    let mut tx = sandbox.begin().await?;
    let found = store::tokens::take_code(&mut tx, code).await?;
    let invalid = || Refusal::bad_request("Invalid grant: authorization code is invalid");
    let now_ms = sandbox.now_ms();
    // A code that is presented wrongly is spent too.
    let valid = found.filter(|code| {
        code.consent.client_id == client_id && code.redirect_uri == redirect_uri && now_ms < code.expires_at_ms
    });
    let issued = match valid {
        Some(code) => Some(issue(&mut tx, code.consent, now_ms).await?),
        None => None,
    };
    store::commit(tx).await?;
    issued.ok_or_else(invalid)
}

/// Exchanges a refresh token; the second time within the grace gives the same answer.
///
/// # Errors
/// 401 for one that is unknown, expired, another app's, or spent before the grace.
pub(crate) async fn refresh(sandbox: &Sandbox, client_id: &str, refresh_token: &str) -> Result<Issued, Refusal> {
    let mut tx = sandbox.begin().await?;
    let now_ms = sandbox.now_ms();
    let invalid = || Refusal::unauthorized("Invalid grant: refresh token is invalid");
    let found = store::tokens::find_refresh(&mut tx, refresh_token).await?.ok_or_else(invalid)?;
    if found.consent.client_id != client_id || now_ms >= found.expires_at_ms {
        return Err(invalid());
    }
    let issued = match found.spent {
        Some(spent) if now_ms - spent.at_ms < GRACE_MS => {
            let Spent { access_token, refresh_token, .. } = spent;
            Issued { consent: found.consent, access_token, refresh_token: Some(refresh_token) }
        }
        Some(_) => return Err(invalid()),
        None => {
            let issued = issue(&mut tx, found.consent, now_ms).await?;
            let next = issued.refresh_token.clone().unwrap_or_default();
            let spent = Spent { at_ms: now_ms, access_token: issued.access_token.clone(), refresh_token: next };
            store::tokens::spend_refresh(&mut tx, refresh_token, &spent).await?;
            issued
        }
    };
    store::commit(tx).await?;
    Ok(issued)
}

/// An access token alone, for a location of an agency that has allowed the app.
///
/// # Errors
/// Those of the database.
pub(crate) async fn mint(sandbox: &Sandbox, consent: Consent) -> Result<Issued, Refusal> {
    let mut tx = sandbox.begin().await?;
    let access_token = insert_access(&mut tx, &consent, sandbox.now_ms()).await?;
    store::commit(tx).await?;
    Ok(Issued { consent, access_token, refresh_token: None })
}

async fn issue(connection: &mut Connection, consent: Consent, now_ms: UnixMillis) -> Result<Issued, Refusal> {
    let access_token = insert_access(&mut *connection, &consent, now_ms).await?;
    let refresh_token = fresh("refresh");
    store::tokens::insert_refresh(connection, &refresh_token, &consent, now_ms + REFRESH_MS).await?;
    Ok(Issued { consent, access_token, refresh_token: Some(refresh_token) })
}

async fn insert_access(connection: &mut Connection, consent: &Consent, now_ms: UnixMillis) -> Result<String, Refusal> {
    let token = fresh("access");
    store::tokens::insert_access(connection, &token, consent, now_ms + ACCESS_SECONDS * 1_000).await?;
    Ok(token)
}
