//! Senders of webhooks, as each vendor signs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_orchestrator::signature::Signer;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// What a request carries besides its body.
pub type Headers = Vec<(String, String)>;

fn hmac_sha256(secret: &str, parts: &[&[u8]]) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(ring::hmac::sign(&key, &parts.concat()))
}

fn headers(pairs: &[(&str, String)]) -> Headers {
    let json = ("Content-Type".to_owned(), "application/json".to_owned());
    std::iter::once(json).chain(pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone()))).collect()
}

/// With a secret, as of a second since 1970.
#[must_use]
pub fn stripe(secret: &str, at_s: i64, body: &str) -> Headers {
    let tag = hmac_sha256(secret, &[at_s.to_string().as_bytes(), b".", body.as_bytes()]);
    headers(&[("Stripe-Signature", format!("t={at_s},v1={tag}"))])
}

/// With a secret, as of a second since 1970.
#[must_use]
pub fn slack(secret: &str, at_s: i64, body: &str) -> Headers {
    let tag = hmac_sha256(secret, &[b"v0:", at_s.to_string().as_bytes(), b":", body.as_bytes()]);
    headers(&[("X-Slack-Signature", format!("v0={tag}")), ("X-Slack-Request-Timestamp", at_s.to_string())])
}

/// As Standard Webhooks 1.0.0 says, with a secret that begins with `whsec_`.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn standard(secret: &str, id: &str, at_ms: i64, body: &str) -> Headers {
    let signature = Signer::of(secret).unwrap().sign(id, at_ms, body.as_bytes());
    headers(&[
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", (at_ms / 1_000).to_string()),
        ("webhook-signature", signature),
    ])
}

/// As GitHub signs and names its deliveries.
#[must_use]
pub fn hmac_hex(secret: &str, id: &str, body: &str) -> Headers {
    let tag = hmac_sha256(secret, &[body.as_bytes()]);
    headers(&[
        ("X-Hub-Signature-256", format!("sha256={tag}")),
        ("X-GitHub-Delivery", id.to_owned()),
        ("X-GitHub-Event", "push".to_owned()),
    ])
}

/// A vendor with an Ed25519 key.
#[derive(Debug)]
pub struct GhlSender {
    pair: Ed25519KeyPair,
    pub public_key: String,
}

impl GhlSender {
    /// The same one every time.
    ///
    /// # Panics
    /// Never: the key is well-formed.
    #[must_use]
    pub fn steady() -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[42; 32]).unwrap();
        let public_key = STANDARD.encode(pair.public_key());
        Self { pair, public_key }
    }

    /// What goes with a body.
    #[must_use]
    pub fn sign(&self, body: &str) -> Headers {
        headers(&[("X-GHL-Signature", STANDARD.encode(self.pair.sign(body.as_bytes())))])
    }
}
