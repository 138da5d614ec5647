//! Retry policies: written out, by name, or in the words of the presets.

use std::time::Duration;

use super::Reader;
use super::place::Place;
use crate::workflow::presets::{self, ATTEMPTS_MAX};
use crate::workflow::task::{Backoff, CallRetry, RetryPolicy};

const EXAMPLE: &str = "every 30 min, 3 times";

impl Reader {
    /// `retry`: a policy, the name of one of `use.retries`, or a preset.
    pub(super) fn retry(&mut self, place: &Place<'_>) -> Option<RetryPolicy> {
        let Some(name) = place.as_text() else { return self.retry_policy(place) };
        let found = self.reusable.retries.get(name).cloned().or_else(|| presets::by_name(name));
        if found.is_none() && name.starts_with("every ") {
            self.flaw_like(place, format!("`{name}` is no preset"), "`every <n> <s|min|h>, <k> times`", Some(EXAMPLE));
            return None;
        }
        self.referred(place, name, found, "use.retries", "retries")
    }

    /// `document.metadata.retry`: `none`, or as `retry`.
    pub(super) fn call_retry(&mut self, place: &Place<'_>) -> Option<CallRetry> {
        if place.as_text() == Some(presets::NONE) {
            return Some(CallRetry::Never);
        }
        self.retry(place).map(CallRetry::By)
    }

    pub(super) fn retry_policy(&mut self, place: &Place<'_>) -> Option<RetryPolicy> {
        let fields = place.fields(self, "a retry policy, the name of one, or a preset", Some(EXAMPLE))?;
        fields.only(self, &["when", "exceptWhen", "delay", "backoff", "limit", "jitter"], &[]);
        let (when, except_when) = self.knowing(&["error"], |reader| {
            (reader.optional(fields.get("when"), Self::jq), reader.optional(fields.get("exceptWhen"), Self::jq))
        });
        let delay = self.optional(fields.get("delay"), Self::duration);
        let backoff = self.backoff(fields.get("backoff"), delay?.unwrap_or_default());
        let jitter = self.optional(fields.get("jitter"), Self::jitter);
        let limits = self.limits(fields.get("limit"));
        let (attempts_max, attempt_duration, duration_max) = limits?;
        let backoff = backoff?;
        if attempts_max.is_none() && duration_max.is_none() && !matches!(backoff, Backoff::Schedule(_)) {
            let expected = "`limit.attempt.count` or `limit.duration`: nothing is tried for ever";
            self.flaw_like(place, "the retries have no end", expected, Some("limit: {attempt: {count: 5}}"));
            return None;
        }
        let (when, except_when, jitter) = (when?, except_when?, jitter?);
        Some(RetryPolicy { when, except_when, backoff, attempts_max, duration_max, attempt_duration, jitter })
    }

    fn backoff(&mut self, place: Option<Place<'_>>, delay: Duration) -> Option<Backoff> {
        let Some(place) = place else { return Some(Backoff::Constant(delay)) };
        let fields = place.fields(self, "one of constant, exponential, linear", Some("{exponential: {}}"))?;
        fields.only(self, &["constant", "exponential", "linear"], &[]);
        let (name, form) = place.named(self, "exponential: {}")?;
        let options = form.fields(self, "a map", Some("{}"))?;
        let known: &[&str] = if name == "constant" { &["schedule"] } else { &[] };
        options.only(self, known, &[]);
        match name {
            "constant" => match options.get("schedule") {
                None => Some(Backoff::Constant(delay)),
                Some(schedule) => {
                    let items = schedule.items(self, "a list of spans", Some("[PT5S, PT5M, PT30M]"))?;
                    if items.is_empty() {
                        self.flaw(&schedule, "the schedule is empty", "one span for each attempt after the first");
                    }
                    let spans: Vec<Option<Duration>> = items.iter().map(|item| self.duration(item)).collect();
                    spans.into_iter().collect::<Option<Vec<_>>>().map(Backoff::Schedule)
                }
            },
            "exponential" => Some(Backoff::Exponential(delay)),
            "linear" => Some(Backoff::Linear(delay)),
            _ => None,
        }
    }

    fn jitter(&mut self, place: &Place<'_>) -> Option<(Duration, Duration)> {
        let example = "{from: PT0S, to: PT10S}";
        let fields = place.fields(self, "`from` and `to`", Some(example))?;
        fields.only(self, &["from", "to"], &[]);
        let from = fields.require(self, "from", "the least that is added", example);
        let to = fields.require(self, "to", "the most that is added", example)?;
        let (from, until) = (self.duration(&from?), self.duration(&to));
        let (from, until) = (from?, until?);
        if from > until {
            self.flaw_like(&to, "`to` is shorter than `from`", "the longer span", Some(example));
            return None;
        }
        Some((from, until))
    }

    /// Attempts, one attempt's time, all attempts' time.
    fn limits(&mut self, place: Option<Place<'_>>) -> Option<(Option<u32>, Option<Duration>, Option<Duration>)> {
        let Some(place) = place else { return Some((None, None, None)) };
        let fields = place.fields(self, "`attempt` and `duration`", Some("{attempt: {count: 5}}"))?;
        fields.only(self, &["attempt", "duration"], &[]);
        let duration_max = self.optional(fields.get("duration"), Self::duration);
        let Some(attempt) = fields.get("attempt") else { return Some((None, None, duration_max?)) };
        let attempt_fields = attempt.fields(self, "`count` and `duration`", Some("{count: 5}"))?;
        attempt_fields.only(self, &["count", "duration"], &[]);
        let count = self.optional(attempt_fields.get("count"), Place::count_of_attempts);
        let attempt_duration = self.optional(attempt_fields.get("duration"), Self::duration);
        Some((count?, attempt_duration?, duration_max?))
    }
}

impl Place<'_> {
    fn count_of_attempts(reader: &mut Reader, place: &Place<'_>) -> Option<u32> {
        let count = place.count(reader)?;
        if !(1..=ATTEMPTS_MAX).contains(&count) {
            reader.flaw_like(place, format!("{count} attempts"), format!("1 to {ATTEMPTS_MAX}"), Some("5"));
            return None;
        }
        Some(count)
    }
}
