//! Senders without a scheme of their own: a digest of the raw body in a header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{self, Key};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Rejection, Request, any_fits};

/// Which digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    Sha1,
    #[default]
    Sha256,
    Sha512,
}

/// How its bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

/// Where the digest stands, and in which form. The defaults are GitHub's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HmacHeader {
    /// The header's name.
    pub header: String,
    pub algorithm: Algorithm,
    pub encoding: Encoding,
    /// What stands before the digest; may be empty.
    pub prefix: String,
}

impl Default for HmacHeader {
    fn default() -> Self {
        Self {
            header: "x-hub-signature-256".to_owned(),
            algorithm: Algorithm::default(),
            encoding: Encoding::default(),
            prefix: "sha256=".to_owned(),
        }
    }
}

impl HmacHeader {
    /// A key for it.
    #[must_use]
    pub fn key(&self, secret: &[u8]) -> Key {
        let algorithm = match self.algorithm {
            // Still what some senders offer; as a MAC it holds (RFC 6151, RFC 2104).
            Algorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Algorithm::Sha256 => hmac::HMAC_SHA256,
            Algorithm::Sha512 => hmac::HMAC_SHA512,
        };
        Key::new(algorithm, secret)
    }

    pub(super) fn verify(&self, keys: &[Key], request: &Request<'_>) -> Result<(), Rejection> {
        let text = request.header(&self.header)?.strip_prefix(&self.prefix).ok_or(Rejection::Malformed)?;
        let tag = match self.encoding {
            Encoding::Hex => hex::decode(text).ok(),
            Encoding::Base64 => STANDARD.decode(text).ok(),
        };
        let tag = tag.ok_or(Rejection::Malformed)?;
        if any_fits(keys, &[request.body], &[tag]) { Ok(()) } else { Err(Rejection::Wrong) }
    }
}
