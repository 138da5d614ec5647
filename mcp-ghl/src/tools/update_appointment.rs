//! Moves an appointment, hands it over, or notes what became of it. It reaches a person: GoHighLevel may tell the contact.

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Plan, Tool};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::appointment::AppointmentRow;
use crate::answer::{LocationAnswer, RecordRef, contact_link};
use crate::calendar::{AppointmentChange, AppointmentStatus};
use crate::deps::Deps;
use crate::journal::ChangeId;
use crate::local_time::{Moment, spoken};
use crate::references;
use crate::references::appointment::{Agreed, Sought};
use crate::tools::toolset;

pub(crate) struct UpdateAppointment;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id; or its contact: email, phone or name.
    appointment: String,
    /// Local time or RFC 3339.
    start: Option<String>,
    /// What became of it.
    status: Option<AppointmentStatus>,
    /// User name, email or id.
    owner: Option<String>,
    /// Even if not free.
    #[serde(default)]
    ignore_availability: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    appointment: AppointmentRow,
    /// The contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<RecordRef>,
    /// Which arguments changed it.
    changed: Vec<&'static str>,
    /// As it was, if it was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<AppointmentRow>,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for UpdateAppointment {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "update_appointment";
    const TITLE: &'static str = "Update appointment";
    const DESCRIPTION: &'static str =
        "Reschedule or reassign an appointment, or mark it confirmed, showed or no-show; the contact may be notified.";
    const ACCESS: Access = Access::Send;
    const TOOLSET: &'static str = toolset::CALENDAR;
    const IS_IDEMPOTENT: bool = true;

    /// A slot that is not free fails here already: nobody is asked about what cannot be done.
    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let (agreed, change) = prepare(deps, call, args).await?;
        let mut acts = Vec::new();
        if let Some(start) = change.start {
            acts.push(format!("move it to {}", spoken(start, &agreed.zone)));
        }
        if let Some(id) = &change.owner_id {
            acts.push(format!("hand it over to {}", agreed.owner(deps, id.as_str()).await?));
        }
        acts.extend(change.status.map(|status| format!("mark it as {}", status.as_str())));
        let (what, who) = (agreed.words(), agreed.who());
        if acts.is_empty() {
            return Ok(Plan::of_one(format!("leave {what} as it is"), who));
        }
        let forced = if args.ignore_availability { ", free or not" } else { "" };
        let acts = acts.join(", ");
        let summary = format!("change {what}: {acts}{forced}; GoHighLevel may notify them");
        Ok(Plan { is_reversible: true, ..Plan::of_one(summary, who) })
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let (agreed, change) = prepare(deps, call, &args).await?;
        let changed = change.fields();
        let row = agreed.row(deps, &agreed.appointment).await?;
        let (appointment, before, change_id) = if changed.is_empty() {
            (row, None, None)
        } else {
            let change = (Self::NAME, &change);
            let (now, change_id) = agreed.change(deps, call, change, args.ignore_availability).await?;
            (agreed.row(deps, &now).await?, Some(row), change_id)
        };
        Ok(Output {
            location: LocationAnswer::of(&agreed.site),
            appointment,
            contact: agreed.contact(),
            changed,
            before,
            link: agreed.contact.as_ref().and_then(|contact| contact_link(&agreed.site, &contact.id)),
            change_id,
        })
    }
}

/// The appointment and what is to change of it, which can be done.
async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<(Agreed, AppointmentChange)> {
    if args.start.is_none() && args.status.is_none() && args.owner.is_none() {
        return Err(nothing());
    }
    let sought = match args.status {
        Some(status) if status.is_of_past() && args.start.is_none() => Sought::Past,
        Some(_) | None => Sought::Upcoming,
    };
    let agreed = Agreed::of(deps, call, args.location.as_deref(), &args.appointment, sought).await?;
    let change = AppointmentChange {
        start: start(args, &agreed)?,
        status: args.status,
        owner_id: match &args.owner {
            Some(text) => Some(deps.directory.owner(&agreed.site, text).await?),
            None => None,
        },
    };
    let change = change.against(&agreed.appointment);
    if !args.ignore_availability {
        agreed.require_free(deps, &change).await?;
    }
    Ok((agreed, change))
}

fn start(args: &Args, agreed: &Agreed) -> Result<Option<Timestamp>> {
    let Some(text) = &args.start else { return Ok(None) };
    match references::moment("start", text, agreed.site.zone().as_ref()) {
        Ok(Moment::Instant(start)) => Ok(Some(start)),
        Ok(Moment::Day(_)) => {
            let example = Some("\"2026-11-24T15:00:00-05:00\"");
            Err(Error::invalid_argument("start", "is a whole day", "a date with its time", example))
        }
        Err(fault) => Err(Error::invalid_arguments(vec![fault])),
    }
}

fn nothing() -> Error {
    let missing = |field: &str, expected: &str, example: &str| Fault {
        field: format!("/{field}"),
        problem: "is missing, and so are the other two".to_owned(),
        expected: expected.to_owned(),
        example: Some(example.to_owned()),
    };
    Error::invalid_arguments(vec![
        missing("start", "another time", "\"2026-11-24T15:00\""),
        missing("status", "what became of it", "\"noshow\""),
        missing("owner", "another user", "\"Tom Okafor\""),
    ])
}
