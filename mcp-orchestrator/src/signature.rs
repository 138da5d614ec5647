//! Who sent it: signatures over the raw body, as each kind of sender makes them. Pure: time is given.
//!
//! Digests are compared in constant time. Nothing here says more than why, and nobody outside is told even that.

mod gohighlevel;
mod hmac;
mod slack;
mod standard_webhooks;
mod stripe;

use common::clock::UnixMillis;
use http::HeaderMap;

pub use gohighlevel::PublicKeys;
pub use hmac::{Algorithm, Encoding, HmacHeader};
pub use standard_webhooks::{Keys as StandardKeys, Signer};

use ring::hmac as mac;

/// How a source signs, with the keys that are good: more than one while a key changes.
#[derive(Debug)]
pub enum Scheme {
    /// `X-GHL-Signature`: Ed25519 over the body, base64. Nothing in it says when; the body's `timestamp` does.
    GoHighLevel(PublicKeys),
    /// `Stripe-Signature: t=…,v1=…` (docs.stripe.com/webhooks, 2026-11).
    Stripe(Vec<mac::Key>),
    /// `X-Slack-Signature: v0=…` (docs.slack.dev, verifying requests from Slack, 2026-11).
    Slack(Vec<mac::Key>),
    /// `webhook-signature: v1,…` or `v1a,…` (Standard Webhooks 1.0.0).
    StandardWebhooks(StandardKeys),
    /// A digest of the body in a header.
    Hmac { keys: Vec<mac::Key>, header: HmacHeader },
    /// No signature.
    None,
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// There is no signature.
    Missing,
    /// What stands in its place is none.
    Malformed,
    /// It was made too long ago, or lies too far ahead.
    Stale,
    /// It does not fit the body, or was made with another key.
    Wrong,
}

impl Rejection {
    /// For logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Stale => "stale",
            Self::Wrong => "wrong",
        }
    }
}

/// A request as it came, and when.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub now_ms: UnixMillis,
    /// How far its timestamp may be from now, in milliseconds; absent: it is not looked at.
    pub tolerance_ms: Option<i64>,
}

impl Scheme {
    /// Whether the request was signed with one of the keys, recently enough.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn verify(&self, request: &Request<'_>) -> Result<(), Rejection> {
        match self {
            Self::GoHighLevel(keys) => keys.verify(request),
            Self::Stripe(keys) => stripe::verify(keys, request),
            Self::Slack(keys) => slack::verify(keys, request),
            Self::StandardWebhooks(keys) => keys.verify(request),
            Self::Hmac { keys, header } => header.verify(keys, request),
            Self::None => Ok(()),
        }
    }
}

impl Request<'_> {
    fn header(&self, name: &str) -> Result<&str, Rejection> {
        let value = self.headers.get(name).ok_or(Rejection::Missing)?;
        value.to_str().map_err(|_| Rejection::Malformed)
    }

    /// Whether a timestamp in seconds is near enough to now.
    fn check_time(&self, seconds: &str) -> Result<(), Rejection> {
        let at_ms = seconds.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000));
        self.check_instant(at_ms.ok_or(Rejection::Malformed)?)
    }

    fn check_instant(&self, at_ms: UnixMillis) -> Result<(), Rejection> {
        let is_near = self.tolerance_ms.is_none_or(|most| self.now_ms.saturating_sub(at_ms).saturating_abs() <= most);
        if is_near { Ok(()) } else { Err(Rejection::Stale) }
    }
}

/// Whether one of the tags is that of the message under one of the keys.
fn any_fits(keys: &[mac::Key], parts: &[&[u8]], tags: &[Vec<u8>]) -> bool {
    keys.iter().any(|key| {
        let mut context = mac::Context::with_key(key);
        for part in parts {
            context.update(part);
        }
        let made = context.sign();
        tags.iter().any(|tag| is_same(made.as_ref(), tag))
    })
}

/// In constant time for digests of one length.
fn is_same(made: &[u8], given: &[u8]) -> bool {
    let differences = made.iter().zip(given).fold(0_u8, |all, (one, other)| all | (one ^ other));
    made.len() == given.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests;
