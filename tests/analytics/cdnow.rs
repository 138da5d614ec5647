//! The CDNOW sample as snapshots: what was known of each customer on a day, and whether they stayed away afterwards.

use std::collections::BTreeMap;

use analytics_methods::classification::Features;

use crate::data::{self, Set};

/// The column of the time since the last purchase.
pub(crate) const RECENCY: usize = 0;

/// Days since the beginning of 1997 of the last day of that year, and of the last day of March 1998: the log ends 91 days later.
const TRAINED_ON: i32 = 364;
const TESTED_ON: i32 = 454;

/// A snapshot to train on and a later one whose outcomes lie after the first one's.
pub(crate) fn snapshots(days: i32) -> Option<(Set, Set)> {
    let text = data::text("CDNOW_sample.txt")?;
    let mut customers: BTreeMap<&str, Vec<(i32, f64, f64)>> = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let purchase = (day(cells[2]), cells[3].parse().unwrap(), cells[4].parse().unwrap());
        customers.entry(cells[1]).or_default().push(purchase);
    }
    let snapshot = |cut: i32| {
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for purchases in customers.values() {
            let known: Vec<_> = purchases.iter().copied().filter(|(day, ..)| *day <= cut).collect();
            if known.is_empty() {
                continue;
            }
            values.extend(features(&known, cut));
            labels.push(!purchases.iter().any(|(day, ..)| *day > cut && *day <= cut + days));
        }
        Set { features: Features::of_rows(values, COLUMNS).unwrap(), labels }
    };
    Some((snapshot(TRAINED_ON), snapshot(TESTED_ON)))
}

const COLUMNS: usize = 9;

/// All as ln(1 + x): days since the last purchase, days with purchases, amount, days since the first, items, amount a day with
/// purchases, such days in the last 90 and 180 days, days between purchases.
fn features(known: &[(i32, f64, f64)], cut: i32) -> [f64; COLUMNS] {
    let mut days: Vec<i32> = known.iter().map(|(day, ..)| *day).collect();
    days.sort_unstable();
    days.dedup();
    let (first, last) = (days[0], days[days.len() - 1]);
    let count = days.len() as f64;
    let items: f64 = known.iter().map(|(_, items, _)| items).sum();
    let amount: f64 = known.iter().map(|(_, _, amount)| amount).sum();
    let within = |span: i32| days.iter().filter(|day| **day > cut - span).count() as f64;
    let since_last = f64::from(cut - last);
    let between = f64::from(last - first) / count;
    [since_last, count, amount, f64::from(cut - first), items, amount / count, within(90), within(180), between]
        .map(f64::ln_1p)
}

/// Days since the beginning of 1997 of a date written as YYYYMMDD.
fn day(date: &str) -> i32 {
    let date = jiff::civil::Date::strptime("%Y%m%d", date).unwrap();
    (date - jiff::civil::date(1997, 1, 1)).get_days()
}
