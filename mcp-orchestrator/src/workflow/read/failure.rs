//! `try`, `catch` and `raise`.

use serde_json::Value;

use super::Reader;
use super::place::{Fields, Place};
use crate::workflow::source::Content;
use crate::workflow::task::{Catch, Raise, TaskKind, Try};

const CATCH_EXAMPLE: &str = "{retry: 'every 30 min, 3 times'}";
const ERROR_EXAMPLE: &str = "{type: https://example.com/errors/no-phone, status: 422, title: no phone number}";

impl Reader {
    pub(super) fn try_task(&mut self, tried: &Place<'_>, task: &Fields<'_>) -> Option<TaskKind> {
        let tasks = self.block(tried);
        let catch = task.require(self, "catch", "what is done about failures", CATCH_EXAMPLE);
        let catch = catch.and_then(|catch| self.catch(&catch));
        Some(TaskKind::Try(Try { tasks: tasks?, catch: catch? }))
    }

    fn catch(&mut self, place: &Place<'_>) -> Option<Catch> {
        let fields = place.fields(self, "what is done about failures", Some(CATCH_EXAMPLE))?;
        fields.only(self, &["errors", "as", "when", "exceptWhen", "retry", "do"], &[]);
        if !["errors", "when", "exceptWhen", "retry", "do"].iter().any(|name| fields.has(name)) {
            let expected = "`retry`, `do`, or `errors` that may be ignored; every failure would vanish otherwise";
            self.flaw_like(place, "the catch has no effect", expected, Some(CATCH_EXAMPLE));
        }
        let with = self.optional(fields.get("errors"), Self::error_filter);
        let bound_as = self.variable(fields.get("as"), "error")?;
        let (when, except_when, retry, tasks) = self.knowing(&[bound_as], |reader| {
            (
                reader.optional(fields.get("when"), Self::jq),
                reader.optional(fields.get("exceptWhen"), Self::jq),
                reader.optional(fields.get("retry"), Self::retry),
                reader.optional(fields.get("do"), Self::block),
            )
        });
        Some(Catch {
            with: with?.unwrap_or_default(),
            bound_as: bound_as.to_owned(),
            when: when?,
            except_when: except_when?,
            retry: retry?,
            tasks: tasks?,
        })
    }

    /// `errors.with`
    fn error_filter(&mut self, place: &Place<'_>) -> Option<Vec<(String, Value)>> {
        let example = "{with: {status: 429}}";
        let fields = place.fields(self, "`with` and what the error must have", Some(example))?;
        fields.only(self, &["with"], &[]);
        let with = fields.require(self, "with", "what the error must have", example)?;
        let with_fields = with.fields(self, "what the error must have", Some("{status: 429}"))?;
        with_fields.only(self, &["type", "status", "instance", "title", "detail", "details"], &[]);
        if with_fields.is_empty() {
            self.flaw_like(&with, "the filter is empty", "at least one property", Some("{status: 429}"));
        }
        let mut filter = Vec::new();
        for (name, value) in with_fields.each() {
            match (name, &value.node.content) {
                ("status", _) => {
                    value.count(self)?;
                }
                (_, Content::Text(text)) if !text.contains("${") => {}
                _ => {
                    let expected = "a fixed text; `when` takes expressions";
                    self.flaw(&value, format!("{} stands here", value.node.kind()), expected);
                    return None;
                }
            }
            // The schema of the DSL says `details` here and `detail` everywhere else.
            let name = if name == "details" { "detail" } else { name };
            filter.push((name.to_owned(), value.value()));
        }
        Some(filter)
    }

    pub(super) fn raise(&mut self, place: &Place<'_>) -> Option<TaskKind> {
        let example = "{error: {type: https://example.com/errors/no-phone, status: 422}}";
        let fields = place.fields(self, "`error`", Some(example))?;
        fields.only(self, &["error"], &[]);
        let error = fields.require(self, "error", "the error, or the name of one of `use.errors`", example)?;
        self.error_or_name(&error).map(TaskKind::Raise)
    }

    pub(super) fn error(&mut self, place: &Place<'_>) -> Option<Raise> {
        let fields = place.fields(self, "an error (RFC 7807)", Some(ERROR_EXAMPLE))?;
        let unsupported = [("instance", "nothing: the place in the definition stands there by itself")];
        fields.only(self, &["type", "status", "title", "detail"], &unsupported);
        let kind = fields.require(self, "type", "a URI that says which error it is", ERROR_EXAMPLE);
        let kind = kind.and_then(|place| self.words(&place, "https://example.com/errors/no-phone"));
        let status = fields.require(self, "status", "a status as in HTTP", ERROR_EXAMPLE);
        let status = status.and_then(|place| self.status(&place));
        let title = self.optional(fields.get("title"), |reader, place| reader.words(place, "no phone number"));
        let detail = self.optional(fields.get("detail"), |reader, place| reader.words(place, "${ .contact.name }"));
        Some(Raise { kind: kind?, status: status?, title: title?, detail: detail? })
    }

    fn status(&mut self, place: &Place<'_>) -> Option<crate::workflow::expression::Template> {
        let is_status = match &place.node.content {
            Content::Number(number) => number.as_u64().is_some_and(|status| (100..=599).contains(&status)),
            Content::Text(text) => text.trim_start().starts_with("${"),
            _ => false,
        };
        if !is_status {
            self.flaw_like(place, "this is no status", "a number from 100 to 599, or an expression", Some("422"));
            return None;
        }
        self.template(place)
    }
}
