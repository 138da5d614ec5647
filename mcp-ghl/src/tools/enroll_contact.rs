//! Puts a contact into a workflow or campaign, at once or later.

use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Plan, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::{ConsentAnswer, reference};
use crate::answer::{LocationAnswer, RecordRef, contact_link, contact_uri, line};
use crate::automation::{Automation, AutomationKind};
use crate::client::{Site, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::references;
use crate::send_time::SendTime;
use crate::tools::toolset;

pub(crate) struct EnrollContact;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// Workflow name or id; this or `campaign`.
    workflow: Option<String>,
    /// Campaign name or id.
    campaign: Option<String>,
    /// Workflows only: local time or RFC 3339.
    start_at: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// Who.
    contact: RecordRef,
    /// What they were put into.
    automation: RecordRef,
    /// What it is.
    kind: AutomationKind,
    /// When it begins, RFC 3339; absent if at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<String>,
    /// Messages on blocked channels do not go out.
    consent: ConsentAnswer,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for EnrollContact {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "enroll_contact";
    const TITLE: &'static str = "Enroll contact";
    const DESCRIPTION: &'static str = "Add a contact to a published workflow or campaign, which may message them. Says what they refuse (do not disturb).";
    const ACCESS: Access = Access::Send;
    const TOOLSET: &'static str = toolset::AUTOMATION;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let enrolment = Enrolment::prepare(deps, call, args).await?;
        Ok(Plan::of_one(enrolment.sentence(), line(enrolment.contact.label())))
    }

    // No read-back: the vendor shows nobody's enrolments.
    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let enrolment = Enrolment::prepare(deps, call, &args).await?;
        let Enrolment { site, contact, automation, starts_at } = &enrolment;
        deps.client.enrol(site, &contact.id, automation, starts_at.as_ref().map(SendTime::as_str)).await?;
        deps.changes.announce(call.tenant(), contact_uri(site, &contact.id));
        let change = Change {
            tool: Self::NAME,
            summary: format!("put {} into “{}”", line(contact.label()), line(&automation.name)),
            record: ("contact".into(), contact.id.to_string()),
            contact: Some(contact.id.clone()),
            undo: vec![reversals::enrolment(&contact.id, automation)],
        };
        let change_id = deps.journal.note(call, site, change).await;
        Ok(Output {
            location: LocationAnswer::of(site),
            contact: reference(contact),
            automation: RecordRef::new(&automation.id, &automation.name),
            kind: automation.kind,
            starts_at: starts_at.as_ref().map(|time| time.as_str().to_owned()),
            consent: ConsentAnswer::of(contact.consent.as_ref()),
            link: contact_link(site, &contact.id),
            change_id,
        })
    }
}

/// What the arguments mean.
struct Enrolment {
    site: Site,
    contact: Contact,
    automation: Automation,
    starts_at: Option<SendTime>,
}

impl Enrolment {
    async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let (kind, text) = match (&args.workflow, &args.campaign) {
            (Some(text), None) => (AutomationKind::Workflow, text),
            (None, Some(text)) => (AutomationKind::Campaign, text),
            (None, None) => return Err(wrong("workflow", "is missing, and so is `campaign`", "the name of one")),
            (Some(_), Some(_)) => {
                return Err(wrong("campaign", "was given together with `workflow`", "one of the two"));
            }
        };
        if kind == AutomationKind::Campaign && args.start_at.is_some() {
            return Err(wrong("start_at", "is for workflows only", "nothing: a campaign begins at once"));
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let zone = site.location.timezone.as_deref();
        let read = |text| SendTime::parse_argument("start_at", text, None, zone, deps.clock.now_ms());
        let starts_at = args.start_at.as_deref().map(read).transpose()?;
        let automation = deps.directory.automation(&site, kind, text).await?;
        if automation.is_draft() {
            let noun = kind.noun();
            return Err(Error::new(ErrorCode::FailedPrecondition, format!("this {noun} is a draft: it does nothing"))
                .with_hint(format!("publish the {noun} in GoHighLevel first, or call `list_automations` for others")));
        }
        let contact = references::contact(deps, &site, &args.contact).await?;
        Ok(Self { site, contact, automation, starts_at })
    }

    /// `enroll Anna Weber in the workflow “Recall” at once; they refuse all messages (do not disturb)`
    fn sentence(&self) -> String {
        let when = self.starts_at.as_ref().map_or_else(|| "at once".to_owned(), |time| format!("at {}", time.as_str()));
        let refused = match &self.contact.consent {
            None => "; what messages they refuse is not known",
            Some(consent) if consent.is_do_not_disturb => "; they refuse all messages (do not disturb)",
            Some(consent) if consent.blocked.is_empty() => "",
            Some(_) => "; they refuse messages on some channels",
        };
        let (name, kind) = (line(self.contact.label()), self.automation.kind.noun());
        format!("enroll {name} in the {kind} “{}” {when}{refused}", line(&self.automation.name))
    }
}

fn wrong(field: &str, problem: &str, expected: &str) -> Error {
    Error::invalid_argument(field, problem, expected, None)
}
