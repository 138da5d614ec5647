//! One task: what all tasks have, and which kind it is.

use super::place::{Fields, Place, Unsupported};
use super::{Reader, TASKS_MAX};
use crate::workflow::Pointer;
use crate::workflow::nearest::nearest;
use crate::workflow::task::{Flow, Task, TaskKind};

/// What says which kind a task is, with what else belongs to that kind.
const KINDS: [(&str, &[&str]); 12] = [
    ("call", &["with"]),
    ("do", &[]),
    ("emit", &[]),
    ("for", &["while", "do"]),
    ("fork", &[]),
    ("listen", &["foreach"]),
    ("raise", &[]),
    ("run", &[]),
    ("set", &[]),
    ("switch", &[]),
    ("try", &["catch"]),
    ("wait", &[]),
];
/// What every task may have.
const COMMON: [&str; 7] = ["if", "input", "output", "export", "timeout", "then", "metadata"];
/// What later drafts of the DSL let every task have.
const UNSUPPORTED: [Unsupported; 1] = [("catch", "`try` around the task, with `catch` beside it")];
const EXAMPLE: &str = "{call: mcp, with: {server: ghl, tool: get_contact}}";

impl Reader {
    /// A task by its name and what stands behind that.
    pub(super) fn task(&mut self, name: &str, place: &Place<'_>) -> Option<Task> {
        self.tasks += 1;
        if self.tasks == TASKS_MAX + 1 {
            let expected = format!("{TASKS_MAX} at most; `run: {{workflow: …}}` splits the definition");
            self.flaw(place, "there are too many tasks", expected);
        }
        let fields = place.fields(self, "a task", Some(EXAMPLE))?;
        let kind = self.kind(place, &fields);
        let when = self.optional(fields.get("if"), Self::jq);
        let input = self.optional(fields.get("input"), |reader, place| reader.reshaping(place, "from"));
        let output = self.optional(fields.get("output"), |reader, place| reader.reshaping(place, "as"));
        let export = self.optional(fields.get("export"), |reader, place| reader.reshaping(place, "as"));
        let timeout = self.optional(fields.get("timeout"), Self::timeout);
        let then = self.optional(fields.get("then"), Self::flow);
        let metadata = fields.get("metadata").and_then(|place| place.fields(self, "a map", None));
        let note = metadata.as_ref().and_then(|metadata| metadata.get("note"));
        let note = self.optional(note, |reader, place| reader.words(place, "${ \"wrote to \\(.name)\" }"));
        let compensate = metadata.as_ref().and_then(|metadata| metadata.get("compensate"));
        let compensate = self.optional(compensate, Self::block);
        Some(Task {
            name: name.to_owned(),
            pointer: Pointer(place.pointer.clone()),
            when: when?,
            input: input?.flatten(),
            output: output?.flatten(),
            export: export?.flatten(),
            timeout: timeout?,
            then: then?.unwrap_or_default(),
            note: note?,
            compensate: compensate?,
            kind: kind?,
        })
    }

    fn kind(&mut self, place: &Place<'_>, fields: &Fields<'_>) -> Option<TaskKind> {
        let mut kinds = KINDS.iter().filter(|(kind, _)| fields.has(kind));
        // A loop has its tasks under `do` too.
        let is_loop = fields.has("for");
        let mut kinds = kinds.by_ref().filter(|(kind, _)| !(is_loop && *kind == "do"));
        let Some((kind, others)) = kinds.next() else {
            self.no_kind(place, fields);
            return None;
        };
        if let Some((second, _)) = kinds.next() {
            let expected = "one of them; a second task stands behind its own `- name:`";
            self.flaw(place, format!("the task is both `{kind}` and `{second}`"), expected);
            return None;
        }
        let known: Vec<&str> = [*kind].into_iter().chain(others.iter().copied()).chain(COMMON).collect();
        fields.only(self, &known, &UNSUPPORTED);
        let form = fields.get(kind)?;
        match *kind {
            "call" => self.call(&form, fields),
            "do" => self.block(&form).map(TaskKind::Do),
            "emit" => self.emit(&form),
            "for" => self.for_task(&form, fields),
            "fork" => self.fork(&form),
            "listen" => self.listen(&form, fields),
            "raise" => self.raise(&form),
            "run" => self.run(&form),
            "set" => self.set(&form),
            "switch" => self.switch(&form),
            "try" => self.try_task(&form, fields),
            _ => self.span(&form).map(TaskKind::Wait),
        }
    }

    fn no_kind(&mut self, place: &Place<'_>, fields: &Fields<'_>) {
        let kinds = KINDS.map(|(kind, _)| kind);
        let strange =
            fields.each().find(|(name, _)| !COMMON.contains(name) && !matches!(*name, "with" | "catch" | "while"));
        let close = strange.and_then(|(name, _)| Some((name, *nearest(name, kinds.into_iter(), 1).first()?)));
        if let Some((name, close)) = close {
            let expected = format!("did you mean `{close}`?");
            return self.flaw_like(place, format!("there is no task `{name}`"), expected, Some(EXAMPLE));
        }
        let expected = format!("one of {}", kinds.map(|kind| format!("`{kind}`")).join(", "));
        self.flaw_like(place, "the task does not say what is done", expected, Some(EXAMPLE));
    }

    /// `input.from`, `output.as`, `export.as`: none where there is a flaw in it, none within where it is absent.
    #[expect(clippy::option_option, reason = "a flaw has been told of, and absence is none")]
    pub(super) fn reshaping(
        &mut self,
        place: &Place<'_>,
        name: &str,
    ) -> Option<Option<crate::workflow::expression::Template>> {
        let example = format!("{{{name}: .contact}}");
        let fields = place.fields(self, &format!("`{name}`"), Some(&example))?;
        let unsupported = [("schema", "`switch` and `raise`; only the workflow's own input is checked by a schema")];
        fields.only(self, &[name], &unsupported);
        self.optional(fields.get(name), Self::shape)
    }

    /// `then`
    pub(super) fn flow(&mut self, place: &Place<'_>) -> Option<Flow> {
        let flow = match place.text(self, "continue, exit, end, or the name of a task beside it", Some("continue"))? {
            "continue" => Flow::Continue,
            "exit" => Flow::Exit,
            "end" => Flow::End,
            name => Flow::Task(name.to_owned()),
        };
        Some(flow)
    }
}
