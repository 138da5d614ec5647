//! Which events are meant: `listen.to` and `schedule.on`.

use super::Reader;
use super::place::{Fields, Place, Unsupported};
use crate::workflow::expression::Template;
use crate::workflow::source::Content;
use crate::workflow::task::{Listen, ListenTo, Named, Read, TaskKind};
use crate::workflow::{Correlation, EventFilter};

const UNTIL: Unsupported = ("until", "several events in a `for`, or a `fork` that competes with a `wait`");
const FILTER_EXAMPLE: &str = "{with: {type: AppointmentCreate}}";
const TO_EXAMPLE: &str = "{one: {with: {type: AppointmentCreate}}}";
const CORRELATE_EXAMPLE: &str = "{contact: {from: .data.contactId, expect: '${ $context.contactId }'}}";

impl Reader {
    pub(super) fn listen(&mut self, place: &Place<'_>, task: &Fields<'_>) -> Option<TaskKind> {
        if let Some(foreach) = task.get("foreach") {
            self.unsupported(
                &foreach,
                "`foreach` of `listen`",
                "`listen` in a `for`, or a workflow that the events start",
            );
        }
        let fields = place.fields(self, "`to` and `read`", Some("{to: {one: {with: {type: AppointmentCreate}}}}"))?;
        fields.only(self, &["to", "read"], &[]);
        let read = self.optional(fields.get("read"), Self::read_as);
        let to = fields.require(self, "to", "the events that are waited for", TO_EXAMPLE)?;
        let to = self.listen_to(&to);
        Some(TaskKind::Listen(Listen { to: to?, read: read?.unwrap_or_default() }))
    }

    fn read_as(&mut self, place: &Place<'_>) -> Option<Read> {
        match place.text(self, "data or envelope", Some("data"))? {
            "data" => Some(Read::Data),
            "envelope" => Some(Read::Envelope),
            "raw" => {
                self.unsupported(place, "`read: raw`", "`data` or `envelope`");
                None
            }
            other => {
                self.flaw_like(place, format!("`{other}` is no way to read"), "data or envelope", Some("data"));
                None
            }
        }
    }

    fn listen_to(&mut self, place: &Place<'_>) -> Option<ListenTo> {
        let fields = place.fields(self, "one of `one`, `any`, `all`", Some(TO_EXAMPLE))?;
        fields.only(self, &["one", "any", "all"], &[UNTIL]);
        if fields.has("until") {
            return None;
        }
        let (name, form) = place.named(self, "one: {with: {type: AppointmentCreate}}")?;
        match name {
            "one" => self.filter(&form, true).map(ListenTo::One),
            "any" => self.filters(&form, true).map(ListenTo::Any),
            "all" => self.filters(&form, true).map(ListenTo::All),
            _ => None,
        }
    }

    /// `schedule.on`: the filters of which any starts a run.
    pub(super) fn on(&mut self, place: &Place<'_>) -> Option<Vec<EventFilter>> {
        let fields = place.fields(self, "`one` or `any`", Some(TO_EXAMPLE))?;
        let unsupported = [("all", "`any`, and `listen` in the run for the rest"), UNTIL];
        fields.only(self, &["one", "any"], &unsupported);
        let (name, form) = place.named(self, "one: {with: {type: ContactCreate}}")?;
        match name {
            "one" => self.filter(&form, false).map(|filter| vec![filter]),
            "any" => self.filters(&form, false),
            _ => None,
        }
    }

    fn filters(&mut self, place: &Place<'_>, is_in_run: bool) -> Option<Vec<EventFilter>> {
        let items = place.items(self, "a list of event filters", Some(FILTER_EXAMPLE))?;
        if items.is_empty() {
            self.unsupported(place, "listening for every event", "at least one event filter");
            return None;
        }
        let filters: Vec<_> = items.iter().map(|item| self.filter(item, is_in_run)).collect();
        filters.into_iter().collect()
    }

    fn filter(&mut self, place: &Place<'_>, is_in_run: bool) -> Option<EventFilter> {
        let fields = place.fields(self, "an event filter", Some(FILTER_EXAMPLE))?;
        let no_run = [("correlate", "`data`: there is no run yet that the event could be compared with")];
        let known: &[&str] = if is_in_run { &["with", "correlate"] } else { &["with"] };
        fields.only(self, known, if is_in_run { &[] } else { &no_run });
        let with = fields.require(self, "with", "what the event must have", FILTER_EXAMPLE);
        let filter = with.and_then(|with| self.filter_with(&with));
        let correlate = match fields.get("correlate") {
            Some(correlate) if is_in_run => self.correlations(&correlate),
            _ => Some(Vec::new()),
        };
        Some(EventFilter { correlate: correlate?, ..filter? })
    }

    fn filter_with(&mut self, place: &Place<'_>) -> Option<EventFilter> {
        let fields = place.fields(self, "what the event must have", Some("{type: AppointmentCreate}"))?;
        if fields.is_empty() {
            self.flaw_like(place, "the filter is empty", "at least one property", Some("{type: AppointmentCreate}"));
            return None;
        }
        let kind = self.optional(fields.get("type"), Self::fixed);
        let source = self.optional(fields.get("source"), Self::fixed);
        let mut conditions = Vec::new();
        for (name, value) in fields.each() {
            if !matches!(name, "type" | "source") {
                conditions.push(self.condition(name, &value));
            }
        }
        let conditions: Vec<String> = conditions.into_iter().collect::<Option<_>>()?;
        let condition = if conditions.is_empty() {
            None
        } else {
            let rest = fields.each().filter(|(name, _)| !matches!(*name, "type" | "source"));
            let source = rest.map(|(name, value)| (name.to_owned(), value.value())).collect();
            let compiled = Template::compile_as(source, &conditions.join(" and "), &[]);
            Some(self.compiled(place, compiled)?)
        };
        Some(EventFilter { kind: kind?, source: source?, condition, correlate: Vec::new() })
    }

    /// One property as jq on the whole event. Expressions see the property, as in the DSL: those of `data` see the data.
    fn condition(&mut self, name: &str, place: &Place<'_>) -> Option<String> {
        let property = format!(".[{}]", serde_json::Value::from(name));
        match &place.node.content {
            Content::Text(text) if text.contains("${") => {
                // Compiled by itself first, so that its faults stand where it stands.
                let compiled = Template::compile(place.value(), &[]);
                self.compiled(place, compiled)?;
                let code = text.trim().strip_prefix("${").and_then(|code| code.strip_suffix('}'))?;
                // On a line of its own, since a comment ends with its line.
                Some(format!("({property} | ({code}\n))"))
            }
            _ => {
                let compiled = Template::compile(place.value(), &[]);
                if !self.compiled(place, compiled)?.is_constant() {
                    self.flaw_like(
                        place,
                        "an expression stands within a value to compare with",
                        "one expression for the whole property",
                        Some("${ .status == \"booked\" }"),
                    );
                    return None;
                }
                Some(format!("({property} == {})", place.value()))
            }
        }
    }

    fn fixed(&mut self, place: &Place<'_>) -> Option<String> {
        let text = place.text(self, "a fixed text", Some("AppointmentCreate"))?;
        if text.contains("${") {
            self.flaw(
                place,
                "an expression stands here",
                "a fixed text, so that events are found by index; `data` takes expressions",
            );
            return None;
        }
        let star = text.find('*');
        if star.is_some_and(|star| star + 1 != text.len()) {
            self.flaw_like(place, "`*` stands before the end", "`*` at the end, for any rest", Some("Appointment*"));
            return None;
        }
        Some(text.to_owned())
    }

    fn correlations(&mut self, place: &Place<'_>) -> Option<Vec<Named<Correlation>>> {
        let fields = place.fields(self, "a map of what must be the same in event and run", Some(CORRELATE_EXAMPLE))?;
        let mut correlations = Vec::new();
        for (name, value) in fields.each() {
            correlations.push(self.correlation(&value).map(|value| Named { name: name.to_owned(), value }));
        }
        correlations.into_iter().collect()
    }

    fn correlation(&mut self, place: &Place<'_>) -> Option<Correlation> {
        let fields = place.fields(self, "`from` and `expect`", Some("{from: .data.contactId, expect: '${ .id }'}"))?;
        fields.only(self, &["from", "expect"], &[]);
        let from = fields.require(self, "from", "jq on the event", ".data.contactId");
        let from = from.and_then(|from| {
            let text = from.text(self, "jq on the event", Some(".data.contactId"))?;
            let compiled = Template::compile_jq(text, &[]);
            self.compiled(&from, compiled)
        });
        let Some(expect) = fields.get("expect") else {
            self.unsupported(
                place,
                "a correlation without `expect`",
                "`expect: ${ … }`, worked out when the step begins to listen",
            );
            return None;
        };
        let expect = self.template(&expect);
        Some(Correlation { from: from?, expect: expect? })
    }
}
