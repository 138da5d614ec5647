//! Time in tests: moved by hand while real sockets do their work.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use common::clock::Clock;

/// Turns of the runtime between two steps of the clock: enough for a loopback exchange to get on.
const TURNS: u32 = 24;

/// Runs `work` to its end while the manual clock moves on in steps. Needs a single-threaded runtime, so that every
/// turn lets all tasks and sockets have theirs.
pub async fn drive<T>(clock: &Clock, step: Duration, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        for _ in 0..TURNS {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::task::yield_now() => {}
            }
        }
        clock.advance(step);
    }
}

/// The day so many days from today, `2027-01-04`: what is to come by the machine's clock.
#[must_use]
pub fn in_days(days: i64) -> String {
    // Days from 0000-03-01 to civil dates, by H. Hinnant's `civil_from_days`.
    let day = Clock::system().now_ms().div_euclid(86_400_000) + days + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", of_year - (153 * shifted + 2) / 5 + 1)
}

/// Whether the run is the long one (`LUMINAR_FULL=1`).
#[must_use]
pub fn is_full_run() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the test run has no configuration file")]
    std::env::var("LUMINAR_FULL").is_ok_and(|value| value == "1")
}
