//! Amounts of money from text: exact decimal arithmetic, in minor units of a currency.

use serde::{Deserialize, Serialize};

/// The largest amount taken, in minor units: sums of 9,000 of them still fit.
const AMOUNT_MINOR_MAX: i128 = 1_000_000_000_000_000;

/// Currencies whose minor unit is not a hundredth (ISO 4217, list one, 2024-06-25).
const EXPONENTS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// What stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalSign {
    #[default]
    Point,
    Comma,
}

/// A currency's code, if it is three letters.
#[must_use]
pub fn currency(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(code)
}

/// How many decimals the minor unit of a currency is.
#[must_use]
pub fn exponent(currency: &str) -> u32 {
    EXPONENTS.iter().find(|(code, _)| *code == currency).map_or(2, |(_, exponent)| *exponent)
}

/// An amount in minor units, and whether decimals beyond them were rounded (half away from zero).
///
/// # Errors
/// What is wrong with the text, in our words.
pub fn minor_units(text: &str, currency: &str, sign: DecimalSign) -> Result<(i64, bool), &'static str> {
    let decimal = Decimal::parse(text, sign)?;
    let exponent = exponent(currency);
    let mut value = decimal.digits;
    let mut is_rounded = false;
    if let Some(missing) = exponent.checked_sub(decimal.scale) {
        value = value.checked_mul(10_i128.pow(missing)).ok_or(TOO_LARGE)?;
    } else {
        let unit = 10_i128.pow(decimal.scale.saturating_sub(exponent));
        is_rounded = value % unit != 0;
        value = (value + unit / 2) / unit;
    }
    if value > AMOUNT_MINOR_MAX {
        return Err(TOO_LARGE);
    }
    let value = i64::try_from(value).map_err(|_| TOO_LARGE)?;
    Ok((if decimal.is_negative { -value } else { value }, is_rounded))
}

const TOO_LARGE: &str = "the amount is too large";
const NOT_A_NUMBER: &str = "the amount is not a number";
const NOT_FINITE: &str = "the amount is not a finite number";

/// Decimals that text may have.
const SCALE_MAX: u32 = 18;

struct Decimal {
    is_negative: bool,
    digits: i128,
    /// How many of the digits are decimals.
    scale: u32,
}

impl Decimal {
    fn parse(text: &str, sign: DecimalSign) -> Result<Self, &'static str> {
        let bare = text.trim().trim_matches(['$', '€', '£', '¥', ' ', '\u{a0}']);
        if ["nan", "inf", "+inf", "-inf", "infinity", "-infinity", "+infinity"]
            .iter()
            .any(|word| bare.eq_ignore_ascii_case(word))
        {
            return Err(NOT_FINITE);
        }
        // Accountants write what is negative in parentheses.
        let (bare, in_parentheses) = match bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inside) => (inside, true),
            None => (bare, false),
        };
        let (bare, has_minus) = match bare.strip_prefix(['-', '−']) {
            Some(rest) => (rest, true),
            None => (bare.strip_prefix('+').unwrap_or(bare), false),
        };
        let bare = bare.trim_start_matches(['$', '€', '£', '¥', ' ']);
        let (point, group) = match sign {
            DecimalSign::Point => ('.', ','),
            DecimalSign::Comma => (',', '.'),
        };
        let (whole, decimals) = bare.split_once(point).unwrap_or((bare, ""));
        let (mut digits, mut scale, mut count) = (0_i128, 0_u32, 0_u32);
        check_groups(whole, group)?;
        for character in whole.chars().filter(|character| *character != group && *character != '\'') {
            digits = push(digits, character)?;
            count += 1;
        }
        for character in decimals.chars() {
            if scale == SCALE_MAX {
                // Far below any minor unit.
                if !character.is_ascii_digit() {
                    return Err(NOT_A_NUMBER);
                }
                continue;
            }
            digits = push(digits, character)?;
            scale += 1;
            count += 1;
        }
        if count == 0 {
            return Err(NOT_A_NUMBER);
        }
        Ok(Self { is_negative: has_minus || in_parentheses, digits, scale })
    }
}

/// Groups are of three digits, so that `1.5` is never read as 15.
fn check_groups(whole: &str, group: char) -> Result<(), &'static str> {
    let mut groups = whole.split(group);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let is_right = rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    if is_right { Ok(()) } else { Err(NOT_A_NUMBER) }
}

fn push(digits: i128, character: char) -> Result<i128, &'static str> {
    let digit = character.to_digit(10).ok_or(NOT_A_NUMBER)?;
    digits.checked_mul(10).and_then(|digits| digits.checked_add(i128::from(digit))).ok_or(TOO_LARGE)
}

/// The sign that the decimals of a sample stand behind: where both signs occur the last one is it, and a lone comma that is
/// not followed by three digits.
#[must_use]
pub fn decimal_sign<'a>(sample: impl Iterator<Item = &'a str>) -> DecimalSign {
    for text in sample {
        match (text.rfind('.'), text.rfind(',')) {
            (Some(point), Some(comma)) if comma > point => return DecimalSign::Comma,
            (None, Some(comma)) => {
                let behind = text.get(comma + 1..).unwrap_or_default().chars().filter(char::is_ascii_digit).count();
                if behind != 3 {
                    return DecimalSign::Comma;
                }
            }
            (Some(_), _) | (None, None) => {}
        }
    }
    DecimalSign::Point
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let point = DecimalSign::Point;
        for (text, currency, minor) in [
            ("12.34", "EUR", 1_234),
            ("$1,234.5", "USD", 123_450),
            ("-0.01", "EUR", -1),
            ("(7.00)", "GBP", -700),
            ("1200", "JPY", 1_200),
            ("1.5", "KWD", 1_500),
            ("0.285", "EUR", 29),
            ("-0.285", "EUR", -29),
            (".5", "EUR", 50),
        ] {
            assert_eq!(minor_units(text, currency, point).map(|(minor, _)| minor), Ok(minor), "{text}");
        }
        assert_eq!(minor_units("1.234,56", "EUR", DecimalSign::Comma), Ok((123_456, false)));
        assert_eq!(minor_units("29.330000000000002", "USD", point), Ok((2_933, true)));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "-", "abc", "1.2.3", "1,2", "NaN", "inf", "-Infinity", "1e400", "99999999999999999999"] {
            assert!(minor_units(text, "EUR", DecimalSign::Point).is_err(), "{text}");
        }
    }

    #[test]
    fn the_decimal_sign_is_seen_from_a_sample() {
        assert_eq!(decimal_sign(["12", "1.234,50"].into_iter()), DecimalSign::Comma);
        assert_eq!(decimal_sign(["12,5"].into_iter()), DecimalSign::Comma);
        assert_eq!(decimal_sign(["1,234", "5.5"].into_iter()), DecimalSign::Point);
    }
}
