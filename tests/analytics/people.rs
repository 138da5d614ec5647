//! Orders of invented people who fall into three groups, and their consent.

use std::fmt::Write as _;

/// People of each group.
pub(crate) const EACH: usize = 100;

/// Loyal ones buy each week up to yesterday, quiet ones bought for a while long ago, new ones once this week. Each spreads a
/// little, by a sequence that is always the same.
pub(crate) fn orders() -> String {
    let mut text = "transaction_id,customer_id,at,amount,currency\n".to_owned();
    let mut state = 1_u32;
    let mut step = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut order = 0;
    let mut line = |who: &str, days_ago: u32, cents: u32, text: &mut String| {
        order += 1;
        let at = jiff::Timestamp::from_millisecond(crate::stage::NOW_MS - i64::from(days_ago) * 86_400_000).unwrap();
        writeln!(text, "o{order},{who},{at},{}.{:02},EUR", cents / 100, cents % 100).unwrap();
    };
    for person in 0..EACH {
        for week in 0..30 + step(5) {
            let (days_ago, cents) = (1 + week * 7 + step(2), 9_000 + step(2_000));
            line(&format!("loyal{person:03}"), days_ago, cents, &mut text);
        }
        for month in 0..5 + step(2) {
            let (days_ago, cents) = (500 + month * 30 + step(20), 3_000 + step(600));
            line(&format!("quiet{person:03}"), days_ago, cents, &mut text);
        }
        let (days_ago, cents) = (4 + step(3), 900 + step(200));
        line(&format!("new{person:03}"), days_ago, cents, &mut text);
    }
    text
}

/// Everybody said yes, but for the first of each group, who said no, and the second, who said nothing.
pub(crate) fn customers() -> String {
    let mut text = "customer_id,email,consent\n".to_owned();
    for group in ["loyal", "quiet", "new"] {
        for person in 0..EACH {
            let consent = match person {
                0 => "no",
                1 => "",
                _ => "yes",
            };
            writeln!(text, "{group}{person:03},{group}{person:03}@X.test,{consent}").unwrap();
        }
    }
    text
}
