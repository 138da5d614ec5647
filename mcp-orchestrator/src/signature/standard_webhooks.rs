//! Standard Webhooks 1.0.0: `webhook-signature: v1,<base64>` (HMAC-SHA256) or `v1a,<base64>` (Ed25519), several between
//! spaces, over `<webhook-id>.<webhook-timestamp>.<body>`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use ring::hmac::{HMAC_SHA256, Key};

use super::gohighlevel::PublicKeys;
use super::{Rejection, Request, any_fits};

/// Signatures of one header that are looked at.
const SIGNATURES_MAX: usize = 8;

/// The keys of a source, of both sorts.
#[derive(Debug)]
pub struct Keys {
    shared: Vec<Key>,
    public: Option<PublicKeys>,
}

impl Keys {
    /// One a line: `whsec_` and the secret in base64, or `whpk_` and the public key in base64.
    ///
    /// # Errors
    /// `failed_precondition` if one cannot be read, or there is none.
    pub fn parse(text: &str) -> Result<Self> {
        let (mut shared, mut public) = (Vec::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.strip_prefix("whpk_") {
                Some(key) => public.push(key),
                None => shared.push(shared_key(line)?),
            }
        }
        if shared.is_empty() && public.is_empty() {
            return Err(unreadable());
        }
        let public = if public.is_empty() { None } else { Some(PublicKeys::parse(&public.join("\n"))?) };
        Ok(Self { shared, public })
    }

    pub(super) fn verify(&self, request: &Request<'_>) -> Result<(), Rejection> {
        let header = request.header("webhook-signature")?;
        let (id, seconds) = (request.header("webhook-id")?, request.header("webhook-timestamp")?);
        let signatures = || {
            let words = header.split(' ').take(SIGNATURES_MAX).filter_map(|word| word.split_once(','));
            words.filter_map(|(version, text)| Some((version, STANDARD.decode(text).ok()?)))
        };
        let of = |wanted: &str| -> Vec<Vec<u8>> {
            signatures().filter(|(version, _)| *version == wanted).map(|(_, bytes)| bytes).collect()
        };
        let (tags, signed) = (of("v1"), of("v1a"));
        if tags.is_empty() && signed.is_empty() {
            return Err(Rejection::Malformed);
        }
        let parts: [&[u8]; 5] = [id.as_bytes(), b".", seconds.as_bytes(), b".", request.body];
        let fits = any_fits(&self.shared, &parts, &tags)
            || self.public.as_ref().is_some_and(|keys| {
                let message = parts.concat();
                signed.iter().any(|signature| keys.fits(&message, signature))
            });
        if fits { request.check_time(seconds) } else { Err(Rejection::Wrong) }
    }
}

/// Signs what we send.
#[derive(Debug)]
pub struct Signer(Key);

impl Signer {
    /// `whsec_` and the secret in base64.
    ///
    /// # Errors
    /// `failed_precondition` if it cannot be read.
    pub fn of(secret: &str) -> Result<Self> {
        shared_key(secret.trim()).map(Self)
    }

    /// The value of `webhook-signature` for a message of this id, sent at this instant.
    #[must_use]
    pub fn sign(&self, id: &str, at_ms: UnixMillis, body: &[u8]) -> String {
        let mut context = ring::hmac::Context::with_key(&self.0);
        let seconds = (at_ms / 1_000).to_string();
        for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
            context.update(part);
        }
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

fn shared_key(text: &str) -> Result<Key> {
    let text = text.strip_prefix("whsec_").unwrap_or(text);
    let bytes = STANDARD.decode(text).map_err(|_| unreadable())?;
    if bytes.is_empty() { Err(unreadable()) } else { Ok(Key::new(HMAC_SHA256, &bytes)) }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::FailedPrecondition, "a secret for Standard Webhooks cannot be read")
        .with_hint("write `whsec_` and the secret in base64, or `whpk_` and the public key in base64, one a line")
}
