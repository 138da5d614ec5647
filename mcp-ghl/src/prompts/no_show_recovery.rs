//! Wins back whoever did not come to an appointment.

use schemars::JsonSchema;
use serde::Deserialize;

use super::blanks;
use super::job::Job;

pub(crate) struct NoShowRecovery;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Args {
    /// Location name or id; left out, the default one.
    location: Option<String>,
    /// Calendar name; left out, all of them.
    calendar: Option<String>,
    /// First day looked at, such as `2026-11-16`; left out, a week ago.
    since: Option<String>,
    /// What to offer or say, in your words.
    offer: Option<String>,
}

impl Job for NoShowRecovery {
    type Args = Args;

    const NAME: &'static str = "no_show_recovery";
    const TITLE: &'static str = "Win back no-shows";
    const DESCRIPTION: &'static str = "Find missed appointments, offer each person new times, and book or hand over.";

    fn location(args: &Args) -> Option<&str> {
        args.location.as_deref()
    }

    fn text(args: &Args, location: Option<&str>) -> String {
        let known = blanks::lines(
            &[
                ("location", location),
                ("calendar", args.calendar.as_deref()),
                ("since", args.since.as_deref()),
                ("offer", args.offer.as_deref()),
            ],
            "every calendar of the default location, the last seven days",
        );
        format!(
            "Win back those who did not come.\n\n{known}\n\n\
             1. Call `get_account_context`. If several locations could be meant, ask me which one.\n\
             2. Call `list_appointments` with `status` noshow for the days that are meant. Leave out whoever has a later \
             appointment already.\n\
             3. For each person call `get_contact` and `search_conversations`: did they write why, or write since? Somebody who \
             said no is left alone.\n\
             4. Call `set_contact_tags` to add `call_no_show`, so that workflows and audiences know.\n\
             5. Call `find_free_slots` for the same calendar and choose two or three times of different days.\n\
             6. Write each a short, friendly message on the channel they last wrote on: no reproach, the times, one question. \
             Show me all of them in one table before the first is sent; then `send_message`.\n\
             7. If somebody answers with a time: `book_appointment`. If nobody can be reached: `save_task` for the owner, due \
             tomorrow.\n\
             8. Report: person with link, what they missed, what was sent or why not, what is booked, what is open.\n\n{}",
            blanks::ALWAYS
        )
    }
}
