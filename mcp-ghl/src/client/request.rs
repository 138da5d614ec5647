//! Turns an operation and its parts into an HTTP request.

use bytes::Bytes;
use common::error::{Error, Result};
use common::http::HttpRequest;
use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::operation::{Operation, Version};
use crate::record_id::RecordId;

pub(super) const VERSION: HeaderName = HeaderName::from_static("version");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The parts of one request.
#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    ids: &'a [&'a RecordId],
    query: &'a [(&'a str, &'a str)],
    body: Option<Body>,
}

/// A JSON body in the shape of each generation.
#[derive(Debug)]
struct Body {
    v3: Bytes,
    /// Where the older shape differs.
    dated: Option<Bytes>,
}

impl<'a> Request<'a> {
    /// A request for the records of these ids, in the order of the path.
    pub(super) fn of(ids: &'a [&'a RecordId]) -> Self {
        Self { ids, ..Self::default() }
    }

    pub(super) fn with_query(mut self, query: &'a [(&'a str, &'a str)]) -> Self {
        self.query = query;
        self
    }

    /// With a body that is the same in every version.
    pub(super) fn with_body(mut self, body: &impl Serialize) -> Result<Self> {
        self.body = Some(Body { v3: encode(body)?, dated: None });
        Ok(self)
    }

    /// With a body that older versions spell differently.
    pub(super) fn with_bodies(mut self, v3: &impl Serialize, dated: &impl Serialize) -> Result<Self> {
        self.body = Some(Body { v3: encode(v3)?, dated: Some(encode(dated)?) });
        Ok(self)
    }

    /// All but the token.
    pub(super) fn outgoing(&self, base_url: &Url, operation: &Operation, version: Version) -> Result<HttpRequest> {
        let url = self.url(base_url, operation.path)?;
        let mut request = HttpRequest::new(operation.method.clone(), url);
        request.repeat = operation.repeat;
        request.headers.insert(VERSION, HeaderValue::from_static(version.header()));
        request.headers.insert(ACCEPT, JSON);
        if let Some(body) = &self.body {
            request.headers.insert(CONTENT_TYPE, JSON);
            request.body = Some(match (version, &body.dated) {
                (Version::Dated(_), Some(dated)) => dated.clone(),
                (Version::V3 | Version::Dated(_), _) => body.v3.clone(),
            });
        }
        Ok(request)
    }

    /// Ids need no escaping: [`RecordId`] holds only what may stand in a path.
    fn url(&self, base_url: &Url, path: &str) -> Result<Url> {
        let mut filled = base_url.path().trim_end_matches('/').to_owned();
        let mut ids = self.ids.iter();
        for (position, piece) in path.split("{}").enumerate() {
            if position > 0 {
                let id = ids.next().ok_or_else(|| Error::internal("an operation lacks an id", path))?;
                filled.push_str(id.as_str());
            }
            filled.push_str(piece);
        }
        let mut url = base_url.clone();
        url.set_path(&filled);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(self.query);
        }
        Ok(url)
    }
}

/// The value of `Authorization`; it does not show in a log.
pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|source| Error::internal("the connection's token cannot be sent in a header", source))?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

fn encode(body: &impl Serialize) -> Result<Bytes> {
    let text =
        serde_json::to_vec(body).map_err(|source| Error::internal("the request could not be encoded", source))?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_their_slashes_and_queries_are_escaped() {
        let base: Url = "https://api.example.com/base/".parse().unwrap();
        let id: RecordId = "c1".parse().unwrap();
        let url = Request::default().url(&base, "/contacts/").unwrap();
        assert_eq!(url.as_str(), "https://api.example.com/base/contacts/");
        let query = [("email", "a+b@x.com")];
        let url = Request::of(&[&id]).with_query(&query).url(&base, "/contacts/{}/tags").unwrap();
        assert_eq!(url.as_str(), "https://api.example.com/base/contacts/c1/tags?email=a%2Bb%40x.com");
    }
}
