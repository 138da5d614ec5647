//! A fingerprint of arguments: equal arguments have equal digests, and nothing can be read back from one.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of the canonical JSON of a call's arguments: object keys sorted by their bytes, no white space.
///
/// Short or guessable arguments can be found by trying; the digest proves equality, it does not encrypt.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArgumentsDigest([u8; 32]);

impl ArgumentsDigest {
    /// Digests arguments in any key order alike.
    #[must_use]
    pub fn of(arguments: &Value) -> Self {
        let mut canonical = Vec::with_capacity(128);
        write_canonical(arguments, &mut canonical);
        Self(Sha256::digest(&canonical).into())
    }

    /// The digest of these bytes, as another digest gave them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// Depth is bounded by the parser that made the value (128 in `serde_json`). Keys are sorted here because
/// `serde_json` keeps their order as soon as any crate of the build asks for `preserve_order`.
fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            let mut separator = b'{';
            for (key, member) in members {
                out.push(separator);
                write_scalar(key, out);
                out.push(b':');
                write_canonical(member, out);
                separator = b',';
            }
            out.extend_from_slice(if separator == b'{' { b"{}" } else { b"}" });
        }
        Value::Array(items) => {
            let mut separator = b'[';
            for item in items {
                out.push(separator);
                write_canonical(item, out);
                separator = b',';
            }
            out.extend_from_slice(if separator == b'[' { b"[]" } else { b"]" });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => write_scalar(value, out),
    }
}

fn write_scalar(scalar: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    // Writing a scalar into a vector cannot fail; were it to, the digest would only miss it.
    let _infallible = serde_json::to_writer(out, scalar);
}

impl fmt::Display for ArgumentsDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl Serialize for ArgumentsDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ArgumentsDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn digest_is_sha_256_of_the_canonical_text() {
        // printf '{"a":[1,null,{"y":false,"z":"\\""}],"b":{}}' | sha256sum
        let arguments = json!({ "b": {}, "a": [1, null, { "z": "\"", "y": false }] });
        let mut canonical = Vec::new();
        write_canonical(&arguments, &mut canonical);
        assert_eq!(String::from_utf8(canonical).unwrap(), r#"{"a":[1,null,{"y":false,"z":"\""}],"b":{}}"#);
        assert_eq!(
            ArgumentsDigest::of(&arguments).to_string(),
            "aff9cad2ed9111101efdbccdc3d7dd55beda6acf48eedbe822e840b8d85170b4"
        );
    }

    #[test]
    fn key_order_does_not_matter_and_values_do() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":[]}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"b":[],"a":1}"#).unwrap();
        assert_eq!(ArgumentsDigest::of(&one), ArgumentsDigest::of(&other));
        assert_ne!(ArgumentsDigest::of(&one), ArgumentsDigest::of(&json!({ "a": 1, "b": [[]] })));
    }
}
