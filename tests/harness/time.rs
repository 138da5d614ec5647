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

/// Whether the run is the long one (`LUMINAR_FULL=1`).
#[must_use]
pub fn is_full_run() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the test run has no configuration file")]
    std::env::var("LUMINAR_FULL").is_ok_and(|value| value == "1")
}
