//! `emit`: an event of the run's own making.

use super::Reader;
use super::place::{Place, Unsupported};
use crate::workflow::task::{Emit, TaskKind};

const EXAMPLE: &str = "{event: {with: {source: https://example.com/workflows, type: LeadQualified, data: '${ . }'}}}";
const UNSUPPORTED: [Unsupported; 4] = [
    ("id", "nothing: the event gets a stable id by itself"),
    ("time", "nothing: the event gets its time by itself"),
    ("datacontenttype", "nothing: data is JSON"),
    ("dataschema", "nothing: data is not checked"),
];

impl Reader {
    pub(super) fn emit(&mut self, place: &Place<'_>) -> Option<TaskKind> {
        let fields = place.fields(self, "`event`", Some(EXAMPLE))?;
        fields.only(self, &["event"], &[]);
        let event = fields.require(self, "event", "the event", EXAMPLE)?;
        let event_fields = event.fields(self, "`with`", Some(EXAMPLE))?;
        event_fields.only(self, &["with"], &[]);
        let with = event_fields.require(self, "with", "what the event has", EXAMPLE)?;
        let with = with.fields(self, "what the event has", Some("{type: LeadQualified, data: '${ . }'}"))?;
        with.only(self, &["source", "type", "data", "subject"], &UNSUPPORTED);
        // The DSL wants a source; events of runs come from the workflow, whatever it says.
        let source = self.optional(with.get("source"), |reader, place| reader.words(place, "https://example.com"));
        let kind = with.require(self, "type", "the event's kind", "{type: LeadQualified}");
        let kind = kind.and_then(|place| self.words(&place, "LeadQualified"));
        let data = self.optional(with.get("data"), Self::template);
        let subject = self.optional(with.get("subject"), |reader, place| reader.words(place, "${ .contact.id }"));
        source?;
        Some(TaskKind::Emit(Emit { kind: kind?, data: data?, subject: subject? }))
    }
}
