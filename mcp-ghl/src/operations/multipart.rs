//! `multipart/form-data` (RFC 7578): fields, and files that come as Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::error::{Error, Result};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::arguments::PLACE;
use super::texts::text;
use crate::client::RawBody;

/// Largest file, in bytes.
const FILE_BYTES_MAX: usize = 5_000_000;

/// A file as callers give it.
struct File<'v> {
    name: &'v str,
    kind: &'v str,
    base64: &'v str,
}

impl<'v> File<'v> {
    fn of(value: &'v Value) -> Option<Self> {
        let part = |name: &str| value.get(name).and_then(Value::as_str);
        Some(Self {
            name: part("name")?,
            kind: part("type").unwrap_or("application/octet-stream"),
            base64: part("base64")?,
        })
    }

    fn bytes(&self, field: &str) -> Result<Vec<u8>> {
        let place = format!("{}/{field}", PLACE.trim_start_matches('/'));
        let refuse = |problem: &str, expected: &str| Error::invalid_argument(&place, problem, expected, None);
        let is_kind = self.kind.split('/').count() == 2 && self.kind.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_kind {
            return Err(refuse("has no media type in `type`", "one such as `image/png`"));
        }
        let bytes = STANDARD.decode(self.base64.trim()).map_err(|source| {
            refuse("does not hold Base64 in `base64`", "standard Base64 with its padding").with_source(source)
        })?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(refuse(
                "is too large",
                &format!("at most {FILE_BYTES_MAX} bytes; or a URL, if the operation takes one"),
            ));
        }
        Ok(bytes)
    }
}

/// The body of these fields. The same fields make the same bytes: what was looked at is what is sent.
///
/// # Errors
/// `invalid_argument` for a file that is none, or too large.
pub(super) fn encode(fields: &Map<String, Value>) -> Result<RawBody> {
    let boundary = format!("luminar-{}", hex::encode(Sha256::digest(Value::Object(fields.clone()).to_string())));
    let mut body = Vec::new();
    for (name, value) in fields {
        let items = match value {
            Value::Array(items) => items.iter().collect(),
            single => vec![single],
        };
        for item in items {
            part(&mut body, &boundary, name, item)?;
        }
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(RawBody { content_type: format!("multipart/form-data; boundary={boundary}"), bytes: body.into() })
}

fn part(body: &mut Vec<u8>, boundary: &str, name: &str, value: &Value) -> Result<()> {
    let disposition = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(name));
    body.extend_from_slice(disposition.as_bytes());
    if let Some(file) = File::of(value) {
        let head = format!("; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n", quoted(file.name), file.kind);
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&file.bytes(name)?);
    } else {
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(text(value).as_bytes());
    }
    body.extend_from_slice(b"\r\n");
    Ok(())
}

/// As browsers write names (WHATWG HTML, multipart/form-data encoding algorithm).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The fields with their files' names and sizes.
pub(super) fn shown(fields: &Map<String, Value>) -> Value {
    let show = |value: &Value| match File::of(value) {
        // Three bytes are four letters.
        Some(file) => {
            json!({ "name": file.name, "type": file.kind, "bytes": file.base64.trim_end_matches('=').len() * 3 / 4 })
        }
        None => value.clone(),
    };
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), show(value))).collect())
}
