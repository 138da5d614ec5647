//! A step that calls HTTP.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use common::clock::Clock;
use common::http::{HttpClient, HttpRequest, HttpResponse, Repeat};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde_json::{Map, Value};
use url::Url;

use super::{Called, Errand, failure};
use crate::interpreter::Failure;
use crate::workflow::task::HttpOutput;

/// The header of `draft-ietf-httpapi-idempotency-key-header-07`, which Stripe and many others know.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Most characters of a refusal's body that a failure repeats.
const SHOWN_MAX: usize = 500;

/// What a step asks for.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) headers: &'a Value,
    pub(super) query: &'a Value,
    pub(super) body: Option<&'a Value>,
    pub(super) output: HttpOutput,
}

pub(super) async fn call((client, clock): (&HttpClient, &Clock), errand: Errand<'_>, asked: Asked<'_>) -> Called {
    let request = match request(&errand, &asked) {
        Ok(request) => request,
        Err(failure) => return Called::Failed(Box::new(failure)),
    };
    let host = request.url.host_str().unwrap_or("?").to_owned();
    match client.send(errand.tenant, request).await {
        Ok(answer) if answer.status.is_success() || answer.status == StatusCode::NOT_MODIFIED => {
            Called::Answered(output(&asked, &answer))
        }
        Ok(answer) => {
            let wait_ms =
                answer.retry_after(clock.now_ms()).map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
            let shown = String::from_utf8_lossy(&answer.body).chars().take(SHOWN_MAX).collect();
            Called::Failed(Box::new(failure::of_status(answer.status.as_u16(), &host, shown, wait_ms)))
        }
        Err(error) => Called::Failed(Box::new(failure::of(&error))),
    }
}

#[expect(clippy::result_large_err, reason = "a failure is what the step gets")]
fn request(errand: &Errand<'_>, asked: &Asked<'_>) -> Result<HttpRequest, Failure> {
    let method: Method = asked.method.parse().map_err(|_| wrong("the method is none"))?;
    let mut url: Url = asked.url.parse().map_err(|_| wrong("the endpoint is no URL"))?;
    if let Some(query) = asked.query.as_object().filter(|query| !query.is_empty()) {
        let mut pairs = url.query_pairs_mut();
        for (name, value) in query {
            for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
                pairs.append_pair(name, &text(value));
            }
        }
    }
    let mut request = HttpRequest::new(method, url);
    request.headers = headers(asked.headers)?;
    if let Some(body) = asked.body.filter(|body| !body.is_null()) {
        request.body = Some(match body {
            // What is text already goes out as it is: forms and XML are written by their author.
            Value::String(text) if request.headers.contains_key(CONTENT_TYPE) => Bytes::from(text.clone()),
            other => {
                let is_said = request.headers.contains_key(CONTENT_TYPE);
                if !is_said {
                    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                }
                Bytes::from(other.to_string())
            }
        });
    }
    let key = HeaderValue::from_str(&errand.call.idempotency_key).map_err(|_| wrong("the idempotency key is none"))?;
    request.headers.entry(IDEMPOTENCY_KEY).or_insert(key);
    if request.repeat == Repeat::Never && (request.method == Method::PUT || request.method == Method::DELETE) {
        // RFC 9110, section 9.2.2: idempotent by definition.
        request.repeat = Repeat::Idempotent;
    }
    request.deadline = Some(errand.deadline);
    request.cancel = Some(errand.cancel.clone());
    Ok(request)
}

#[expect(clippy::result_large_err, reason = "a failure is what the step gets")]
fn headers(given: &Value) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in given.as_object().into_iter().flatten() {
        let name: HeaderName = name.parse().map_err(|_| wrong("a header's name is none"))?;
        let value = HeaderValue::from_str(&text(value)).map_err(|_| wrong("a header's value is none"))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// What the step's output is.
fn output(asked: &Asked<'_>, answer: &HttpResponse) -> Value {
    match asked.output {
        HttpOutput::Content => content(answer),
        HttpOutput::Raw => Value::String(STANDARD.encode(&answer.body)),
        HttpOutput::Response => {
            let shown = |(name, value): (&HeaderName, &HeaderValue)| {
                (name.as_str().to_owned(), Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned()))
            };
            let headers: Map<String, Value> = answer.headers.iter().map(shown).collect();
            serde_json::json!({
                "request": { "method": asked.method, "uri": asked.url },
                "statusCode": answer.status.as_u16(), "headers": headers, "content": content(answer),
            })
        }
    }
}

/// The body: parsed where it is JSON, nothing where there is none.
fn content(answer: &HttpResponse) -> Value {
    if answer.body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(&answer.body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&answer.body).into_owned()))
}

/// A value as it stands in a header or query.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn wrong(what: &str) -> Failure {
    failure::configuration(what.to_owned(), "check the step's `with`")
}
