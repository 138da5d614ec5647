//! `X-GHL-Signature`: Ed25519 over the raw body, in base64, by a key of the emulator's own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::error::{Error, ErrorCode, Result};
use ring::signature::{Ed25519KeyPair, KeyPair};
use secrecy::{ExposeSecret, SecretString};

/// How an Ed25519 public key begins in its `SubjectPublicKeyInfo` (RFC 8410, section 4).
const PUBLIC_KEY_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Length of a seed, in bytes (RFC 8032).
const SEED_LENGTH: usize = 32;

/// Signs webhooks.
#[derive(Debug)]
pub(crate) struct Signer {
    key: Ed25519KeyPair,
}

impl Signer {
    /// `seed` is 32 bytes in base64.
    ///
    /// # Errors
    /// `failed_precondition` for anything else.
    pub(crate) fn of(seed: &SecretString) -> Result<Self> {
        let unreadable = || {
            Error::new(ErrorCode::FailedPrecondition, "the key of webhooks cannot be read")
                .with_hint("`sandbox.webhook_key` takes 32 bytes in base64, as `openssl rand -base64 32` prints them")
        };
        let bytes = STANDARD.decode(seed.expose_secret()).map_err(|_| unreadable())?;
        let key = Ed25519KeyPair::from_seed_unchecked(&bytes).map_err(|_| unreadable())?;
        Ok(Self { key })
    }

    /// A seed nobody has seen.
    ///
    /// # Errors
    /// `internal` if the system has no randomness.
    pub(crate) fn fresh_seed() -> Result<String> {
        let mut seed = [0; SEED_LENGTH];
        getrandom::fill(&mut seed).map_err(|source| Error::internal("the system gave no random bytes", source))?;
        Ok(STANDARD.encode(seed))
    }

    /// The value of the header.
    pub(crate) fn sign(&self, body: &[u8]) -> String {
        STANDARD.encode(self.key.sign(body))
    }

    /// In the form in which the vendor publishes its own: `SubjectPublicKeyInfo` in base64.
    pub(crate) fn public_key(&self) -> String {
        STANDARD.encode([PUBLIC_KEY_PREFIX.as_slice(), self.key.public_key().as_ref()].concat())
    }
}
