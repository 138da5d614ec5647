//! What a plain scalar means: the core schema of YAML 1.2 (10.3.2), whose values JSON has too.

use serde_json::Number;

use crate::workflow::source::Content;

/// The value of a plain scalar; `None` for `.inf` and `.nan`, which JSON does not have.
pub(super) fn plain(text: &str) -> Option<Content> {
    let content = match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ if is_infinite(text) => return None,
        _ => match number(text) {
            Some(number) => Content::Number(number),
            None => Content::Text(text.to_owned()),
        },
    };
    Some(content)
}

fn is_infinite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0o") {
        return digits_only(digits, 8).and_then(|digits| u64::from_str_radix(digits, 8).ok()).map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return digits_only(digits, 16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).map(Number::from);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits_only(unsigned, 10).is_some() {
        let number = text.parse::<i64>().map(Number::from).or_else(|_| unsigned.parse::<u64>().map(Number::from));
        return match number {
            Ok(number) if !(text.starts_with('-') && number.as_i64().is_none()) => Some(number),
            _ => text.parse().ok().and_then(Number::from_f64),
        };
    }
    is_float(unsigned).then(|| text.parse().ok().and_then(Number::from_f64)).flatten()
}

fn digits_only(text: &str, radix: u32) -> Option<&str> {
    (!text.is_empty() && text.chars().all(|digit| digit.is_digit(radix))).then_some(text)
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    if let Some(exponent) = exponent
        && digits_only(exponent.strip_prefix(['-', '+']).unwrap_or(exponent), 10).is_none()
    {
        return false;
    }
    let is_digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            is_digits(whole) && is_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
        None => digits_only(mantissa, 10).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::workflow::flaw::Mark;
    use crate::workflow::source::Node;

    #[test]
    fn plain_scalars_mean_what_the_core_schema_says() {
        // The examples of YAML 1.2.2, 10.3.2, and what is close to them.
        for (text, value) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("null", Value::Null),
            ("nULL", json!("nULL")),
            ("True", json!(true)),
            ("yes", json!("yes")),
            ("off", json!("off")),
            ("0", json!(0)),
            ("0o7", json!(7)),
            ("0x3A", json!(58)),
            ("-19", json!(-19)),
            ("+12", json!(12)),
            ("007", json!(7)),
            ("0.", json!(0.0)),
            ("-0.0", json!(-0.0)),
            (".5", json!(0.5)),
            ("+12e03", json!(12000.0)),
            ("-2E+05", json!(-200_000.0)),
            ("1.0.0", json!("1.0.0")),
            ("1e", json!("1e")),
            ("12:30", json!("12:30")),
            ("0o9", json!("0o9")),
            (".", json!(".")),
            ("+", json!("+")),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("-9223372036854775809", json!(-9_223_372_036_854_775_809.0)),
        ] {
            let node = Node { mark: Mark::BEGIN, content: plain(text).expect(text) };
            assert_eq!(node.to_value(), value, "{text}");
        }
        for text in [".inf", "-.INF", "+.Inf", ".nan"] {
            assert!(plain(text).is_none(), "{text}");
        }
    }
}
