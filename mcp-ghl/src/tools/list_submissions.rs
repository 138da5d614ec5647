//! What people have answered in forms and surveys, with the questions.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool, Untrusted, one_line};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LINE_LENGTH_MAX, LocationAnswer, RecordRef, excerpt, line};
use crate::client::SubmissionQuery;
use crate::cursor::Question;
use crate::custom_field::{CustomField, FieldValue};
use crate::deps::Deps;
use crate::form::{Form, FormKind, Submission, label};
use crate::names::{Wanted, find};
use crate::references::days::{Days, Usual};
use crate::tools::toolset;

pub(crate) struct ListSubmissions;

/// How many days back is looked where no `from` is given.
const DAYS: i64 = 30;

/// Longest answer shown, in characters.
const ANSWER_LENGTH_MAX: usize = 1_000;

/// Most answers of one submission shown.
const ANSWERS_MAX: usize = 60;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Forms or surveys.
    #[serde(default)]
    kind: FormKind,
    /// Name or id of one form or survey; default all.
    form: Option<String>,
    /// Id, email, phone or name.
    #[schemars(length(min = 1, max = 100))]
    contact: Option<String>,
    /// First day; default 30 days before `to`.
    from: Option<String>,
    /// Last day; default today.
    to: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// First day looked at.
    from: String,
    /// Last day looked at.
    to: String,
    #[serde(flatten)]
    page: Page<SubmissionRow>,
    /// How many match in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

/// One person's answers.
#[derive(Debug, Serialize, JsonSchema)]
struct SubmissionRow {
    /// Opaque id.
    id: String,
    /// What was filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<RecordRef>,
    /// Who filled it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<RecordRef>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_at: Option<String>,
    /// Page that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<Untrusted>,
    /// In the order of the form.
    answers: Vec<AnswerRow>,
}

/// One question and what was answered.
#[derive(Debug, Serialize, JsonSchema)]
struct AnswerRow {
    /// What was asked.
    question: String,
    /// What the person wrote.
    answer: Untrusted,
}

impl Tool for ListSubmissions {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_submissions";
    const TITLE: &'static str = "List submissions";
    const DESCRIPTION: &'static str =
        "What people answered in forms or surveys, newest first, with questions and contact.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::AUTOMATION;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let given = (args.from.as_deref(), args.to.as_deref());
        let Days { from, to } = Days::of(deps, &site, given, Usual { ahead: 0, back: DAYS })?;
        let question =
            Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args, from.to_string(), to.to_string()))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let forms = deps.directory.forms(&site, args.kind).await?;
        let form =
            args.form.as_deref().map(|text| find(Wanted { noun: args.kind.noun(), text }, &forms)).transpose()?;
        let query = SubmissionQuery {
            kind: args.kind,
            form_id: form.map(|form| form.id.clone()),
            text: args.contact.as_deref().map(|text| text.trim().to_owned()),
            from: from.to_string(),
            to: to.to_string(),
        };
        let slice = deps.client.submissions(&site, &query, position.as_ref(), args.limit).await?;
        let fields = deps.directory.custom_fields(&site).await?;
        let items = slice.records.iter().map(|one| SubmissionRow::of(one, &forms, &fields)).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            from: from.to_string(),
            to: to.to_string(),
            page: Page { items, next_cursor },
            total: slice.total,
        })
    }
}

impl SubmissionRow {
    fn of(submission: &Submission, forms: &[Form], fields: &[CustomField]) -> Self {
        let name = submission.name.as_deref().or(submission.email.as_deref());
        let form = forms.iter().find(|form| submission.form_id.as_deref() == Some(form.id.as_str()));
        let answers = submission.answers.iter().filter_map(|(key, value)| {
            let answer = Untrusted::new(shown(value)?, "form answer");
            Some(AnswerRow { question: asked(key, fields), answer })
        });
        Self {
            id: line(&submission.id),
            form: form.map(|form| RecordRef::new(&form.id, &form.name)),
            contact: submission.contact_id.as_ref().map(|id| RecordRef::new(id, name.unwrap_or(id.as_str()))),
            submitted_at: submission.submitted_at.clone(),
            page: submission.page.as_deref().map(|page| Untrusted::new(one_line(page, 200), "page address")),
            answers: answers.take(ANSWERS_MAX).collect(),
        }
    }
}

/// A field's name; for other questions the words of their key.
fn asked(key: &str, fields: &[CustomField]) -> String {
    let field = fields.iter().find(|field| field.id.as_str() == key || field.key == key);
    one_line(&field.map_or_else(|| label(key), |field| field.name.clone()), LINE_LENGTH_MAX)
}

/// `None` for nothing, and for what is not text: files, signatures.
fn shown(value: &FieldValue) -> Option<String> {
    let text = match value {
        FieldValue::Text(text) => text.trim().to_owned(),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        FieldValue::List(items) => items.join(", "),
        FieldValue::Opaque => return None,
    };
    Some(excerpt(&text, ANSWER_LENGTH_MAX)).filter(|text| !text.is_empty())
}
