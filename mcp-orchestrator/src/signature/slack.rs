//! Slack: `X-Slack-Signature: v0=<hex>`, over `v0:<seconds>:<body>`.

use ring::hmac::Key;

use super::{Rejection, Request, any_fits};

pub(super) fn verify(keys: &[Key], request: &Request<'_>) -> Result<(), Rejection> {
    let tag = request.header("x-slack-signature")?.strip_prefix("v0=").ok_or(Rejection::Malformed)?;
    let tag = hex::decode(tag).map_err(|_| Rejection::Malformed)?;
    let seconds = request.header("x-slack-request-timestamp")?;
    let parts: [&[u8]; 4] = [b"v0:", seconds.as_bytes(), b":", request.body];
    if !any_fits(keys, &parts, &[tag]) {
        return Err(Rejection::Wrong);
    }
    request.check_time(seconds)
}
