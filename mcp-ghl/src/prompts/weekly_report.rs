//! Says what happened in a week, in figures that can be checked.

use schemars::JsonSchema;
use serde::Deserialize;

use super::blanks;
use super::job::Job;

pub(crate) struct WeeklyReport;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Args {
    /// Location name or id; left out, the default one.
    location: Option<String>,
    /// A day of the week that is meant, such as `2026-11-16`; left out, the last whole week.
    week_of: Option<String>,
}

impl Job for WeeklyReport {
    type Args = Args;

    const NAME: &'static str = "weekly_report";
    const TITLE: &'static str = "Write the weekly report";
    const DESCRIPTION: &'static str =
        "Leads, deals, conversations, appointments and revenue of a week, beside the week before.";

    fn location(args: &Args) -> Option<&str> {
        args.location.as_deref()
    }

    fn text(args: &Args, location: Option<&str>) -> String {
        let known = blanks::lines(
            &[("location", location), ("week of", args.week_of.as_deref())],
            "the default location, the last whole week (Monday to Sunday)",
        );
        format!(
            "Write the weekly report.\n\n{known}\n\n\
             1. Call `get_account_context`; it names the location and its zone. The week begins on Monday at 00:00 there. Do \
             every step for this week and for the one before.\n\
             2. New leads: `search_contacts` with `added_after` and `added_before`; its total is the figure. By source where tags \
             beginning with `src_` tell: one call for each.\n\
             3. Deals: `get_pipeline_board` with `status` open for what stands now, and with won for what was won in all; \
             `search_opportunities` for the deals of the week.\n\
             4. Conversations: `search_conversations` with `unread` for who waits now, with `since` for who wrote.\n\
             5. Appointments: `list_appointments` of the week; how many were kept, missed, cancelled.\n\
             6. Revenue, if we may read it: `list_payments` of the week. Campaigns: `get_campaign_stats`.\n\
             7. Write one page: five figures with the change against the week before, what is behind the largest change, who \
             waits for us (with links), three proposals for next week. A figure that no tool gave you is written as \"not \
             known\", with the reason; estimate nothing. Send it to nobody unless I ask.\n\n{}",
            blanks::ALWAYS
        )
    }
}
