//! What is known of a request whose connection failed.

use super::call::Failure;
use super::reach::refusal;
use crate::error::{Error, ErrorCode};

/// What is known of a request whose connection failed.
pub(super) fn broken(host: &str, source: reqwest::Error) -> Failure {
    if let Some(refused) = refusal(host, &source) {
        return Failure::NotSent(refused);
    }
    let message = if source.is_connect() {
        format!("`{host}` cannot be reached")
    } else {
        format!("the connection to `{host}` broke before the answer was complete")
    };
    let error = Error::new(ErrorCode::UpstreamUnavailable, message)
        .with_hint("try again later; before repeating a change, read back whether it took place")
        .with_source(source.without_url());
    Failure::Unanswered(error)
}

/// The same of a request that is sent once: without a connection nothing has left us.
pub(super) fn unopened(host: &str, source: reqwest::Error) -> Failure {
    let is_connect = source.is_connect();
    match broken(host, source) {
        Failure::Unanswered(error) if is_connect => Failure::NotSent(error),
        failure => failure,
    }
}
