//! A span of time as it is said to people.

use std::time::Duration;

/// `3 days`, `2 h 30 min`, `5 s`: the two largest units.
pub(crate) fn in_words(span: Duration) -> String {
    let millis = span.as_millis();
    if millis < 1_000 {
        return format!("{millis} ms");
    }
    let mut rest = span.as_secs();
    let mut words = Vec::with_capacity(2);
    for (unit, seconds) in [("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1)] {
        let count = rest / seconds;
        rest %= seconds;
        if count == 0 {
            continue;
        }
        let plural = if unit == "day" && count > 1 { "s" } else { "" };
        words.push(format!("{count} {unit}{plural}"));
        if words.len() == 2 {
            break;
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_their_two_largest_units() {
        let cases = [
            (250, "250 ms"),
            (5_000, "5 s"),
            (300_000, "5 min"),
            (9_000_000, "2 h 30 min"),
            (259_200_000, "3 days"),
            (86_400_000, "1 day"),
            (90_061_000, "1 day 1 h"),
        ];
        for (millis, said) in cases {
            assert_eq!(in_words(Duration::from_millis(millis)), said);
        }
    }
}
