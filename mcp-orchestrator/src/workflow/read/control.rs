//! What holds other tasks or chooses among them: `switch`, `for`, `fork`, `run`; and `set`.

use super::Reader;
use super::document::is_name;
use super::place::{Fields, Place, Unsupported};
use crate::workflow::task::{Case, For, Fork, RunWorkflow, TaskKind};

const SWITCH_EXAMPLE: &str = "[{isHot: {when: .score > 80, then: callNow}}, {otherwise: {then: continue}}]";
const FOR_EXAMPLE: &str = "{each: contact, in: .contacts}";
const RUN_EXAMPLE: &str = "{workflow: {namespace: default, name: lead-intake, version: latest}}";
/// What `run` of the DSL runs and we do not.
const RUN_UNSUPPORTED: [Unsupported; 4] = [
    ("container", "a tool of a server (`call: mcp`)"),
    ("script", "jq in `set`, or a tool of a server (`call: mcp`)"),
    ("shell", "a tool of a server (`call: mcp`)"),
    ("return", "nothing: the step's output is the workflow's"),
];

impl Reader {
    pub(super) fn set(&mut self, place: &Place<'_>) -> Option<TaskKind> {
        self.map_template(place, "what the data becomes", "{stage: new, score: '${ .score + 10 }'}").map(TaskKind::Set)
    }

    pub(super) fn switch(&mut self, place: &Place<'_>) -> Option<TaskKind> {
        let items = place.items(self, "a list of named cases", Some(SWITCH_EXAMPLE))?;
        if items.is_empty() {
            self.flaw_like(place, "there is no case", "at least one", Some(SWITCH_EXAMPLE));
        }
        let mut cases: Vec<Case> = Vec::new();
        for item in &items {
            let Some(case) = self.case(item) else { continue };
            if cases.iter().any(|known| known.name == case.name) {
                self.flaw(item, format!("there are two cases `{}`", case.name), "a name of its own for each");
            }
            if case.when.is_none() && cases.iter().any(|known| known.when.is_none()) {
                self.flaw(item, "there is a default already", "`when`, or one default only");
            }
            cases.push(case);
        }
        (cases.len() == items.len()).then_some(TaskKind::Switch(cases))
    }

    fn case(&mut self, item: &Place<'_>) -> Option<Case> {
        let (name, form) = item.named(self, "isHot: {when: .score > 80, then: callNow}")?;
        let fields = form.fields(self, "`when` and `then`", Some("{when: .score > 80, then: callNow}"))?;
        fields.only(self, &["when", "then"], &[]);
        let when = self.optional(fields.get("when"), Self::jq);
        let then = fields.require(self, "then", "where it goes on", "{when: .score > 80, then: callNow}");
        let then = then.and_then(|then| self.flow(&then));
        Some(Case { name: name.to_owned(), when: when?, then: then? })
    }

    pub(super) fn for_task(&mut self, place: &Place<'_>, task: &Fields<'_>) -> Option<TaskKind> {
        let fields = place.fields(self, "`in`, `each`, `at`", Some(FOR_EXAMPLE))?;
        fields.only(self, &["each", "in", "at"], &[]);
        let each = self.variable(fields.get("each"), "item");
        let at = self.variable(fields.get("at"), "index");
        let items = fields.require(self, "in", "jq that gives a list", FOR_EXAMPLE).and_then(|place| self.jq(&place));
        let tasks = task.require(self, "do", "what is done for each", "do: [{greet: {set: {}}}]");
        let (each, at) = (each?, at?);
        if each == at {
            self.flaw(place, format!("item and index are both `{each}`"), "two names");
        }
        let (going_on, tasks) = self.knowing(&[each, at], |reader| {
            let going_on = reader.optional(task.get("while"), Self::jq);
            (going_on, tasks.and_then(|tasks| reader.block(&tasks)))
        });
        let (going_on, tasks) = (going_on?, tasks?);
        Some(TaskKind::For(For { each: each.to_owned(), at: at.to_owned(), items: items?, going_on, tasks }))
    }

    pub(super) fn fork(&mut self, place: &Place<'_>) -> Option<TaskKind> {
        let example = "{compete: true, branches: [{booked: {listen: …}}, {tooLate: {wait: {days: 3}}}]}";
        let fields = place.fields(self, "`branches` and `compete`", Some(example))?;
        fields.only(self, &["branches", "compete"], &[]);
        let competes = self.optional(fields.get("compete"), |reader, place| place.boolean(reader));
        let branches = fields.require(self, "branches", "a list of named tasks", example);
        let branches = branches.and_then(|place| self.branches(&place));
        Some(TaskKind::Fork(Fork { branches: branches?, competes: competes?.unwrap_or(false) }))
    }

    pub(super) fn run(&mut self, place: &Place<'_>) -> Option<TaskKind> {
        let fields = place.fields(self, "`workflow`", Some(RUN_EXAMPLE))?;
        fields.only(self, &["workflow", "await"], &RUN_UNSUPPORTED);
        let awaits = self.optional(fields.get("await"), |reader, place| place.boolean(reader));
        if RUN_UNSUPPORTED.iter().any(|(name, _)| *name != "return" && fields.has(name)) {
            return None;
        }
        let workflow = fields.require(self, "workflow", "the workflow to run", RUN_EXAMPLE)?;
        let workflow = workflow.fields(self, "`name` and `input`", Some("{name: lead-intake}"))?;
        workflow.only(self, &["namespace", "name", "version", "input"], &[]);
        if let Some(namespace) = workflow.get("namespace") {
            namespace.text(self, "the namespace", Some("default"))?;
        }
        let name = workflow.require(self, "name", "the workflow's name", "{name: lead-intake}");
        let name = name.and_then(|place| {
            let name = place.text(self, "the workflow's name", Some("lead-intake"))?;
            if !is_name(name) {
                let expected = "lower-case letters, digits and dashes: a fixed name";
                self.flaw_like(&place, format!("`{name}` is no name of a workflow"), expected, Some("lead-intake"));
                return None;
            }
            Some(name.to_owned())
        });
        let version = self.optional(workflow.get("version"), |reader, place| {
            place.text(reader, "a version in quotes, or latest", Some("'1.0.0'"))
        });
        let input = self.optional(workflow.get("input"), |reader, place| {
            reader.map_template(place, "the workflow's input", "{contactId: '${ .id }'}")
        });
        let version = version?.filter(|version| *version != "latest").map(str::to_owned);
        Some(TaskKind::Run(RunWorkflow { name: name?, version, input: input?, awaits: awaits?.unwrap_or(true) }))
    }
}
