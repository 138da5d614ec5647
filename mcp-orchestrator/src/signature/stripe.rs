//! Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>`, over `<seconds>.<body>`.

use ring::hmac::Key;

use super::{Rejection, Request, any_fits};

/// Signatures of one header that are looked at: two while a secret changes, and some room.
const SIGNATURES_MAX: usize = 8;

pub(super) fn verify(keys: &[Key], request: &Request<'_>) -> Result<(), Rejection> {
    let header = request.header("stripe-signature")?;
    let pairs = || header.split(',').filter_map(|pair| pair.trim().split_once('='));
    let (_, seconds) = pairs().find(|(name, _)| *name == "t").ok_or(Rejection::Malformed)?;
    // `v0` is for test events and is not to be trusted.
    let tags: Vec<Vec<u8>> = pairs()
        .filter(|(name, _)| *name == "v1")
        .filter_map(|(_, tag)| hex::decode(tag).ok())
        .take(SIGNATURES_MAX)
        .collect();
    if tags.is_empty() {
        return Err(Rejection::Malformed);
    }
    if !any_fits(keys, &[seconds.as_bytes(), b".", request.body], &tags) {
        return Err(Rejection::Wrong);
    }
    request.check_time(seconds)
}
