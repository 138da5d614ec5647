//! Spans of time: ISO 8601 or the DSL's `{days, hours, minutes, seconds, milliseconds}`.

use std::time::Duration;

use super::Reader;
use super::place::Place;
use crate::workflow::source::Content;
use crate::workflow::task::Span;

/// Ten years: longer than anybody waits.
const SPAN_DAYS_MAX: u64 = 3_660;
const UNITS: [(&str, u64); 5] =
    [("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000), ("seconds", 1_000), ("milliseconds", 1)];
const EXPECTED: &str = "a span: ISO 8601 (`PT30M`, `P3D`), or a map of days, hours, minutes, seconds, milliseconds";
const EXAMPLE: &str = "{days: 3}";

impl Reader {
    /// A span that an expression may stand for.
    pub(super) fn span(&mut self, place: &Place<'_>) -> Option<Span> {
        let is_computed = match &place.node.content {
            Content::Text(text) => text.trim_start().starts_with("${"),
            Content::Map(entries) => entries.iter().any(|entry| matches!(entry.value.content, Content::Text(_))),
            _ => false,
        };
        if is_computed {
            if place.is_map() {
                place.fields(self, EXPECTED, Some(EXAMPLE))?.only(self, &UNITS.map(|(name, _)| name), &[]);
            }
            return self.template(place).map(Span::Computed);
        }
        self.duration(place).map(Span::Fixed)
    }

    /// A span that is known beforehand.
    pub(super) fn duration(&mut self, place: &Place<'_>) -> Option<Duration> {
        let duration = match &place.node.content {
            Content::Text(text) => self.iso_8601(place, text)?,
            Content::Map(_) => self.units(place)?,
            _ => {
                let problem = format!("{} stands here", place.node.kind());
                self.flaw_like(place, problem, EXPECTED, Some(EXAMPLE));
                return None;
            }
        };
        if duration.as_secs() > SPAN_DAYS_MAX * 86_400 {
            self.flaw(place, "the span is too long", format!("{SPAN_DAYS_MAX} days at most"));
            return None;
        }
        Some(duration)
    }

    /// A span longer than nothing.
    pub(super) fn interval(&mut self, place: &Place<'_>, least: Duration) -> Option<Duration> {
        let duration = self.duration(place)?;
        if duration < least {
            let expected = format!("{} seconds at least", least.as_secs());
            self.flaw_like(place, "the span is too short", expected, Some("PT15M"));
            return None;
        }
        Some(duration)
    }

    fn iso_8601(&mut self, place: &Place<'_>, text: &str) -> Option<Duration> {
        if !text.starts_with('P') {
            self.flaw_like(place, format!("`{text}` is no span"), EXPECTED, Some(EXAMPLE));
            return None;
        }
        let duration = text
            .parse::<jiff::Span>()
            .and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()))
            .ok()
            .and_then(|duration| Duration::try_from(duration).ok());
        if duration.is_none() {
            let expected = "ISO 8601 in days and smaller units, since months differ";
            self.flaw_like(place, format!("`{text}` is no span"), expected, Some("P3DT12H"));
        }
        duration
    }

    fn units(&mut self, place: &Place<'_>) -> Option<Duration> {
        let fields = place.fields(self, EXPECTED, Some(EXAMPLE))?;
        fields.only(self, &UNITS.map(|(name, _)| name), &[]);
        if fields.is_empty() {
            self.flaw_like(place, "the span is empty", EXPECTED, Some(EXAMPLE));
            return None;
        }
        let mut millis: u64 = 0;
        for (name, value) in fields.each() {
            let count = u64::from(value.count(self)?);
            let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == name)?;
            millis = millis.saturating_add(count.saturating_mul(*unit));
        }
        Some(Duration::from_millis(millis))
    }
}
