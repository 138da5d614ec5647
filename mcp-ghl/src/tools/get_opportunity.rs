//! One deal with its contact, and what else is kept about that contact: notes, tasks and appointments.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::appointment::{AppointmentRow, CalendarNames};
use crate::answer::contact::{ContactRow, NoteAnswer};
use crate::answer::opportunity::{OpportunityDetails, OpportunityRow};
use crate::answer::task::TaskAnswer;
use crate::answer::{LocationAnswer, contact_link, opportunity_link};
use crate::client::Site;
use crate::deps::Deps;
use crate::opportunity::{LostReason, Opportunity};
use crate::record_id::RecordId;
use crate::references;
use crate::tools::toolset;
use crate::user::User;

pub(crate) struct GetOpportunity;

/// Most notes, tasks and appointments shown, of each.
const SHOWN_MAX: usize = 5;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id or name.
    opportunity: String,
    /// What comes along, of the contact; default all.
    #[serde(default = "everything")]
    include: Vec<Include>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Include {
    Notes,
    Tasks,
    Appointments,
}

fn everything() -> Vec<Include> {
    vec![Include::Notes, Include::Tasks, Include::Appointments]
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The deal.
    opportunity: OpportunityDetails,
    /// The contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactRow>,
    /// The contact's, newest first, at most 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<NoteAnswer>>,
    /// The contact's, open ones first, at most 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<Vec<TaskAnswer>>,
    /// The contact's, latest first, at most 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    appointments: Option<Vec<AppointmentRow>>,
    /// Where a person sees the deal.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_link: Option<String>,
}

impl Tool for GetOpportunity {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_opportunity";
    const TITLE: &'static str = "Get opportunity";
    const DESCRIPTION: &'static str = "One deal in full: stage and since when, value, lost reason, custom fields, contact with latest notes, tasks and appointments, link.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::PIPELINE;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let opportunity = references::opportunity(deps, &site, &args.opportunity).await?;
        let contact_id = opportunity.contact_id.as_deref().and_then(|id| id.parse::<RecordId>().ok());
        let directory = &deps.directory;
        let (pipelines, users, fields) =
            tokio::try_join!(directory.pipelines(&site), directory.users(&site), directory.custom_fields(&site))?;
        let users = (*users).as_deref();
        let row = OpportunityRow::of(&opportunity, &pipelines, users);
        let reasons = reasons(deps, &site, &opportunity).await?;
        let mut output = Output {
            opportunity: OpportunityDetails::of(&opportunity, row, &reasons, &fields),
            location: LocationAnswer::of(&site),
            contact: None,
            notes: None,
            tasks: None,
            appointments: None,
            link: opportunity_link(&site, &opportunity.id),
            contact_link: None,
        };
        if let Some(contact_id) = &contact_id {
            output.contact_link = contact_link(&site, contact_id);
            about(deps, &site, contact_id, (&args.include, users), &mut output).await?;
        }
        Ok(output)
    }
}

/// The location's reasons, where one has to be named.
async fn reasons(deps: &Deps, site: &Site, opportunity: &Opportunity) -> Result<Vec<LostReason>> {
    match opportunity.lost_reason_id {
        Some(_) => Ok(deps.directory.lost_reasons(site).await?.to_vec()),
        None => Ok(Vec::new()),
    }
}

/// The contact and what comes along.
async fn about(
    deps: &Deps,
    site: &Site,
    contact_id: &RecordId,
    (include, users): (&[Include], Option<&[User]>),
    output: &mut Output,
) -> Result<()> {
    let (zone, client) = (site.zone(), &deps.client);
    let (contact, notes, tasks, appointments) = tokio::try_join!(
        client.contact(site, contact_id),
        wanted(include.contains(&Include::Notes), client.notes(site, contact_id)),
        wanted(include.contains(&Include::Tasks), client.tasks(site, contact_id)),
        wanted(include.contains(&Include::Appointments), client.appointments(site, contact_id)),
    )?;
    output.contact = Some(ContactRow::of(&contact, users));
    output.notes = notes.map(|notes| notes.iter().take(SHOWN_MAX).map(|note| NoteAnswer::of(note, users)).collect());
    output.tasks = tasks.map(|mut tasks| {
        // Stable: among open ones, and among the others, the vendor's order stays.
        tasks.sort_by_key(|task| task.is_completed);
        tasks.iter().take(SHOWN_MAX).map(|task| TaskAnswer::of(task, zone.as_ref(), users)).collect()
    });
    if let Some(mut appointments) = appointments {
        appointments.sort_by_key(|appointment| std::cmp::Reverse(appointment.starts_at));
        let calendars = deps.directory.calendars(site).await?;
        let names = CalendarNames { zone: zone.as_ref(), calendars: &calendars, users };
        let row = |appointment: &_| AppointmentRow { contact_id: None, ..AppointmentRow::of(appointment, names) };
        output.appointments = Some(appointments.iter().take(SHOWN_MAX).map(row).collect());
    }
    Ok(())
}

/// What is asked for only if it is wanted.
async fn wanted<T>(is_wanted: bool, asked: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    if is_wanted { asked.await.map(Some) } else { Ok(None) }
}
