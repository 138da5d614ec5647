//! Cancels an appointment; it stays in the calendar as cancelled. It reaches a person: GoHighLevel may tell the contact.

use common::error::Result;
use common::tool::{Access, Call, Plan, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::appointment::AppointmentRow;
use crate::answer::{LocationAnswer, RecordRef, contact_link};
use crate::calendar::{AppointmentChange, AppointmentStatus};
use crate::deps::Deps;
use crate::journal::ChangeId;
use crate::references::appointment::{Agreed, Sought};
use crate::tools::toolset;

pub(crate) struct CancelAppointment;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id; or its contact: email, phone or name.
    appointment: String,
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
    /// False if it was cancelled already.
    changed: bool,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for CancelAppointment {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "cancel_appointment";
    const TITLE: &'static str = "Cancel appointment";
    const DESCRIPTION: &'static str =
        "Cancel an appointment, by id or by its contact; the slot becomes free and the contact may be notified.";
    const ACCESS: Access = Access::Send;
    const TOOLSET: &'static str = toolset::CALENDAR;
    const IS_IDEMPOTENT: bool = true;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let agreed = agreed(deps, call, args).await?;
        let (what, who) = (agreed.words(), agreed.who());
        if agreed.appointment.is_off() {
            return Ok(Plan::of_one(format!("leave {what} as it is: cancelled"), who));
        }
        let with = match &agreed.appointment.owner_id {
            Some(id) => format!(" with {}", agreed.owner(deps, id).await?),
            None => String::new(),
        };
        Ok(Plan::of_one(format!("cancel {what}{with}; GoHighLevel may notify them"), who))
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let agreed = agreed(deps, call, &args).await?;
        let change = AppointmentChange { status: Some(AppointmentStatus::Cancelled), ..AppointmentChange::default() };
        let changed = !agreed.appointment.is_off();
        let (appointment, change_id) = if changed {
            let (now, change_id) = agreed.change(deps, call, (Self::NAME, &change), false).await?;
            (agreed.row(deps, &now).await?, change_id)
        } else {
            (agreed.row(deps, &agreed.appointment).await?, None)
        };
        Ok(Output {
            location: LocationAnswer::of(&agreed.site),
            appointment,
            contact: agreed.contact(),
            changed,
            link: agreed.contact.as_ref().and_then(|contact| contact_link(&agreed.site, &contact.id)),
            change_id,
        })
    }
}

async fn agreed(deps: &Deps, call: &Call, args: &Args) -> Result<Agreed> {
    Agreed::of(deps, call, args.location.as_deref(), &args.appointment, Sought::Upcoming).await
}
