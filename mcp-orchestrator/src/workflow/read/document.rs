//! The definition as a whole.

use serde_json::Value;

use super::Reader;
use super::place::{Fields, Place};
use crate::workflow::Workflow;
use crate::workflow::source::Node;

const EXAMPLE: &str = "{dsl: '1.0.0', namespace: default, name: lead-intake, version: '0.1.0'}";
const TEXT_CHARS_MAX: usize = 500;

/// What `document` says.
struct Document {
    name: String,
    version: String,
    title: Option<String>,
    summary: Option<String>,
    zone: Option<String>,
    is_tool: bool,
}

pub(super) fn workflow(reader: &mut Reader, tree: &Node) -> Option<Workflow> {
    let root = Place::root(tree);
    let fields = root.fields(reader, "a map that begins with `document:`", None)?;
    let unsupported = [("evaluate", "nothing: expressions are jq in strict mode")];
    fields.only(reader, &["document", "input", "use", "do", "timeout", "output", "schedule"], &unsupported);
    let document = fields.require(reader, "document", "what the workflow is called", EXAMPLE);
    let document = document.and_then(|place| reader.document(&place));
    reader.read_reusable(&fields);
    let input = reader.optional(fields.get("input"), Reader::workflow_input);
    let output = reader.optional(fields.get("output"), |reader, place| reader.reshaping(place, "as"));
    let timeout = reader.optional(fields.get("timeout"), Reader::timeout);
    let zone = document.as_ref().and_then(|document| document.zone.as_deref());
    let triggers = reader.optional(fields.get("schedule"), |reader, place| reader.schedule(place, zone));
    let call_retry = root.under("document").and_then(|document| document.under("metadata")?.under("retry"));
    let call_retry = reader.optional(call_retry, Reader::call_retry);
    let tasks = fields.require(reader, "do", "the tasks", "do: [{greet: {set: {text: hello}}}]");
    let tasks = tasks.and_then(|place| reader.block(&place));
    let document = document?;
    let (input_schema, input) = input?.unwrap_or_default();
    Some(Workflow {
        title: document.title.unwrap_or_else(|| document.name.clone()),
        name: document.name,
        version: document.version,
        summary: document.summary,
        input_schema,
        input,
        output: output?.flatten(),
        triggers: triggers?.unwrap_or_default(),
        timeout: timeout?,
        call_retry: call_retry?.unwrap_or_default(),
        retries: reader.reusable.retries.clone(),
        tasks: tasks?,
        is_tool: document.is_tool,
    })
}

impl Reader {
    fn document(&mut self, place: &Place<'_>) -> Option<Document> {
        let fields = place.fields(self, "what the workflow is called", Some(EXAMPLE))?;
        let known = ["dsl", "namespace", "name", "version", "title", "summary", "tags", "metadata"];
        fields.only(self, &known, &[]);
        self.check_dsl(&fields);
        if let Some(namespace) = fields.require(self, "namespace", "whose workflows these are", EXAMPLE) {
            self.workflow_name(&namespace, "default");
        }
        let name = fields.require(self, "name", "the workflow's name", EXAMPLE);
        let name = name.and_then(|place| self.workflow_name(&place, "lead-intake"));
        let version = fields.require(self, "version", "the workflow's version", EXAMPLE);
        let version = version.and_then(|place| self.version(&place));
        let title = self.optional(fields.get("title"), Self::short);
        let summary = self.optional(fields.get("summary"), Self::short);
        if let Some(tags) = fields.get("tags") {
            tags.fields(self, "a map of tags", Some("{team: sales}"));
        }
        let metadata = self.optional(fields.get("metadata"), |reader, place| {
            let fields = place.fields(reader, "a map", None)?;
            let zone = reader.optional(fields.get("timezone"), Self::zone);
            let is_tool = reader.optional(fields.get("tool"), |reader, place| place.boolean(reader));
            Some((zone?, is_tool?.unwrap_or(false)))
        });
        let (zone, is_tool) = metadata?.unwrap_or_default();
        let (title, summary) = (title?, summary?);
        Some(Document { name: name?, version: version?, title, summary, zone, is_tool })
    }

    fn check_dsl(&mut self, fields: &Fields<'_>) {
        let Some(dsl) = fields.require(self, "dsl", "the version of the DSL", EXAMPLE) else { return };
        let Some(version) = dsl.text(self, "the version of the DSL, in quotes", Some("'1.0.0'")) else { return };
        if !(version == "1.0" || version.starts_with("1.0.")) {
            self.flaw_like(&dsl, format!("version `{version}` of the DSL is not supported"), "1.0", Some("'1.0.0'"));
        }
    }

    fn workflow_name(&mut self, place: &Place<'_>, example: &str) -> Option<String> {
        let expected = "lower-case letters, digits and dashes, 63 characters at most";
        let name = place.text(self, expected, Some(example))?;
        if !is_name(name) {
            self.flaw_like(place, format!("`{name}` is no name"), expected, Some(example));
            return None;
        }
        Some(name.to_owned())
    }

    fn version(&mut self, place: &Place<'_>) -> Option<String> {
        let expected = "a semantic version, in quotes";
        let version = place.text(self, expected, Some("'1.0.0'"))?;
        if !is_version(version) {
            self.flaw_like(place, format!("`{version}` is no semantic version"), expected, Some("'1.0.0'"));
            return None;
        }
        Some(version.to_owned())
    }

    fn short(&mut self, place: &Place<'_>) -> Option<String> {
        let text = place.text(self, "a text", None)?.trim();
        if text.chars().count() > TEXT_CHARS_MAX {
            self.flaw(place, "the text is too long", format!("{TEXT_CHARS_MAX} characters at most"));
            return None;
        }
        Some(text.to_owned())
    }

    fn zone(&mut self, place: &Place<'_>) -> Option<String> {
        let expected = "a time zone of the IANA database";
        let zone = place.text(self, expected, Some("Europe/Berlin"))?;
        if jiff::tz::TimeZone::get(zone).is_err() {
            self.flaw_like(place, format!("there is no time zone `{zone}`"), expected, Some("Europe/Berlin"));
            return None;
        }
        Some(zone.to_owned())
    }

    /// `input`: schema and `from`.
    fn workflow_input(
        &mut self,
        place: &Place<'_>,
    ) -> Option<(Option<Value>, Option<crate::workflow::expression::Template>)> {
        let fields = place.fields(self, "`schema` and `from`", Some("{schema: {document: {type: object}}}"))?;
        fields.only(self, &["schema", "from"], &[]);
        let schema = self.optional(fields.get("schema"), Self::schema);
        let from = self.optional(fields.get("from"), Self::shape);
        Some((schema?, from?))
    }

    fn schema(&mut self, place: &Place<'_>) -> Option<Value> {
        let example = "{format: json, document: {type: object, required: [contactId]}}";
        let fields = place.fields(self, "`document`", Some(example))?;
        let unsupported = [("resource", "`document`: the schema itself")];
        fields.only(self, &["format", "document"], &unsupported);
        if let Some(format) = fields.get("format") {
            let name = format.text(self, "json", Some("json"))?;
            if name.split(':').next() != Some("json") {
                self.unsupported(&format, &format!("the schema format `{name}`"), "json");
            }
        }
        if fields.has("resource") {
            return None;
        }
        let document = fields.require(self, "document", "a JSON Schema", example)?;
        document.fields(self, "a JSON Schema", Some("{type: object}"))?;
        Some(document.value())
    }
}

/// `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`: the DSL's rule for names, in lower case.
pub(super) fn is_name(text: &str) -> bool {
    let is_letter = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.starts_with(is_letter)
        && text.ends_with(is_letter)
        && text.chars().all(|character| is_letter(character) || character == '-')
}

/// `1.2.3`, with what semver.org lets follow.
fn is_version(text: &str) -> bool {
    let (core, rest) = text.find(['-', '+']).map_or((text, ""), |end| text.split_at(end));
    let is_number = |part: &str| {
        !part.is_empty()
            && part.len() <= 9
            && part.bytes().all(|digit| digit.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && rest.len() <= 60
        && rest.chars().all(|character| character.is_ascii_alphanumeric() || "-+.".contains(character))
        && !rest.ends_with(['-', '+', '.'])
}
