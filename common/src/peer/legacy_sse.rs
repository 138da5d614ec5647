//! The older HTTP+SSE transport (MCP 2024-11-05), as a client: one stream of events comes in, each message goes out as a
//! POST to the address that the stream begins with. The SDK has it no more.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method};
use rmcp::RoleClient;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use sse_stream::{Error as SseError, Sse};
use url::Url;

use super::streamable_http::Wire;
use crate::error::{Error, ErrorCode, Result};

/// Events that may come before the one that says where to post to.
const EVENTS_BEFORE_ENDPOINT_MAX: usize = 16;

/// An open stream and where answers to it go.
pub(super) struct LegacySse {
    wire: Wire,
    endpoint: Arc<Url>,
    events: BoxStream<'static, Result<Sse, SseError>>,
}

impl LegacySse {
    /// Opens the stream and waits for the address.
    ///
    /// # Errors
    /// `upstream_unavailable` or `upstream_rejected` if it is not such a stream.
    pub(super) async fn open(wire: Wire, url: &Url) -> Result<Self> {
        let mut request = wire.request(Method::GET, url.clone());
        request.headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        request.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let answer = wire.open(request).await?;
        if !answer.status.is_success() {
            let message = format!("it answered with HTTP status {}", answer.status.as_u16());
            return Err(Error::new(ErrorCode::UpstreamRejected, message));
        }
        let mut events = wire.events(answer);
        for _event in 0..EVENTS_BEFORE_ENDPOINT_MAX {
            let Some(Ok(event)) = events.next().await else { break };
            if event.event.as_deref() == Some("endpoint") {
                let endpoint = endpoint(url, event.data.as_deref().unwrap_or_default())?;
                return Ok(Self { wire, endpoint: Arc::new(endpoint), events });
            }
        }
        Err(Error::new(ErrorCode::UpstreamRejected, "its event stream does not say where to post to")
            .with_hint("is it the address of an HTTP+SSE server? leave `legacy_sse` out for streamable HTTP"))
    }
}

/// The address that a stream names. Never another host's: what we send there holds the tenant's secrets.
fn endpoint(stream: &Url, named: &str) -> Result<Url> {
    let rejected = || Error::new(ErrorCode::UpstreamRejected, "its event stream names an address that is not its own");
    let endpoint = stream.join(named.trim()).map_err(|_| rejected())?;
    if endpoint.origin() == stream.origin() { Ok(endpoint) } else { Err(rejected()) }
}

impl Transport<RoleClient> for LegacySse {
    type Error = Error;

    fn send(&mut self, message: TxJsonRpcMessage<RoleClient>) -> impl Future<Output = Result<()>> + Send + 'static {
        let (wire, endpoint) = (self.wire.clone(), Arc::clone(&self.endpoint));
        async move {
            let body = serde_json::to_vec(&message)
                .map_err(|source| Error::internal("the message could not be encoded", source))?;
            let mut request = wire.request(Method::POST, Url::clone(&endpoint));
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            request.body = Some(body.into());
            let answer = wire.open(request).await?;
            if answer.status.is_success() {
                return Ok(());
            }
            let message = format!("it answered with HTTP status {}", answer.status.as_u16());
            let code = if answer.status.is_server_error() {
                ErrorCode::UpstreamUnavailable
            } else {
                ErrorCode::UpstreamRejected
            };
            Err(Error::new(code, message))
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        loop {
            let event = self.events.next().await?.ok()?;
            let is_message = event.event.as_deref().is_none_or(|kind| kind == "message");
            let data = event.data.filter(|_| is_message);
            // Comments, pings and events of later inventions are no messages.
            if let Some(message) = data.and_then(|data| serde_json::from_str(&data).ok()) {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<()> {
        self.events = futures_util::stream::empty().boxed();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_go_to_the_host_that_was_asked_and_no_other() {
        let stream: Url = "https://mcp.example.com/team/sse".parse().unwrap();
        let at = |named: &str| endpoint(&stream, named).map(|url| url.to_string()).ok();
        assert_eq!(at("/messages?id=1").as_deref(), Some("https://mcp.example.com/messages?id=1"));
        assert_eq!(at("messages").as_deref(), Some("https://mcp.example.com/team/messages"));
        for elsewhere in
            ["https://evil.example/x", "//evil.example/x", "http://mcp.example.com/x", "https://mcp.example.com:8443/x"]
        {
            assert_eq!(at(elsewhere), None, "{elsewhere}");
        }
    }
}
