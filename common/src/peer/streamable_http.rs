//! Streamable HTTP over our own way out: the egress guard, its TLS and its limits hold for peers as for vendors.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, ErrorData, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{
    AuthRequiredError, SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
};
use sse_stream::Sse;
use url::Url;

use super::event_stream::events;
use super::link::TooLarge;
use crate::error::{Error, ErrorCode};
use crate::http::{HttpClient, HttpRequest, HttpStream};
use crate::tenant::TenantId;

const JSON: &str = "application/json";
const EVENT_STREAM: &str = "text/event-stream";
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// One tenant's way to one server.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) http: HttpClient,
    pub(super) tenant: TenantId,
    /// Headers of every request, secrets among them.
    pub(super) headers: Arc<Vec<(HeaderName, HeaderValue)>>,
    /// Longest time until an answer begins.
    pub(super) deadline: Duration,
    pub(super) answer_bytes_max: usize,
    /// Where it is written down that an event was too large.
    pub(super) too_large: TooLarge,
}

type Outcome<T> = Result<T, StreamableHttpError<Error>>;

impl Wire {
    /// A request with what every request carries.
    pub(super) fn request(&self, method: Method, url: Url) -> HttpRequest {
        let mut request = HttpRequest::new(method, url);
        request.headers.extend(self.headers.iter().cloned());
        request.deadline = Some(self.deadline);
        request
    }

    pub(super) async fn open(&self, request: HttpRequest) -> Result<HttpStream, Error> {
        self.http.open(&self.tenant, request).await
    }

    /// The events of an answer.
    pub(super) fn events(&self, answer: HttpStream) -> BoxStream<'static, Result<Sse, SseError>> {
        events(answer.body, self.answer_bytes_max, self.too_large.clone())
    }

    /// A body that is to be read whole.
    pub(super) async fn read(&self, mut body: BoxStream<'static, Result<Bytes, Error>>) -> Result<Bytes, Error> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            if whole.len().saturating_add(chunk.len()) > self.answer_bytes_max {
                return Err(TooLarge::error());
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    async fn post(
        &self,
        uri: &str,
        message: &ClientJsonRpcMessage,
        session: Option<&str>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<StreamableHttpPostResponse> {
        let mut request = self.prepared(Method::POST, uri, session, headers)?;
        request.headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        request.body = Some(serde_json::to_vec(message)?.into());
        let answer = self.open(request).await.map_err(StreamableHttpError::Client)?;
        if matches!(answer.status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
            return Ok(StreamableHttpPostResponse::Accepted);
        }
        if answer.status == StatusCode::NOT_FOUND && session.is_some() {
            return Err(StreamableHttpError::SessionExpired);
        }
        let answers_with = answer.headers.get(SESSION).and_then(|id| id.to_str().ok()).map(str::to_owned);
        let kind = content_type(&answer);
        if answer.status.is_success() && kind.starts_with(EVENT_STREAM) {
            return Ok(StreamableHttpPostResponse::Sse(self.events(answer), answers_with));
        }
        let refused = refusal(&answer);
        let status = answer.status;
        let body = self.read(answer.body).await.map_err(StreamableHttpError::Client)?;
        if status.is_success() {
            let is_answerless = !matches!(message, ClientJsonRpcMessage::Request(_));
            if is_answerless && body.is_empty() {
                return Ok(StreamableHttpPostResponse::Accepted);
            }
            return Ok(StreamableHttpPostResponse::Json(serde_json::from_slice(&body)?, answers_with));
        }
        // Servers of the older protocol refuse the question of which protocol they speak in ways of their own.
        if let Some(error) = older_than_discover(message, session, &refused, &body) {
            return Ok(StreamableHttpPostResponse::Json(error, None));
        }
        let error = serde_json::from_slice::<ServerJsonRpcMessage>(&body);
        if session.is_some()
            && status == StatusCode::BAD_REQUEST
            && matches!(&error, Ok(error) if is_about_session(error))
        {
            return Err(StreamableHttpError::SessionExpired);
        }
        match error {
            Ok(error @ ServerJsonRpcMessage::Error(_)) if !matches!(refused, StreamableHttpError::AuthRequired(_)) => {
                Ok(StreamableHttpPostResponse::Json(about(message, error), answers_with))
            }
            _ => Err(refused),
        }
    }

    async fn get(
        &self,
        uri: &str,
        session: Option<&str>,
        last_event: Option<&str>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<BoxStream<'static, Result<Sse, SseError>>> {
        let mut request = self.prepared(Method::GET, uri, session, headers)?;
        request.headers.insert(ACCEPT, HeaderValue::from_static(EVENT_STREAM));
        if let Some(id) = last_event.and_then(|id| id.parse().ok()) {
            request.headers.insert(LAST_EVENT, id);
        }
        let answer = self.open(request).await.map_err(StreamableHttpError::Client)?;
        match answer.status {
            StatusCode::METHOD_NOT_ALLOWED => Err(StreamableHttpError::ServerDoesNotSupportSse),
            status if !status.is_success() => Err(refusal(&answer)),
            _ if !content_type(&answer).starts_with(EVENT_STREAM) => {
                Err(StreamableHttpError::UnexpectedContentType(None))
            }
            _ => Ok(self.events(answer)),
        }
    }

    fn prepared(
        &self,
        method: Method,
        uri: &str,
        session: Option<&str>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<HttpRequest> {
        let unusable = |what: &'static str| StreamableHttpError::UnexpectedServerResponse(what.into());
        let url = uri.parse().map_err(|_| unusable("the address is no URL"))?;
        let mut request = self.request(method, url);
        request.headers.extend(headers);
        if let Some(session) = session {
            request.headers.insert(SESSION, session.parse().map_err(|_| unusable("the session id cannot be sent"))?);
        }
        Ok(request)
    }
}

impl StreamableHttpClient for Wire {
    type Error = Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<StreamableHttpPostResponse> {
        self.post(&uri, &message, session_id.as_deref(), custom_headers).await
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<()> {
        let request = self.prepared(Method::DELETE, &uri, Some(&session_id), custom_headers)?;
        self.open(request).await.map(drop).map_err(StreamableHttpError::Client)
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<BoxStream<'static, Result<Sse, SseError>>> {
        self.get(&uri, session_id.as_deref(), last_event_id.as_deref(), custom_headers).await
    }
}

/// What an answer that is no success means to its caller.
fn refusal(answer: &HttpStream) -> StreamableHttpError<Error> {
    let status = answer.status;
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            // The lifecycle knows a refusal by this error; the challenge may quote the token.
            let challenge = answer.headers.get(WWW_AUTHENTICATE).map_or("none", |_| "given");
            StreamableHttpError::AuthRequired(AuthRequiredError::new(challenge.to_owned()))
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let wait = answer.headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
            let error = Error::new(ErrorCode::RateLimited, "it has had too many requests of us");
            StreamableHttpError::Client(match wait {
                Some(seconds) => error.with_retry_after(Duration::from_secs(seconds)),
                None => error.with_hint("try again later"),
            })
        }
        status if status.is_server_error() => {
            let message = format!("it answered with HTTP status {}", status.as_u16());
            StreamableHttpError::Client(Error::new(ErrorCode::UpstreamUnavailable, message))
        }
        status => {
            let message = format!("it answered with HTTP status {}", status.as_u16());
            StreamableHttpError::Client(Error::new(ErrorCode::UpstreamRejected, message))
        }
    }
}

/// The error by which the lifecycle knows a server of before 2026-07-28: the one that it sent, or one in its place.
fn older_than_discover(
    message: &ClientJsonRpcMessage,
    session: Option<&str>,
    refused: &StreamableHttpError<Error>,
    body: &[u8],
) -> Option<ServerJsonRpcMessage> {
    let ClientJsonRpcMessage::Request(request) = message else { return None };
    let is_question = session.is_none() && matches!(request.request, ClientRequest::DiscoverRequest(_));
    let is_about_us =
        matches!(refused, StreamableHttpError::Client(error) if error.code() == ErrorCode::UpstreamRejected);
    if !is_question || !is_about_us {
        return None;
    }
    let error = match serde_json::from_slice::<ServerJsonRpcMessage>(body) {
        Ok(ServerJsonRpcMessage::Error(error)) => error.error,
        _ => ErrorData::invalid_request("refused", None),
    };
    Some(ServerJsonRpcMessage::error(error, Some(request.id.clone())))
}

/// Whether a server has forgotten a session. The protocol has 404 for it (2025-11-25, transports); the servers of the
/// TypeScript SDK's examples answer 400 with this code, before they have looked at the message.
fn is_about_session(error: &ServerJsonRpcMessage) -> bool {
    matches!(error, ServerJsonRpcMessage::Error(error) if error.error.code.0 == -32_000)
}

/// The error as the answer to a message: one that was refused unread comes back without its id.
fn about(message: &ClientJsonRpcMessage, error: ServerJsonRpcMessage) -> ServerJsonRpcMessage {
    match (message, error) {
        (ClientJsonRpcMessage::Request(request), ServerJsonRpcMessage::Error(error)) => {
            ServerJsonRpcMessage::error(error.error, Some(request.id.clone()))
        }
        (_, error) => error,
    }
}

fn content_type(answer: &HttpStream) -> &str {
    answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

/// A bearer token as a header.
pub(super) fn bearer(token: &str) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    Some((AUTHORIZATION, value))
}
