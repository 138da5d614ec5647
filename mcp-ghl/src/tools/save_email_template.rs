//! Makes an email template, or changes the one of this name; says which.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::{Access, Call, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::email::TemplateAnswer;
use crate::answer::{LocationAnswer, line};
use crate::client::{Site, reversals};
use crate::contact::Email;
use crate::deps::Deps;
use crate::email_template::{Editor, EmailBody, EmailTemplate, TemplateWrite};
use crate::journal::{Change, ChangeId, Undo};
use crate::read_back::is_since;
use crate::tools::toolset;

pub(crate) struct SaveEmailTemplate;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id; a new name makes one.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// What it says; this or `text`, for a new one.
    #[schemars(length(max = 500_000))]
    html: Option<String>,
    /// Plain text, in place of `html`.
    #[schemars(length(max = 500_000))]
    text: Option<String>,
    /// Subject line.
    #[schemars(length(max = 998))]
    subject: Option<String>,
    /// Shown after the subject.
    preview_text: Option<String>,
    /// Sender's name.
    from_name: Option<String>,
    /// Sender's address.
    from_email: Option<String>,
    /// New name.
    #[schemars(length(min = 1, max = 200))]
    rename_to: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    template: TemplateAnswer,
    /// False if it was there already.
    created: bool,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SaveEmailTemplate {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_email_template";
    const TITLE: &'static str = "Save email template";
    const DESCRIPTION: &'static str =
        "Create an email template from HTML or text, or change the one of this name; says which.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let mut write = parse(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let Some(template) = deps.directory.email_template_exactly(&site, args.name.trim()).await? else {
            if args.rename_to.is_some() {
                return Err(unknown());
            }
            if write.body.is_none() {
                return Err(no_body());
            }
            write.name = Some(args.name.trim().to_owned());
            let made = deps.client.create_email_template(&site, &write).await?;
            let undo = reversals::template_creation(&site.location.id, &made);
            let change_id = note(deps, call, &site, ("made", &made), Ok(vec![undo])).await;
            return Ok(Output { change_id, ..output(&site, &made, true) });
        };
        if template.editor == Some(Editor::Builder) && write.body.is_some() {
            return Err(Error::new(
                ErrorCode::FailedPrecondition,
                "this template was made in the drag-and-drop builder",
            )
            .with_hint("change what it says in GoHighLevel, or save under another `name`"));
        }
        if write == TemplateWrite::default() {
            return Err(nothing());
        }
        // A list shows less of it than has to be put back.
        let before = deps.client.email_template(&site, &template.id).await?;
        let changed = deps.client.update_email_template(&site, &template.id, &write).await?;
        let undo = match (&write.body, reversals::template_update(&site.location.id, &before, &write)) {
            (Some(_), _) => Err(reversals::FORMER_BODY),
            (None, Some(undo)) => Ok(vec![undo]),
            (None, None) => return Ok(output(&site, &changed, false)),
        };
        let change_id = note(deps, call, &site, ("changed", &changed), undo).await;
        Ok(Output { change_id, ..output(&site, &changed, false) })
    }

    /// A template of this name that was changed since then was written by the call.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let name = args.rename_to.as_deref().unwrap_or(&args.name);
        let found = deps.directory.email_template_exactly(&site, name.trim()).await?;
        let is_new = |one: &EmailTemplate| is_since(one.updated_at.as_deref(), since_ms);
        Ok(found.filter(is_new).map_or(ReadBack::NotDone, |one| ReadBack::Done(output(&site, &one, true))))
    }
}

async fn note(
    deps: &Deps,
    call: &Call,
    site: &Site,
    (done, template): (&str, &EmailTemplate),
    undo: Undo,
) -> Option<ChangeId> {
    let summary = format!("{done} the email template {}", line(&template.name));
    let change = Change::of(SaveEmailTemplate::NAME, summary, ("email template", template.id.to_string()), undo);
    deps.journal.note(call, site, change).await
}

/// Reads what needs no look-up.
fn parse(args: &Args) -> Result<TemplateWrite> {
    if args.name.trim().is_empty() || args.rename_to.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Error::invalid_argument("name", "is blank", "a name", Some("\"Spring offer\"")));
    }
    if let Some(address) = &args.from_email
        && address.parse::<Email>().is_err()
    {
        let example = Some("\"hello@example.com\"");
        return Err(Error::invalid_argument("from_email", "is no email address", "an address", example));
    }
    let trimmed = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_owned());
    Ok(TemplateWrite {
        name: trimmed(&args.rename_to),
        body: EmailBody::parse(args.html.as_deref(), args.text.as_deref())?,
        subject: trimmed(&args.subject),
        preview_text: trimmed(&args.preview_text),
        from_name: trimmed(&args.from_name),
        from_email: trimmed(&args.from_email),
    })
}

fn output(site: &Site, template: &EmailTemplate, created: bool) -> Output {
    Output { location: LocationAnswer::of(site), template: TemplateAnswer::of(template), created, change_id: None }
}

fn unknown() -> Error {
    Error::new(ErrorCode::NotFound, "no email template of exactly this name")
        .with_hint("call `list_email_templates`, or leave `rename_to` out to make a new one")
}

fn no_body() -> Error {
    let expected = "what it says: no template of this name is there, and a new one needs it";
    Error::invalid_argument(
        "html",
        "is missing, and so is `text`",
        expected,
        Some("\"<p>Hello {{contact.first_name}}</p>\""),
    )
}

fn nothing() -> Error {
    let fault = |field: &str| Fault {
        field: format!("/{field}"),
        problem: "is missing, and so is every other change".to_owned(),
        expected: "what is to change".to_owned(),
        example: None,
    };
    Error::invalid_arguments(["html", "text", "subject"].into_iter().map(fault).collect())
}
