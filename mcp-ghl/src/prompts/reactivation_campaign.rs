//! Wakes up contacts that have gone quiet, in a group, with their consent.

use schemars::JsonSchema;
use serde::Deserialize;

use super::blanks;
use super::job::Job;

pub(crate) struct ReactivationCampaign;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Args {
    /// Location name or id; left out, the default one.
    location: Option<String>,
    /// Tag of those who are meant; left out, everybody who is quiet.
    tag: Option<String>,
    /// Days without a word after which somebody is quiet, such as `90`.
    quiet_days: Option<String>,
    /// What to offer, in your words.
    offer: Option<String>,
}

impl Job for ReactivationCampaign {
    type Args = Args;

    const NAME: &'static str = "reactivation_campaign";
    const TITLE: &'static str = "Reactivate quiet contacts";
    const DESCRIPTION: &'static str =
        "Choose who has gone quiet and may be reached, prepare the campaign, start it after a yes.";

    fn location(args: &Args) -> Option<&str> {
        args.location.as_deref()
    }

    fn text(args: &Args, location: Option<&str>) -> String {
        let known = blanks::lines(
            &[
                ("location", location),
                ("tag", args.tag.as_deref()),
                ("quiet after days", args.quiet_days.as_deref()),
                ("offer", args.offer.as_deref()),
            ],
            "everybody in the default location who has said nothing for 90 days; ask me what to offer",
        );
        format!(
            "Prepare a campaign for contacts that have gone quiet.\n\n{known}\n\n\
             1. Call `get_account_context`. If several locations could be meant, ask me which one.\n\
             2. Find them: `search_contacts` with the tag and `added_before`, page by page; leave out whoever \
             `search_conversations` with `since` shows to have been in touch. Leave out customers with an open deal \
             (`search_opportunities`).\n\
             3. Leave out everybody whose consent says no on the channel, and everybody without an address on it: \
             `check_sendability` tells. Say how many each reason took away.\n\
             4. Mark the rest as a group: `bulk_update_contacts` adding one tag, such as `reactivate_2026_11`. Show me its \
             preview, the count and five names before it is applied.\n\
             5. Choose the way with me: a workflow or campaign that exists (`list_automations`, then `enroll_contact`), or an \
             email (`save_email_campaign` as a draft, then `schedule_email_campaign`). Write the text from the offer: short, one \
             wish, a way to say no. Begin with a tenth of the group.\n\
             6. Nothing is sent before I have seen text, group and time, and have said yes.\n\
             7. After it ran: `get_campaign_stats`. Report sent, delivered, opened, clicked, unsubscribed; who answered; whether \
             to go on with the rest.\n\n{}",
            blanks::ALWAYS
        )
    }
}
