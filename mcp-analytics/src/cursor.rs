//! The cursor of our lists: where the list stopped, and for which question, so that it cannot be used with another one by
//! mistake. No secret and no permission: whoever makes one up only pages their own data.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::error::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Longest cursor read, in bytes.
const LENGTH_MAX: usize = 1_024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "q")]
    question: String,
    #[serde(rename = "a")]
    after: String,
}

/// The cursor that goes on behind the record with this id; `asked` is the tool's name and all arguments but the cursor.
///
/// # Errors
/// `internal` if it cannot be encoded.
pub(crate) fn cursor(asked: &impl Serialize, after: &str) -> Result<String> {
    let written = Written { question: digest(asked)?, after: after.to_owned() };
    let text =
        serde_json::to_vec(&written).map_err(|source| Error::internal("the cursor could not be encoded", source))?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

/// The id behind which a cursor of the same question goes on.
///
/// # Errors
/// `invalid_argument` if it is none of ours, or another question's.
pub(crate) fn behind(asked: &impl Serialize, cursor: &str) -> Result<String> {
    let text = Some(cursor.trim()).filter(|text| text.len() <= LENGTH_MAX);
    let text = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let written: Option<Written> = text.and_then(|text| serde_json::from_slice(&text).ok());
    match written {
        Some(written) if written.question == digest(asked)? => Ok(written.after),
        _ => Err(Error::invalid_argument(
            "cursor",
            "does not belong to this list",
            "`next_cursor` of the previous page, with otherwise the same arguments",
            None,
        )),
    }
}

fn digest(asked: &impl Serialize) -> Result<String> {
    let text =
        serde_json::to_vec(asked).map_err(|source| Error::internal("the question could not be encoded", source))?;
    // 64 bits tell questions apart; they protect nothing.
    Ok(hex::encode(Sha256::digest(&text).iter().copied().take(8).collect::<Vec<u8>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_question_alone() {
        let made = cursor(&("list_datasets", "acme", 1), "shop").unwrap();
        assert_eq!(behind(&("list_datasets", "acme", 1), &made).unwrap(), "shop");
        for (asked, text) in [(("list_datasets", "acme", 2), made.as_str()), (("list_datasets", "acme", 1), "e30")] {
            assert!(behind(&asked, text).is_err(), "{text}");
        }
    }
}
