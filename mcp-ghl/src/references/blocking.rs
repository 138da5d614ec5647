//! Whose time is blocked: a calendar's or a person's, never both.

use std::sync::Arc;

use common::error::{Error, Fault, Result};
use common::tool::Call;
use jiff::tz::TimeZone;

use crate::answer::appointment::CalendarNames;
use crate::answer::owner;
use crate::calendar::{BlockedTime, Calendar, Whose};
use crate::client::{Site, Span};
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::local_time::spoken;
use crate::references;
use crate::reversal::Reversal;

/// What the arguments `calendar` and `owner` mean.
pub(crate) struct Blocking {
    pub(crate) site: Site,
    pub(crate) calendars: Arc<Vec<Calendar>>,
    pub(crate) whose: Whose,
}

impl Blocking {
    /// # Errors
    /// `invalid_argument` unless exactly one of them is given; those of looking up names.
    pub(crate) async fn of(
        deps: &Deps,
        call: &Call,
        location: Option<&str>,
        (calendar, owner): (Option<&str>, Option<&str>),
    ) -> Result<Self> {
        if calendar.is_some() == owner.is_some() {
            let problem = if calendar.is_some() { "is given besides `owner`" } else { "is missing, and so is `owner`" };
            return Err(Error::invalid_arguments(vec![Fault {
                field: "/calendar".to_owned(),
                problem: problem.to_owned(),
                expected: "either a calendar or an owner".to_owned(),
                example: None,
            }]));
        }
        let site = deps.directory.site(call, location).await?;
        let calendars = deps.directory.calendars(&site).await?;
        let whose = match owner {
            Some(text) => Whose::Owner(deps.directory.owner(&site, text).await?),
            None => Whose::Calendar(references::calendar(&calendars, calendar)?.id.clone()),
        };
        Ok(Self { site, calendars, whose })
    }

    /// What of it is blocked already, of the times that begin in a span, by start. Asking for a person may show more than
    /// is their own, and so may asking for a calendar: only what is exactly theirs counts.
    pub(crate) async fn found(&self, deps: &Deps, span: Span) -> Result<Vec<BlockedTime>> {
        let mut found = deps.client.blocked_times(&self.site, &self.whose, span).await?;
        found.retain(|blocked| match &self.whose {
            Whose::Calendar(id) => blocked.calendar_id.as_deref() == Some(id.as_str()) && blocked.owner_id.is_none(),
            Whose::Owner(id) => blocked.owner_id.as_deref() == Some(id.as_str()),
        });
        found.sort_by_key(|blocked| blocked.starts_at);
        Ok(found)
    }

    /// Notes what was blocked or unblocked.
    pub(crate) async fn note(
        &self,
        deps: &Deps,
        call: &Call,
        (tool, act): (&'static str, &str),
        (blocked, undo): (&BlockedTime, Reversal),
    ) -> Option<ChangeId> {
        let zone = self.site.zone().unwrap_or(TimeZone::UTC);
        let users = deps.directory.users(&self.site).await.unwrap_or_default();
        let names = CalendarNames { zone: Some(&zone), calendars: &self.calendars, users: (*users).as_deref() };
        let who = match &self.whose {
            Whose::Calendar(id) => format!("“{}”", names.calendar(id.as_str())),
            Whose::Owner(id) => owner(names.users, id.as_str()),
        };
        let [from, to] =
            [blocked.starts_at, blocked.ends_at].map(|at| at.map(|at| spoken(at, &zone)).unwrap_or_default());
        let change = Change {
            tool,
            summary: format!("{act} {who} from {from} to {to}"),
            record: ("blocked time".into(), blocked.id.to_string()),
            contact: None,
            undo: vec![undo],
        };
        deps.journal.note(call, &self.site, change).await
    }
}
