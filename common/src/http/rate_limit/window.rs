//! The books of one budget: a log of the window, what the vendor says is left, and the day. Pure: time is a parameter.

use std::collections::VecDeque;
use std::time::Duration;

use http::StatusCode;
use serde::Serialize;

use super::super::message::HttpResponse;
use super::headers::{INTERVAL_MAX, RateHeaders, Reading};
use crate::clock::{UnixMillis, after};

const DAY_MS: i64 = 86_400_000;

/// Longest pause of a whole budget that one `Retry-After` can cause.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// What may be spent: never more than `requests_max` in any span of `window`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// At least 1.
    pub requests_max: u32,
    pub window: Duration,
    /// Most requests per UTC day, counted from this process's start; absent means unlimited.
    pub daily_max: Option<u64>,
    /// Where the vendor says what is left; believed where it is less than our own count.
    pub headers: RateHeaders,
}

/// What is left of a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetSnapshot {
    /// Requests allowed per window.
    pub requests_max: u32,
    /// Requests that could be sent at once.
    pub remaining: u32,
    /// Until the longest-used slot is free again, in milliseconds; 0 if none is used.
    pub resets_in_ms: u64,
    /// Requests left today, by the vendor's count where it gives one; absent if neither side counts days.
    pub daily_remaining: Option<u64>,
}

/// Whether a request may go.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may, and is already entered in the books.
    Now { sequence: u64 },
    /// Ask again then.
    In { wait: Duration },
    /// Everything allowed is under way: ask again when something comes back.
    AfterAnAnswer,
    /// The day's share is used up.
    NotToday { wait: Duration },
}

/// Requests that the vendor has counted in its window and we have not sent: other processes spend the same budget.
#[derive(Debug, Clone, Copy)]
struct Foreign {
    /// The request whose answer told of them.
    sequence: u64,
    count: u32,
    /// When the last of them leaves the vendor's window at the latest.
    until_ms: UnixMillis,
}

/// The vendor's word as of one request: what was left of the day after it.
#[derive(Debug, Clone, Copy)]
struct Word {
    sequence: u64,
    remaining: u64,
    until_ms: UnixMillis,
}

pub(super) struct Window {
    pub(super) budget: Budget,
    in_flight: u32,
    /// When each answer of the present window arrived, oldest first.
    answered: VecDeque<UnixMillis>,
    /// Requests ever begun; the number of the last one.
    sequence: u64,
    vendor_max: Option<u32>,
    vendor_interval: Option<Duration>,
    foreign: Option<Foreign>,
    left_today: Option<Word>,
    paused_until_ms: UnixMillis,
    today: i64,
    begun_today: u64,
}

impl Window {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            budget,
            in_flight: 0,
            answered: VecDeque::new(),
            sequence: 0,
            vendor_max: None,
            vendor_interval: None,
            foreign: None,
            left_today: None,
            paused_until_ms: 0,
            today: 0,
            begun_today: 0,
        }
    }

    /// Enters one request if it may go now.
    pub(super) fn take(&mut self, now_ms: UnixMillis) -> Turn {
        self.forget(now_ms);
        if let Some(wait) = self.wait_for_tomorrow(now_ms) {
            return Turn::NotToday { wait };
        }
        if self.paused_until_ms > now_ms {
            return Turn::In { wait: span(now_ms, self.paused_until_ms) };
        }
        if self.remaining() == 0 {
            return self.next_free_at_ms().map_or(Turn::AfterAnAnswer, |at_ms| Turn::In { wait: span(now_ms, at_ms) });
        }
        if self.left_today.is_some_and(|word| self.left_by(word) == 0) {
            // The vendor left some, and they are under way: their answers tell.
            return if self.in_flight > 0 { Turn::AfterAnAnswer } else { Turn::NotToday { wait: Duration::ZERO } };
        }
        self.in_flight += 1;
        self.sequence += 1;
        self.begun_today += 1;
        Turn::Now { sequence: self.sequence }
    }

    /// An answer arrived, or will never: the slot is free one window later.
    pub(super) fn release(&mut self, now_ms: UnixMillis) {
        self.in_flight = self.in_flight.saturating_sub(1);
        // A wall clock that was set back must not disorder the log.
        let at_ms = self.answered.back().map_or(now_ms, |last| now_ms.max(*last));
        self.answered.push_back(at_ms);
    }

    /// It was never sent: the slot is free at once.
    pub(super) fn give_back(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.begun_today = self.begun_today.saturating_sub(1);
    }

    /// Takes the vendor's word from the answer to request number `sequence`.
    pub(super) fn learn(&mut self, sequence: u64, response: &HttpResponse, now_ms: UnixMillis) {
        let reading = Reading::of(&self.budget.headers, response, now_ms);
        let interval = reading.interval.unwrap_or(self.budget.window).min(INTERVAL_MAX);
        self.vendor_max = reading.max.or(self.vendor_max);
        self.vendor_interval = reading.interval.map(|_| interval).or(self.vendor_interval);
        if let Some(remaining) = reading.remaining
            && self.foreign.is_none_or(|foreign| foreign.sequence <= sequence)
        {
            // Ours stay in our books at least as long as in the vendor's: what it counts beyond them is others'.
            let count = self.requests_max().saturating_sub(remaining).saturating_sub(self.own_used());
            self.foreign = Some(Foreign { sequence, count, until_ms: after(now_ms, interval) });
        }
        if let Some(remaining) = reading.daily_remaining
            && self.left_today.is_none_or(|word| word.sequence <= sequence)
        {
            let until_ms = after(now_ms, reading.daily_wait(now_ms));
            self.left_today = Some(Word { sequence, remaining, until_ms });
        }
        if response.status == StatusCode::TOO_MANY_REQUESTS {
            let asked_for = response.retry_after(now_ms).map(|wait| wait.min(PAUSE_MAX));
            let pause = asked_for.or(reading.interval.map(|_| interval)).unwrap_or_default();
            self.paused_until_ms = self.paused_until_ms.max(after(now_ms, pause));
        }
    }

    pub(super) fn snapshot(&mut self, now_ms: UnixMillis) -> BudgetSnapshot {
        self.forget(now_ms);
        let own_today = self.budget.daily_max.map(|max| max.saturating_sub(self.begun_today));
        let resets_at_ms = self.next_free_at_ms().unwrap_or(now_ms).max(self.paused_until_ms);
        BudgetSnapshot {
            requests_max: self.requests_max(),
            remaining: if self.paused_until_ms > now_ms { 0 } else { self.remaining() },
            resets_in_ms: u64::try_from(span(now_ms, resets_at_ms).as_millis()).unwrap_or(u64::MAX),
            daily_remaining: self.left_today.map(|word| self.left_by(word)).or(own_today),
        }
    }

    /// A lower bound of the wait with so many in the queue before.
    pub(super) fn wait_at_least(&mut self, ahead: usize, now_ms: UnixMillis) -> Duration {
        self.forget(now_ms);
        let pause = span(now_ms, self.paused_until_ms);
        let size = usize::try_from(self.requests_max()).unwrap_or(usize::MAX);
        let room = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        let Some(behind) = ahead.checked_sub(room) else { return pause };
        let (rounds, place) = (behind / size, behind % size);
        let slot = self.answered.get(place).map_or(Duration::ZERO, |at_ms| span(now_ms, self.free_at_ms(*at_ms)));
        let oldest = self.others().map_or(slot, |foreign| slot.min(span(now_ms, foreign.until_ms)));
        let further = self.window().saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX));
        oldest.saturating_add(further).max(pause)
    }

    fn forget(&mut self, now_ms: UnixMillis) {
        while self.answered.front().is_some_and(|oldest| self.free_at_ms(*oldest) <= now_ms) {
            self.answered.pop_front();
        }
        self.foreign = self.foreign.filter(|foreign| foreign.until_ms > now_ms);
        self.left_today = self.left_today.filter(|word| word.until_ms > now_ms);
        let today = now_ms.div_euclid(DAY_MS);
        if today != self.today {
            self.today = today;
            self.begun_today = 0;
        }
    }

    fn wait_for_tomorrow(&self, now_ms: UnixMillis) -> Option<Duration> {
        if let Some(word) = self.left_today.filter(|word| word.remaining == 0) {
            return Some(span(now_ms, word.until_ms));
        }
        let is_spent = self.budget.daily_max.is_some_and(|max| self.begun_today >= max);
        is_spent.then(|| span(now_ms, self.today.saturating_add(1).saturating_mul(DAY_MS)))
    }

    /// What the vendor left, less what was begun since.
    fn left_by(&self, word: Word) -> u64 {
        word.remaining.saturating_sub(self.sequence.saturating_sub(word.sequence))
    }

    fn own_used(&self) -> u32 {
        u32::try_from(self.answered.len()).unwrap_or(u32::MAX).saturating_add(self.in_flight)
    }

    fn others(&self) -> Option<Foreign> {
        self.foreign.filter(|foreign| foreign.count > 0)
    }

    fn remaining(&self) -> u32 {
        let others = self.others().map_or(0, |foreign| foreign.count);
        self.requests_max().saturating_sub(self.own_used()).saturating_sub(others)
    }

    /// When a slot comes free next; `None` if that waits for an answer.
    fn next_free_at_ms(&self) -> Option<UnixMillis> {
        let own = self.answered.front().map(|oldest| self.free_at_ms(*oldest));
        own.into_iter().chain(self.others().map(|foreign| foreign.until_ms)).min()
    }

    fn requests_max(&self) -> u32 {
        self.budget.requests_max.min(self.vendor_max.unwrap_or(u32::MAX)).max(1)
    }

    fn window(&self) -> Duration {
        self.budget.window.max(self.vendor_interval.unwrap_or_default())
    }

    /// One millisecond on top, because instants are whole milliseconds, rounded down.
    fn free_at_ms(&self, answered_at_ms: UnixMillis) -> UnixMillis {
        after(answered_at_ms, self.window()).saturating_add(1)
    }
}

fn span(from_ms: UnixMillis, until_ms: UnixMillis) -> Duration {
    Duration::from_millis(u64::try_from(until_ms.saturating_sub(from_ms)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName};

    use super::*;

    const LEFT: HeaderName = HeaderName::from_static("x-left");

    fn window(requests_max: u32) -> Window {
        let headers = RateHeaders { remaining: Some(LEFT), ..RateHeaders::default() };
        Window::new(Budget { requests_max, window: Duration::from_secs(10), daily_max: None, headers })
    }

    fn sequence(turn: &Turn) -> u64 {
        match turn {
            Turn::Now { sequence } => *sequence,
            other => panic!("{other:?}"),
        }
    }

    fn left(remaining: u32) -> HttpResponse {
        let headers = HeaderMap::from_iter([(LEFT, remaining.into())]);
        HttpResponse { status: StatusCode::OK, headers, body: Bytes::new(), is_cached: false }
    }

    #[test]
    fn a_slot_is_free_one_window_after_its_answer() {
        let mut window = window(1);
        sequence(&window.take(0));
        assert_eq!(window.take(60_000), Turn::AfterAnAnswer);
        window.release(60_000);
        assert_eq!(window.take(60_000), Turn::In { wait: Duration::from_millis(10_001) });
        assert_eq!(window.take(70_000), Turn::In { wait: Duration::from_millis(1) });
        sequence(&window.take(70_001));
    }

    #[test]
    fn what_was_begun_after_the_vendors_word_counts_against_it() {
        let mut window = window(100);
        let first = sequence(&window.take(0));
        let second = sequence(&window.take(0));
        window.learn(second, &left(3), 1);
        // The answer to the earlier request says more, because it was counted earlier.
        window.learn(first, &left(50), 2);
        for _ in 0..3 {
            sequence(&window.take(3));
        }
        assert!(matches!(window.take(3), Turn::In { .. }));
        assert_eq!(window.snapshot(3).remaining, 0);
        sequence(&window.take(10_001));
    }

    #[test]
    fn a_clock_that_is_set_back_disorders_nothing() {
        let mut window = window(2);
        sequence(&window.take(100_000));
        window.release(100_000);
        sequence(&window.take(40_000));
        window.release(40_000);
        assert!(matches!(window.take(100_000), Turn::In { .. }));
        sequence(&window.take(110_001));
    }

    #[test]
    fn the_wait_of_the_queue_is_never_overstated() {
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..200 {
            let mut window = window(rng.u32(1..6));
            let mut now_ms = 0;
            for _ in 0..rng.u32(0..6) {
                if matches!(window.take(now_ms), Turn::Now { .. }) {
                    window.release(now_ms);
                }
                now_ms += rng.i64(0..4_000);
            }
            let ahead = rng.usize(0..12);
            let promised = window.wait_at_least(ahead, now_ms);
            let begun_ms = now_ms;
            let mut served = 0;
            while served <= ahead {
                match window.take(now_ms) {
                    Turn::Now { .. } => {
                        window.release(now_ms);
                        served += 1;
                    }
                    Turn::In { wait } => now_ms += i64::try_from(wait.as_millis()).unwrap(),
                    other => panic!("{other:?}"),
                }
            }
            assert!(promised <= span(begun_ms, now_ms), "{ahead} ahead: {promised:?} promised");
        }
    }
}
