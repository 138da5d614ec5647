//! Takes a contact out of a workflow, a campaign, or all campaigns.

use common::error::{Error, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, contact_link, contact_uri, line};
use crate::automation::AutomationKind;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::references;
use crate::tools::toolset;

pub(crate) struct UnenrollContact;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// Workflow name or id.
    workflow: Option<String>,
    /// Campaign name or id.
    campaign: Option<String>,
    /// Out of every campaign, in place of the other two.
    #[serde(default)]
    all_campaigns: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// Who.
    contact: RecordRef,
    /// What they were taken out of; absent for all campaigns. GoHighLevel does not say whether they were in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    automation: Option<RecordRef>,
    /// What it is.
    kind: AutomationKind,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for UnenrollContact {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "unenroll_contact";
    const TITLE: &'static str = "Unenroll contact";
    const DESCRIPTION: &'static str =
        "Take a contact out of a workflow, a campaign or all campaigns, so that it stops messaging them.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::AUTOMATION;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let (kind, name) = match (&args.workflow, &args.campaign, args.all_campaigns) {
            (Some(text), None, false) => (AutomationKind::Workflow, Some(text)),
            (None, Some(text), false) => (AutomationKind::Campaign, Some(text)),
            (None, None, true) => (AutomationKind::Campaign, None),
            _ => {
                let problem = "is to stand alone: one of it, `campaign` and `all_campaigns`";
                return Err(Error::invalid_argument("workflow", problem, "exactly one of the three", None));
            }
        };
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        let automation = match name {
            Some(text) => Some(deps.directory.automation(&site, kind, text).await?),
            None => None,
        };
        match &automation {
            Some(automation) => deps.client.unenrol(&site, &contact.id, automation).await?,
            None => deps.client.unenrol_from_campaigns(&site, &contact.id).await?,
        }
        deps.changes.announce(call.tenant(), contact_uri(&site, &contact.id));
        let what = automation.as_ref().map_or_else(|| "all campaigns".to_owned(), |it| format!("“{}”", line(&it.name)));
        let change = Change {
            tool: Self::NAME,
            summary: format!("took {} out of {what}", line(contact.label())),
            record: ("contact".into(), contact.id.to_string()),
            contact: Some(contact.id.clone()),
            // Whoever is put in again begins anew, and is sent everything once more.
            undo: Vec::new(),
        };
        let change_id = deps.journal.note(call, &site, change).await;
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: reference(&contact),
            automation: automation.map(|automation| RecordRef::new(&automation.id, &automation.name)),
            kind,
            link: contact_link(&site, &contact.id),
            change_id,
        })
    }
}
