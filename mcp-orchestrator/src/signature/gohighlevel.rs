//! `GoHighLevel`: Ed25519 over the raw body. The older `x-wh-signature` (RSA) is not accepted: the vendor stopped sending
//! it on 2026-07-01.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::error::{Error, ErrorCode, Result};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;

use super::{Rejection, Request};

/// What the vendor publishes (Webhook Integration Guide, as found on 2026-11-20), as `SubjectPublicKeyInfo` in base64.
const VENDOR_KEY: &str = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=";

/// How an Ed25519 key begins in its `SubjectPublicKeyInfo` (RFC 8410, section 4).
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const KEY_BYTES: usize = 32;

/// Ed25519 keys of a sender.
#[derive(Debug, Clone)]
pub struct PublicKeys(Vec<[u8; KEY_BYTES]>);

impl PublicKeys {
    /// The vendor's own.
    ///
    /// # Errors
    /// Never, if the constant is one.
    pub fn vendor() -> Result<Self> {
        Self::parse(VENDOR_KEY)
    }

    /// Keys in base64, one a line: `SubjectPublicKeyInfo`, PEM around it allowed, or the 32 bytes alone.
    ///
    /// # Errors
    /// `failed_precondition` if there is none, or one is none.
    pub fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("-----"));
        let keys = lines.map(|line| key(line).ok_or_else(unreadable)).collect::<Result<Vec<_>>>()?;
        if keys.is_empty() { Err(unreadable()) } else { Ok(Self(keys)) }
    }

    pub(super) fn verify(&self, request: &Request<'_>) -> Result<(), Rejection> {
        let signature = STANDARD.decode(request.header("x-ghl-signature")?.trim()).map_err(|_| Rejection::Malformed)?;
        if !self.fits(request.body, &signature) {
            return Err(Rejection::Wrong);
        }
        // Only a signed timestamp is worth looking at, and the body's is the only one.
        match serde_json::from_slice::<Dated>(request.body) {
            Ok(Dated { timestamp: Some(timestamp) }) => match timestamp.at_ms() {
                Some(at_ms) => request.check_instant(at_ms),
                // The form is not documented: what cannot be read must not cost an event.
                None => Ok(()),
            },
            Ok(Dated { timestamp: None }) | Err(_) => Ok(()),
        }
    }

    pub(super) fn fits(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.iter().any(|key| UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok())
    }
}

#[derive(Deserialize)]
struct Dated {
    #[serde(default)]
    timestamp: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Timestamp {
    Number(i64),
    Text(String),
    Other(serde::de::IgnoredAny),
}

/// Numbers below this are seconds: as milliseconds they would lie in 1973.
const SECONDS_MAX: i64 = 100_000_000_000;

impl Timestamp {
    fn at_ms(&self) -> Option<i64> {
        match self {
            Self::Number(number) if *number < SECONDS_MAX => number.checked_mul(1_000),
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond),
            Self::Other(_) => None,
        }
    }
}

fn key(text: &str) -> Option<[u8; KEY_BYTES]> {
    let bytes = STANDARD.decode(text).ok()?;
    let bare = bytes.strip_prefix(PREFIX.as_slice()).unwrap_or(&bytes);
    bare.try_into().ok()
}

fn unreadable() -> Error {
    Error::new(ErrorCode::FailedPrecondition, "a public key of a source cannot be read")
        .with_hint("write the Ed25519 key in base64, as the vendor publishes it, one a line")
}
