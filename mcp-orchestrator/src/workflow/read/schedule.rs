//! `schedule`: what starts a workflow besides being asked.

use std::time::Duration;

use super::Reader;
use super::place::Place;
use crate::workflow::Trigger;
use crate::workflow::cron::Cron;
use crate::workflow::task::Span;

const EXAMPLE: &str = "{cron: '0 9 * * 1-5'}";
/// Runs that begin more often belong to events.
const EVERY_LEAST: Duration = Duration::from_secs(10);

impl Reader {
    pub(super) fn schedule(&mut self, place: &Place<'_>, zone: Option<&str>) -> Option<Vec<Trigger>> {
        let fields = place.fields(self, "one of `cron`, `every`, `on`", Some(EXAMPLE))?;
        let unsupported = [("after", "`every`, or a `wait` and `run: {workflow: …, await: false}` at its end")];
        fields.only(self, &["cron", "every", "on"], &unsupported);
        if fields.is_empty() {
            self.flaw_like(place, "the schedule is empty", "one of `cron`, `every`, `on`", Some(EXAMPLE));
        }
        let mut triggers = Vec::new();
        if let Some(cron) = fields.get("cron") {
            let expression = cron.text(self, "five fields of cron, in quotes", Some("'0 9 * * 1-5'"))?;
            if let Err(problem) = expression.parse::<Cron>() {
                let expected = "minute, hour, day of the month, month, day of the week";
                self.flaw_like(&cron, problem, expected, Some("'0 9 * * 1-5'"));
                return None;
            }
            triggers.push(Trigger::Cron { expression: expression.to_owned(), zone: zone.map(str::to_owned) });
        }
        if let Some(every) = fields.get("every") {
            triggers.push(Trigger::Every(Span::Fixed(self.interval(&every, EVERY_LEAST)?)));
        }
        if let Some(on) = fields.get("on") {
            triggers.extend(self.on(&on)?.into_iter().map(Trigger::Event));
        }
        Some(triggers)
    }
}
