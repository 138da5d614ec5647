//! The tools, in the order in which clients see them. One file each, named after it.

mod add_note;
mod block_time;
mod book_appointment;
mod bulk_update_contacts;
mod call_read_operation;
mod call_write_operation;
mod cancel_appointment;
mod cancel_scheduled_message;
mod check_sendability;
mod delete_contact;
mod delete_opportunity;
mod enroll_contact;
mod find_duplicate_contacts;
mod find_free_slots;
mod find_operation;
mod get_account_context;
mod get_call_transcript;
mod get_campaign_stats;
mod get_contact;
mod get_contact_timeline;
mod get_conversation;
mod get_crm_schema;
mod get_location;
mod get_opportunity;
mod get_pipeline_board;
mod get_social_stats;
mod link_records;
mod list_affiliates;
mod list_appointments;
mod list_automations;
mod list_businesses;
mod list_changes;
mod list_custom_values;
mod list_email_campaigns;
mod list_email_templates;
mod list_funnels;
mod list_invoices;
mod list_locations;
mod list_payments;
mod list_products;
mod list_social_accounts;
mod list_social_posts;
mod list_submissions;
mod list_trigger_links;
mod list_users;
mod log_message;
mod move_opportunity;
mod save_business;
mod save_custom_field;
mod save_email_campaign;
mod save_email_template;
mod save_record;
mod save_social_post;
mod save_tag;
mod save_task;
mod save_trigger_link;
mod schedule_email_campaign;
mod search_contacts;
mod search_conversations;
mod search_opportunities;
mod search_records;
mod search_tasks;
mod send_message;
mod set_contact_consent;
mod set_contact_tags;
mod set_custom_value;
mod typed;
mod unblock_time;
mod undo_change;
mod unenroll_contact;
mod update_appointment;
mod update_contact;
mod update_conversation;
mod upsert_contact;
mod upsert_opportunity;

use std::sync::Arc;

use common::tool::{Registry, Tools};

use crate::deps::Deps;

/// [The usual ones](USUAL) first, then the others by toolset.
pub(crate) fn all(deps: Arc<Deps>) -> Registry {
    let groups: [fn(Tools<Deps>) -> Tools<Deps>; 6] = [
        core_and_locations,
        contacts_and_conversations,
        pipeline_and_calendar,
        automation_and_content,
        setup,
        commerce_funnels_and_affiliates,
    ];
    groups.into_iter().fold(Tools::new(deps), |tools, group| group(tools)).build().usually(USUAL)
}

fn core_and_locations(tools: Tools<Deps>) -> Tools<Deps> {
    tools
        .with::<get_account_context::GetAccountContext>()
        .with::<find_operation::FindOperation>()
        .with::<call_read_operation::CallReadOperation>()
        .with::<call_write_operation::CallWriteOperation>()
        .with::<undo_change::UndoChange>()
        .with::<list_changes::ListChanges>()
        .with::<get_crm_schema::GetCrmSchema>()
        .with::<list_locations::ListLocations>()
        .with::<get_location::GetLocation>()
        .with::<list_users::ListUsers>()
}

fn contacts_and_conversations(tools: Tools<Deps>) -> Tools<Deps> {
    tools
        .with::<search_contacts::SearchContacts>()
        .with::<get_contact::GetContact>()
        .with::<upsert_contact::UpsertContact>()
        .with::<set_contact_tags::SetContactTags>()
        .with::<add_note::AddNote>()
        .with::<save_task::SaveTask>()
        .with::<search_conversations::SearchConversations>()
        .with::<get_conversation::GetConversation>()
        .with::<send_message::SendMessage>()
        .with::<get_contact_timeline::GetContactTimeline>()
        .with::<find_duplicate_contacts::FindDuplicateContacts>()
        .with::<update_contact::UpdateContact>()
        .with::<set_contact_consent::SetContactConsent>()
        .with::<search_tasks::SearchTasks>()
        .with::<bulk_update_contacts::BulkUpdateContacts>()
        .with::<delete_contact::DeleteContact>()
        .with::<check_sendability::CheckSendability>()
        .with::<cancel_scheduled_message::CancelScheduledMessage>()
        .with::<update_conversation::UpdateConversation>()
        .with::<log_message::LogMessage>()
        .with::<get_call_transcript::GetCallTranscript>()
}

fn pipeline_and_calendar(tools: Tools<Deps>) -> Tools<Deps> {
    tools
        .with::<search_opportunities::SearchOpportunities>()
        .with::<get_pipeline_board::GetPipelineBoard>()
        .with::<move_opportunity::MoveOpportunity>()
        .with::<upsert_opportunity::UpsertOpportunity>()
        .with::<find_free_slots::FindFreeSlots>()
        .with::<book_appointment::BookAppointment>()
        .with::<get_opportunity::GetOpportunity>()
        .with::<delete_opportunity::DeleteOpportunity>()
        .with::<list_appointments::ListAppointments>()
        .with::<update_appointment::UpdateAppointment>()
        .with::<cancel_appointment::CancelAppointment>()
        .with::<block_time::BlockTime>()
        .with::<unblock_time::UnblockTime>()
}

fn automation_and_content(tools: Tools<Deps>) -> Tools<Deps> {
    tools
        .with::<list_automations::ListAutomations>()
        .with::<enroll_contact::EnrollContact>()
        .with::<unenroll_contact::UnenrollContact>()
        .with::<list_submissions::ListSubmissions>()
        .with::<list_trigger_links::ListTriggerLinks>()
        .with::<save_trigger_link::SaveTriggerLink>()
        .with::<list_email_templates::ListEmailTemplates>()
        .with::<save_email_template::SaveEmailTemplate>()
        .with::<list_email_campaigns::ListEmailCampaigns>()
        .with::<save_email_campaign::SaveEmailCampaign>()
        .with::<schedule_email_campaign::ScheduleEmailCampaign>()
        .with::<get_campaign_stats::GetCampaignStats>()
        .with::<list_social_accounts::ListSocialAccounts>()
        .with::<list_social_posts::ListSocialPosts>()
        .with::<save_social_post::SaveSocialPost>()
        .with::<get_social_stats::GetSocialStats>()
}

fn setup(tools: Tools<Deps>) -> Tools<Deps> {
    tools
        .with::<save_custom_field::SaveCustomField>()
        .with::<list_custom_values::ListCustomValues>()
        .with::<set_custom_value::SetCustomValue>()
        .with::<save_tag::SaveTag>()
        .with::<list_businesses::ListBusinesses>()
        .with::<save_business::SaveBusiness>()
        .with::<search_records::SearchRecords>()
        .with::<save_record::SaveRecord>()
        .with::<link_records::LinkRecords>()
}

fn commerce_funnels_and_affiliates(tools: Tools<Deps>) -> Tools<Deps> {
    tools
        .with::<list_payments::ListPayments>()
        .with::<list_invoices::ListInvoices>()
        .with::<list_products::ListProducts>()
        .with::<list_funnels::ListFunnels>()
        .with::<list_affiliates::ListAffiliates>()
}

/// What is shown where nobody has chosen toolsets, in this order: the jobs of every day.
pub(crate) const USUAL: &[&str] = &[
    "get_account_context",
    "search_contacts",
    "get_contact",
    "upsert_contact",
    "set_contact_tags",
    "add_note",
    "save_task",
    "search_conversations",
    "get_conversation",
    "send_message",
    "search_opportunities",
    "get_pipeline_board",
    "move_opportunity",
    "upsert_opportunity",
    "find_free_slots",
    "book_appointment",
    "find_operation",
    "call_read_operation",
    "call_write_operation",
    "undo_change",
];

/// The toolsets: which tools a server shows is chosen by these.
pub(crate) mod toolset {
    /// Who acts and where, every operation of the API, and taking back.
    pub(crate) const CORE: &str = "core";
    /// People, their tags, notes, tasks and consent.
    pub(crate) const CONTACTS: &str = "contacts";
    /// What is said between a location and its contacts.
    pub(crate) const CONVERSATIONS: &str = "conversations";
    /// Deals and their stages.
    pub(crate) const PIPELINE: &str = "pipeline";
    /// Calendars and appointments.
    pub(crate) const CALENDAR: &str = "calendar";
    /// Workflows, campaigns, forms, surveys and trigger links.
    pub(crate) const AUTOMATION: &str = "automation";
    /// Emails and social posts.
    pub(crate) const CONTENT: &str = "content";
    /// Fields, values, tags, custom objects, businesses and associations.
    pub(crate) const SETUP: &str = "setup";
    /// Transactions, invoices and products.
    pub(crate) const COMMERCE: &str = "commerce";
    /// Funnels and their pages.
    pub(crate) const FUNNELS: &str = "funnels";
    /// Affiliates and what brings them.
    pub(crate) const AFFILIATES: &str = "affiliates";
    /// The sub-accounts.
    pub(crate) const LOCATIONS: &str = "locations";
    /// All of them.
    pub(crate) const ALL: [&str; 12] = [
        CORE,
        CONTACTS,
        CONVERSATIONS,
        PIPELINE,
        CALENDAR,
        AUTOMATION,
        CONTENT,
        SETUP,
        COMMERCE,
        FUNNELS,
        AFFILIATES,
        LOCATIONS,
    ];

    /// Whether a tool is shown where nobody has chosen toolsets.
    pub(crate) fn is_usual(tool: &str) -> bool {
        super::USUAL.contains(&tool)
    }
}
