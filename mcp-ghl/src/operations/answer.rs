//! What the vendor answered, as the tools show it: data of outsiders, as it came.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::tool::UntrustedData;
use serde_json::{Value, json};

use crate::client::RawAnswer;

/// Who wrote it.
const SOURCE: &str = "GoHighLevel";

/// Largest file that is handed over, in bytes: what clients take of an answer.
const FILE_BYTES_MAX: usize = 60_000;

/// Keys of what opens the account: never handed to a model.
const TOKENS: [&str; 6] =
    ["accessToken", "access_token", "refreshToken", "refresh_token", "clientSecret", "client_secret"];

/// An answer as data; nothing if it is empty.
pub(crate) fn read(answer: &RawAnswer) -> Value {
    let is_json = answer.content_type.as_deref().is_none_or(|kind| kind.ends_with("json"));
    if answer.body.is_empty() {
        return Value::Null;
    }
    if let Some(mut data) = is_json.then(|| serde_json::from_slice(&answer.body).ok()).flatten() {
        without_tokens(&mut data);
        return data;
    }
    let is_text = answer.content_type.as_deref().is_none_or(|kind| kind.starts_with("text/") || kind.ends_with("json"));
    match std::str::from_utf8(&answer.body) {
        Ok(text) if is_text => Value::from(text),
        _ => file(answer),
    }
}

/// Marks data as what outsiders wrote.
pub(crate) fn fenced(data: Value) -> UntrustedData {
    UntrustedData::new(data, SOURCE)
}

fn file(answer: &RawAnswer) -> Value {
    let (kind, bytes) = (answer.content_type.as_deref().unwrap_or("application/octet-stream"), answer.body.len());
    if bytes > FILE_BYTES_MAX {
        return json!({ "type": kind, "bytes": bytes, "note": "too large to be shown" });
    }
    json!({ "type": kind, "bytes": bytes, "base64": STANDARD.encode(&answer.body) })
}

fn without_tokens(data: &mut Value) {
    match data {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if TOKENS.contains(&name.as_str()) && value.is_string() {
                    *value = Value::from("…");
                } else {
                    without_tokens(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_tokens),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
