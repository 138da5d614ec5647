//! Which operations each tool asks of the vendor, so that it can be said which scopes it needs.

use std::collections::BTreeSet;

use super::operation::Operation;
use super::{
    affiliates, associations, automations, businesses, calendars, closing, contact_changes, contacts,
    conversation_changes, conversations, custom_fields, custom_values, email_campaigns, email_templates, events, forms,
    funnels, invoices, links, locations, message_records, messages, objects, opportunities, payments, products, replay,
    settings, social, tags, task_search, tasks,
};

/// A tool and what it asks for on any of its ways, but for choosing the location.
type Row = (&'static str, &'static [&'static [&'static Operation]]);

/// Every tool begins so.
const LOCATION: &[&Operation] = &[&locations::GET, &locations::SEARCH];

/// A contact named by id, name, email or phone.
const CONTACT: &[&Operation] = &[&contacts::GET, &contacts::SEARCH, &contacts::DUPLICATE];

/// A deal named by id or name.
const OPPORTUNITY: &[&Operation] = &[&opportunities::GET, &opportunities::SEARCH];

/// Pipelines and stages by name.
const PIPELINES: &[&Operation] = &[&opportunities::PIPELINES];

/// Owners and custom fields by name.
const NAMES: &[&Operation] = &[&locations::USERS, &locations::CUSTOM_FIELDS];

/// Owners by name.
const USERS: &[&Operation] = &[&locations::USERS];

/// What stands in a conversation.
const MESSAGES: &[&Operation] = &[&messages::LIST, &messages::GET_EMAIL];

/// A conversation by its id or its contact.
const CONVERSATION: &[&Operation] = &[&conversations::GET, &conversations::SEARCH];

/// A deal that may have to be made.
const WRITE_OPPORTUNITY: &[&Operation] = &[&opportunities::CREATE, &opportunities::UPSERT, &opportunities::UPDATE];

/// Calendars by name, and what is free in one.
const SLOTS: &[&Operation] = &[&calendars::CALENDARS, &calendars::FREE_SLOTS];

const TAGS: &[&Operation] = &[&locations::TAGS];

/// Workflows and campaigns by name.
const AUTOMATIONS: &[&Operation] = &[&automations::WORKFLOWS, &automations::CAMPAIGNS];

/// Taking somebody out again.
const UNENROL: &[&Operation] =
    &[&automations::REMOVE_FROM_WORKFLOW, &automations::REMOVE_FROM_CAMPAIGN, &automations::REMOVE_FROM_CAMPAIGNS];

/// Forms and surveys by name, and what was answered in them.
const SUBMISSIONS: &[&Operation] =
    &[&forms::FORMS, &forms::SURVEYS, &forms::FORM_SUBMISSIONS, &forms::SURVEY_SUBMISSIONS];
/// Why deals are lost, and losing one for a reason.
const LOSING: &[&Operation] = &[&closing::REASONS, &closing::SET_STATUS];

/// What is kept about a deal's contact.
const ABOUT_CONTACT: &[&Operation] = &[&contacts::NOTES, &tasks::LIST, &calendars::OF_CONTACT, &calendars::CALENDARS];

/// What stands in a calendar or in somebody's.
const EVENTS: &[&Operation] = &[&events::LIST, &events::BLOCKED, &calendars::CALENDARS];

/// An appointment by id, or by its contact.
const APPOINTMENT: &[&Operation] = &[&events::GET, &calendars::OF_CONTACT, &calendars::CALENDARS];

/// Email templates by name.
const TEMPLATES: &[&Operation] = &[&email_templates::LIST, &email_templates::GET];

/// Campaigns of the email builder by name.
const CAMPAIGNS: &[&Operation] = &[&email_campaigns::EMAILS, &email_campaigns::GET_EMAIL];

/// Emails of workflows and bulk emails by name.
const OTHER_EMAILS: &[&Operation] =
    &[&email_campaigns::WORKFLOWS, &email_campaigns::GET_WORKFLOW, &email_campaigns::BULK, &email_campaigns::GET_BULK];

/// What became of emails to many.
const EMAIL_STATS: &[&Operation] =
    &[&email_campaigns::STATS_OF_EMAIL, &email_campaigns::STATS_OF_WORKFLOW, &email_campaigns::STATS_OF_BULK];
/// Custom objects, and their records by name.
const OBJECTS: &[&Operation] = &[&objects::LIST, &objects::GET, &objects::SEARCH];

/// A record on one side of an association, whatever it is.
const LINKED: &[&Operation] = &[&objects::LIST, &objects::SEARCH, &objects::GET_RECORD, &businesses::LIST];

/// What links records.
const LINKS: &[&Operation] =
    &[&associations::LIST, &associations::RELATIONS, &associations::LINK, &associations::UNLINK];

/// Social accounts by name.
const SOCIAL_ACCOUNTS: &[&Operation] = &[&social::ACCOUNTS];

const NEEDS: &[Row] = &[
    ("get_account_context", &[]),
    ("list_locations", &[]),
    ("search_contacts", &[CONTACT, NAMES, TAGS]),
    ("get_contact", &[CONTACT, NAMES, &[&contacts::NOTES, &opportunities::SEARCH], PIPELINES]),
    ("upsert_contact", &[CONTACT, NAMES, TAGS, &[&contacts::UPSERT, &contacts::ADD_TAGS]]),
    ("set_contact_tags", &[CONTACT, TAGS, &[&contacts::ADD_TAGS, &contacts::REMOVE_TAGS]]),
    ("add_note", &[CONTACT, &[&contacts::ADD_NOTE, &contacts::NOTES]]),
    ("save_task", &[CONTACT, USERS, &[&tasks::LIST, &tasks::CREATE, &tasks::UPDATE]]),
    ("search_conversations", &[CONTACT, USERS, &[&conversations::SEARCH]]),
    ("get_conversation", &[CONTACT, USERS, &[&conversations::GET, &conversations::SEARCH], MESSAGES]),
    ("send_message", &[CONTACT, &[&conversations::GET, &conversations::SEARCH, &messages::SEND], MESSAGES]),
    ("search_opportunities", &[PIPELINES, &[&opportunities::SEARCH, &locations::USERS], CONTACT]),
    ("get_pipeline_board", &[PIPELINES, &[&opportunities::SEARCH]]),
    ("move_opportunity", &[OPPORTUNITY, PIPELINES, LOSING, &[&opportunities::UPDATE]]),
    ("upsert_opportunity", &[CONTACT, OPPORTUNITY, PIPELINES, USERS, LOSING, WRITE_OPPORTUNITY]),
    ("find_free_slots", &[USERS, SLOTS]),
    ("book_appointment", &[CONTACT, USERS, SLOTS, &[&calendars::OF_CONTACT, &calendars::BOOK, &calendars::ADD_NOTE]]),
    ("list_changes", &[]),
    ("undo_change", &[replay::REPLAYED]),
    ("list_automations", &[AUTOMATIONS]),
    ("enroll_contact", &[CONTACT, AUTOMATIONS, &[&automations::ADD_TO_WORKFLOW, &automations::ADD_TO_CAMPAIGN]]),
    ("unenroll_contact", &[CONTACT, AUTOMATIONS, UNENROL]),
    ("list_submissions", &[SUBMISSIONS, &[&locations::CUSTOM_FIELDS]]),
    ("list_trigger_links", &[&[&links::SEARCH]]),
    ("save_trigger_link", &[&[&links::LIST, &links::CREATE, &links::UPDATE]]),
    ("list_appointments", &[CONTACT, USERS, EVENTS, &[&calendars::OF_CONTACT]]),
    ("update_appointment", &[CONTACT, USERS, APPOINTMENT, &[&events::UPDATE, &calendars::FREE_SLOTS]]),
    ("cancel_appointment", &[CONTACT, USERS, APPOINTMENT, &[&events::UPDATE]]),
    ("block_time", &[USERS, EVENTS, &[&events::BLOCK]]),
    ("unblock_time", &[USERS, EVENTS, &[&events::REMOVE]]),
    (
        "get_contact_timeline",
        &[
            CONTACT,
            USERS,
            PIPELINES,
            MESSAGES,
            &[&conversations::SEARCH, &contacts::NOTES, &tasks::LIST, &opportunities::SEARCH],
            &[&calendars::OF_CONTACT, &calendars::CALENDARS, &forms::FORMS, &forms::FORM_SUBMISSIONS],
        ],
    ),
    ("find_duplicate_contacts", &[CONTACT, USERS]),
    ("update_contact", &[CONTACT, NAMES, &[&contact_changes::UPDATE]]),
    ("set_contact_consent", &[CONTACT, &[&contact_changes::UPDATE]]),
    ("search_tasks", &[CONTACT, USERS, &[&task_search::SEARCH]]),
    (
        "bulk_update_contacts",
        &[
            CONTACT,
            NAMES,
            TAGS,
            &[&contacts::ADD_TAGS, &contacts::REMOVE_TAGS, &contact_changes::UPDATE],
            &[&contact_changes::BULK_ADD_TAGS, &contact_changes::BULK_REMOVE_TAGS],
        ],
    ),
    ("delete_contact", &[CONTACT, &[&contact_changes::DELETE]]),
    ("check_sendability", &[CONTACT]),
    ("cancel_scheduled_message", &[&[&message_records::GET, &message_records::CANCEL, &message_records::CANCEL_EMAIL]]),
    ("update_conversation", &[CONTACT, CONVERSATION, &[&conversation_changes::UPDATE]]),
    (
        "log_message",
        &[
            CONTACT,
            CONVERSATION,
            MESSAGES,
            &[&conversation_changes::CREATE, &message_records::ADD_INBOUND, &message_records::ADD_OUTBOUND],
        ],
    ),
    (
        "get_call_transcript",
        &[CONTACT, USERS, CONVERSATION, MESSAGES, &[&message_records::GET, &message_records::TRANSCRIPTION]],
    ),
    ("save_custom_field", &[&[&locations::CUSTOM_FIELDS, &custom_fields::CREATE, &custom_fields::UPDATE]]),
    ("list_custom_values", &[&[&custom_values::LIST]]),
    ("set_custom_value", &[&[&custom_values::LIST, &custom_values::CREATE, &custom_values::UPDATE]]),
    ("save_tag", &[TAGS, &[&tags::CREATE, &tags::RENAME]]),
    ("list_businesses", &[&[&businesses::LIST, &businesses::CONTACTS]]),
    ("search_records", &[OBJECTS]),
    ("save_record", &[OBJECTS, &[&objects::GET_RECORD, &objects::CREATE, &objects::UPDATE]]),
    ("link_records", &[CONTACT, OPPORTUNITY, LINKED, LINKS]),
    ("save_business", &[CONTACT, &[&businesses::LIST, &businesses::CREATE, &businesses::UPDATE, &businesses::ASSIGN]]),
    // What an operation of the catalogue needs besides is said there, and looked at before it is called.
    ("find_operation", &[]),
    ("call_read_operation", &[]),
    ("call_write_operation", &[]),
    ("get_opportunity", &[CONTACT, OPPORTUNITY, PIPELINES, NAMES, &[&closing::REASONS], ABOUT_CONTACT]),
    ("get_crm_schema", &[PIPELINES, NAMES, TAGS, &[&closing::REASONS, &calendars::CALENDARS, &automations::WORKFLOWS]]),
    ("get_location", &[&[&settings::SMS, &settings::EMAIL]]),
    ("list_users", &[USERS]),
    ("delete_opportunity", &[OPPORTUNITY, PIPELINES, USERS, &[&closing::DELETE]]),
    ("list_email_templates", &[&[&email_templates::LIST]]),
    ("save_email_template", &[TEMPLATES, &[&email_templates::CREATE, &email_templates::UPDATE]]),
    ("list_email_campaigns", &[CAMPAIGNS, OTHER_EMAILS]),
    ("save_email_campaign", &[CAMPAIGNS, TEMPLATES, USERS, &[&email_campaigns::CREATE, &email_campaigns::UPDATE]]),
    ("schedule_email_campaign", &[CAMPAIGNS, CONTACT, TAGS, USERS, &[&email_campaigns::SCHEDULE]]),
    ("get_campaign_stats", &[CAMPAIGNS, OTHER_EMAILS, EMAIL_STATS]),
    ("list_payments", &[CONTACT, &[&payments::TRANSACTIONS, &payments::ORDERS, &payments::SUBSCRIPTIONS]]),
    ("list_invoices", &[CONTACT, &[&invoices::LIST]]),
    ("list_products", &[&[&products::LIST, &products::PRICES]]),
    ("list_funnels", &[&[&funnels::LIST, &funnels::PAGES]]),
    ("list_affiliates", &[&[&affiliates::LIST, &affiliates::COMMISSIONS, &affiliates::PAYOUTS]]),
    ("list_social_accounts", &[SOCIAL_ACCOUNTS]),
    ("list_social_posts", &[SOCIAL_ACCOUNTS, &[&social::POSTS]]),
    ("save_social_post", &[SOCIAL_ACCOUNTS, USERS, &[&social::GET, &social::POSTS, &social::CREATE, &social::UPDATE]]),
    ("get_social_stats", &[SOCIAL_ACCOUNTS, &[&social::STATS]]),
];

/// What an agency's login needs besides, to open its locations (specification of 2026-06-19, `Agency-Access-Only`).
pub(crate) const AGENCY_SCOPES: [&str; 2] = ["oauth.readonly", "oauth.write"];

/// Every tool that the table knows.
pub(crate) fn tools() -> impl Iterator<Item = &'static str> {
    NEEDS.iter().map(|(tool, _)| *tool)
}

/// The scopes that a tool needs; none for one that the table does not know.
pub(crate) fn scopes_of(tool: &str) -> BTreeSet<&'static str> {
    let rows = NEEDS.iter().filter(|(name, _)| *name == tool);
    rows.flat_map(|(_, groups)| groups.iter().chain([&LOCATION]))
        .flat_map(|group| group.iter())
        .map(|it| it.scope)
        .collect()
}

/// Whether a tool asks for what has this method and path; in the path, a name in braces stands for any part.
#[cfg(test)]
pub(crate) fn asks(tool: &str, method: &http::Method, path: &str) -> bool {
    let is_it = |asked: &str| {
        let (parts, asked) = (path.split('/'), asked.split('/'));
        parts.clone().count() == asked.clone().count()
            && parts.zip(asked).all(|(part, asked)| part.starts_with('{') || part == asked)
    };
    let groups = NEEDS.iter().filter(|(name, _)| *name == tool).flat_map(|(_, groups)| *groups).chain([&LOCATION]);
    groups.copied().flatten().any(|operation| operation.method == method && is_it(operation.path))
}

/// The scopes with which every tool works.
pub(crate) fn all_scopes() -> BTreeSet<&'static str> {
    tools().flat_map(scopes_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_in_the_table() {
        // Files are named after their tools: tests/architecture.
        let lines = include_str!("../tools.rs").lines();
        let listed: BTreeSet<&str> =
            lines.filter_map(|line| line.trim().strip_prefix(".with::<")?.split("::").next()).collect();
        assert_eq!(tools().collect::<BTreeSet<_>>(), listed);
    }

    #[test]
    fn a_tool_needs_what_its_operations_need() {
        let scopes: Vec<&str> = scopes_of("move_opportunity").into_iter().collect();
        assert_eq!(scopes, ["locations.readonly", "opportunities.readonly", "opportunities.write"]);
        assert!(scopes_of("no_such_tool").is_empty());
    }
}
