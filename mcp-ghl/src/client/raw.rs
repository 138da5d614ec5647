//! Any operation of the API, written out by who calls it: sent as it stands, and answered as it came.

use bytes::Bytes;
use common::error::{Error, Result};
use common::http::{HttpRequest, HttpResponse, Repeat};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use super::{Client, Session, errors, request};
use crate::connections::Credential;

/// One request, whole but for the token.
#[derive(Debug, Clone)]
pub(crate) struct RawRequest {
    /// Names the operation: what v3 has dropped is remembered by it.
    pub(crate) operation: String,
    pub(crate) method: Method,
    /// Path and query from the API's address on, escaped: `/contacts/?limit=1`.
    pub(crate) target: String,
    /// Value of `Version`.
    pub(crate) version: String,
    /// The dated version to ask where v3 says that it has removed the operation.
    pub(crate) older: Option<String>,
    /// Other headers that the operation knows.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<RawBody>,
    /// Whether it changes nothing, so that it may be sent again. A change is sent once.
    pub(crate) is_read: bool,
    /// What the token needs, for the refusal.
    pub(crate) scopes: Vec<String>,
    /// Whether the path names a record, for the refusal.
    pub(crate) names_record: bool,
    /// Names of the arguments that were given: those that the vendor speaks of are named in the refusal.
    pub(crate) arguments: Vec<String>,
}

/// What is sent in the body.
#[derive(Debug, Clone)]
pub(crate) struct RawBody {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// What the vendor answered: a success.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    /// Without its parameters, in lower case.
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

impl Client {
    /// Sends a request and returns the answer as it came.
    ///
    /// # Errors
    /// Those of `common::http`, and the vendor's refusals in our words.
    pub(crate) async fn raw(&self, session: &Session, raw: &RawRequest) -> Result<RawAnswer> {
        let base_url = &session.connection.base_url;
        let older = raw.older.as_deref();
        let remembered = older.filter(|_| self.is_removed_in_v3(&raw.operation));
        let mut response = self.attempt(session, raw.outgoing(base_url, remembered.unwrap_or(&raw.version))?).await?;
        if let (None, Some(older)) = (remembered, older)
            && errors::is_removed_in_v3(&response)
        {
            tracing::info!(ghl.operation = raw.operation, "v3 has no `{}`: asking {older}", raw.operation);
            self.remember_removed(raw.operation.clone().into());
            response = self.attempt(session, raw.outgoing(base_url, older)?).await?;
        }
        if response.status.is_success() {
            return Ok(RawAnswer { content_type: content_type(&response.headers), body: response.body });
        }
        Err(raw.refusal(session, &response))
    }
}

impl RawRequest {
    /// Why the vendor refused it.
    fn refusal(&self, session: &Session, response: &HttpResponse) -> Error {
        let scope = self.scopes.join("`, `");
        let noun = self.names_record.then_some("record");
        let about = errors::About { scope: &scope, noun, arguments: Some(&self.arguments) };
        match &session.connection.credential {
            Credential::Token(_) => errors::refusal(about, response),
            Credential::Login(_) => errors::refusal_of_login(about, response),
        }
    }

    /// All but the token.
    fn outgoing(&self, base_url: &Url, version: &str) -> Result<HttpRequest> {
        let unfit = |source| Error::internal("the operation's address cannot be written", source);
        let address = format!("{}{}", base_url.as_str().trim_end_matches('/'), self.target);
        let mut outgoing = HttpRequest::new(self.method.clone(), address.parse::<Url>().map_err(unfit)?);
        outgoing.repeat = if self.is_read { Repeat::Idempotent } else { Repeat::Never };
        for (name, value) in &self.headers {
            let name = name.parse::<HeaderName>();
            let name = name.map_err(|source| Error::internal("the operation has a header that is none", source))?;
            outgoing.headers.insert(name, header(value)?);
        }
        outgoing.headers.insert(request::VERSION, header(version)?);
        outgoing.headers.insert(ACCEPT, HeaderValue::from_static("application/json, */*;q=0.5"));
        if let Some(body) = &self.body {
            outgoing.headers.insert(CONTENT_TYPE, header(&body.content_type)?);
            outgoing.body = Some(body.bytes.clone());
        }
        Ok(outgoing)
    }
}

fn header(value: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(value).map_err(|source| {
        Error::invalid_argument("arguments", "holds what no header can", "plain ASCII text", None).with_source(source)
    })
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_lowercase())
}
