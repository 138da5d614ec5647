//! Which tool does what an operation does, with names for ids and checks of its own.

use common::tool::Tool;

use super::{
    add_note, block_time, book_appointment, bulk_update_contacts, cancel_scheduled_message, delete_contact,
    delete_opportunity, enroll_contact, find_free_slots, get_call_transcript, get_campaign_stats, get_contact,
    get_conversation, get_crm_schema, get_location, get_opportunity, get_pipeline_board, get_social_stats,
    link_records, list_affiliates, list_appointments, list_automations, list_businesses, list_custom_values,
    list_email_campaigns, list_email_templates, list_funnels, list_invoices, list_locations, list_payments,
    list_products, list_social_accounts, list_social_posts, list_submissions, list_trigger_links, list_users,
    log_message, move_opportunity, save_business, save_custom_field, save_email_campaign, save_email_template,
    save_record, save_social_post, save_tag, save_task, save_trigger_link, schedule_email_campaign, search_contacts,
    search_conversations, search_opportunities, search_records, search_tasks, send_message, set_contact_tags,
    set_custom_value, unenroll_contact, update_appointment, update_contact, update_conversation, upsert_contact,
    upsert_opportunity,
};

/// A tool, and the toolset that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) tool: &'static str,
    pub(super) toolset: &'static str,
}

impl Typed {
    const fn of<T: Tool>() -> Self {
        Self { tool: T::NAME, toolset: T::TOOLSET }
    }
}

/// Tools, and the operations that each does better, its main one first.
const TOOLS: &[(Typed, &[&str])] = &[
    (Typed::of::<add_note::AddNote>(), &["contacts.create-note"]),
    (Typed::of::<block_time::BlockTime>(), &["calendars.create-block-slot"]),
    (Typed::of::<book_appointment::BookAppointment>(), &["calendars.create-appointment"]),
    (Typed::of::<bulk_update_contacts::BulkUpdateContacts>(), &["contacts.create-association"]),
    (
        Typed::of::<cancel_scheduled_message::CancelScheduledMessage>(),
        &["conversations.cancel-scheduled-message", "conversations.cancel-scheduled-email-message"],
    ),
    (Typed::of::<delete_contact::DeleteContact>(), &["contacts.delete-contact"]),
    (Typed::of::<delete_opportunity::DeleteOpportunity>(), &["opportunities.delete-opportunity"]),
    (
        Typed::of::<enroll_contact::EnrollContact>(),
        &["contacts.add-contact-to-workflow", "contacts.add-contact-to-campaign"],
    ),
    (Typed::of::<find_free_slots::FindFreeSlots>(), &["calendars.get-slots"]),
    (
        Typed::of::<get_call_transcript::GetCallTranscript>(),
        &["conversations.get-message-transcription", "conversations.download-message-transcription"],
    ),
    (Typed::of::<get_campaign_stats::GetCampaignStats>(), &["emails.get-campaign-stats"]),
    (Typed::of::<get_contact::GetContact>(), &["contacts.get-contact", "contacts.get-all-notes"]),
    (
        Typed::of::<get_conversation::GetConversation>(),
        &["conversations.get-conversation", "conversations.get-messages", "conversations.get-email-by-id"],
    ),
    (
        Typed::of::<get_crm_schema::GetCrmSchema>(),
        &[
            "calendars.get-calendars",
            "locations.get-custom-fields",
            "locations.get-location-tags",
            "opportunities.get-lost-reason",
        ],
    ),
    (Typed::of::<get_location::GetLocation>(), &["locations.get-location", "locations.get-conversation-channel"]),
    (Typed::of::<get_opportunity::GetOpportunity>(), &["opportunities.get-opportunity"]),
    (Typed::of::<get_pipeline_board::GetPipelineBoard>(), &["opportunities.get-pipelines"]),
    (Typed::of::<get_social_stats::GetSocialStats>(), &["social-planner.get-statistics"]),
    (Typed::of::<link_records::LinkRecords>(), &["associations.create-relation", "associations.delete-relation"]),
    (
        Typed::of::<list_affiliates::ListAffiliates>(),
        &["affiliate-manager.list-affiliates", "affiliate-manager.list-payouts"],
    ),
    (
        Typed::of::<list_appointments::ListAppointments>(),
        &["calendars.get-calendar-events", "contacts.get-appointments-for-contact"],
    ),
    (Typed::of::<list_automations::ListAutomations>(), &["workflows.get-workflow", "campaigns.get-campaigns"]),
    (
        Typed::of::<list_businesses::ListBusinesses>(),
        &["businesses.get-businesses-by-location", "businesses.get-business", "contacts.get-contacts-by-businessId"],
    ),
    (Typed::of::<list_custom_values::ListCustomValues>(), &["locations.get-custom-values"]),
    (
        Typed::of::<list_email_campaigns::ListEmailCampaigns>(),
        &["emails.list-email-campaigns", "emails.list-workflow-campaigns", "emails.list-bulk-action-campaigns"],
    ),
    (Typed::of::<list_email_templates::ListEmailTemplates>(), &["emails.list-email-templates"]),
    (Typed::of::<list_funnels::ListFunnels>(), &["funnels.getFunnels", "funnels.getPagesByFunnelId"]),
    (Typed::of::<list_invoices::ListInvoices>(), &["invoices.list-invoices"]),
    (Typed::of::<list_locations::ListLocations>(), &["locations.search-locations"]),
    (
        Typed::of::<list_payments::ListPayments>(),
        &["payments.list-transactions", "payments.list-orders", "payments.list-subscriptions"],
    ),
    (Typed::of::<list_products::ListProducts>(), &["products.list-invoices", "products.list-prices-for-product"]),
    (Typed::of::<list_social_accounts::ListSocialAccounts>(), &["social-planner.get-account"]),
    (Typed::of::<list_social_posts::ListSocialPosts>(), &["social-planner.get-posts"]),
    (
        Typed::of::<list_submissions::ListSubmissions>(),
        &["forms.get-forms-submissions", "surveys.get-surveys-submissions"],
    ),
    (Typed::of::<list_trigger_links::ListTriggerLinks>(), &["links.search-trigger-links", "links.get-links"]),
    (Typed::of::<list_users::ListUsers>(), &["users.get-user-by-location"]),
    (
        Typed::of::<log_message::LogMessage>(),
        &["conversations.add-an-inbound-message", "conversations.add-an-outbound-message"],
    ),
    (Typed::of::<move_opportunity::MoveOpportunity>(), &["opportunities.update-opportunity-status"]),
    (
        Typed::of::<save_business::SaveBusiness>(),
        &["businesses.create-business", "businesses.update-business", "contacts.add-remove-contact-from-business"],
    ),
    (
        Typed::of::<save_custom_field::SaveCustomField>(),
        &["locations.create-custom-field", "locations.update-custom-field"],
    ),
    (
        Typed::of::<save_email_campaign::SaveEmailCampaign>(),
        &["emails.create-email-campaign", "emails.update-email-campaign"],
    ),
    (
        Typed::of::<save_email_template::SaveEmailTemplate>(),
        &["emails.create-email-template", "emails.update-email-template"],
    ),
    (Typed::of::<save_record::SaveRecord>(), &["objects.create-object-record", "objects.update-object-record"]),
    (Typed::of::<save_social_post::SaveSocialPost>(), &["social-planner.create-post", "social-planner.edit-post"]),
    (Typed::of::<save_tag::SaveTag>(), &["locations.create-tag", "locations.update-tag"]),
    (
        Typed::of::<save_task::SaveTask>(),
        &["contacts.create-task", "contacts.update-task", "contacts.update-task-completed"],
    ),
    (Typed::of::<save_trigger_link::SaveTriggerLink>(), &["links.create-link", "links.update-link"]),
    (Typed::of::<schedule_email_campaign::ScheduleEmailCampaign>(), &["emails.schedule-campaign"]),
    (
        Typed::of::<search_contacts::SearchContacts>(),
        &["contacts.search-contacts-advanced", "contacts.get-contacts", "contacts.get-duplicate-contact"],
    ),
    (Typed::of::<search_conversations::SearchConversations>(), &["conversations.search-conversation"]),
    (
        Typed::of::<search_opportunities::SearchOpportunities>(),
        &["opportunities.search-opportunities-advanced", "opportunities.search-opportunity"],
    ),
    (Typed::of::<search_records::SearchRecords>(), &["objects.search-object-records"]),
    (Typed::of::<search_tasks::SearchTasks>(), &["locations.task-search", "contacts.get-all-tasks"]),
    (Typed::of::<send_message::SendMessage>(), &["conversations.send-a-new-message"]),
    (Typed::of::<set_contact_tags::SetContactTags>(), &["contacts.add-tags", "contacts.remove-tags"]),
    (
        Typed::of::<set_custom_value::SetCustomValue>(),
        &["locations.create-custom-value", "locations.update-custom-value"],
    ),
    (
        Typed::of::<unenroll_contact::UnenrollContact>(),
        &[
            "contacts.delete-contact-from-workflow",
            "contacts.remove-contact-from-campaign",
            "contacts.remove-contact-from-every-campaign",
        ],
    ),
    (Typed::of::<update_appointment::UpdateAppointment>(), &["calendars.edit-appointment"]),
    (Typed::of::<update_contact::UpdateContact>(), &["contacts.update-contact"]),
    (Typed::of::<update_conversation::UpdateConversation>(), &["conversations.update-conversation"]),
    (Typed::of::<upsert_contact::UpsertContact>(), &["contacts.upsert-contact", "contacts.create-contact"]),
    (
        Typed::of::<upsert_opportunity::UpsertOpportunity>(),
        &["opportunities.Upsert-opportunity", "opportunities.create-opportunity", "opportunities.update-opportunity"],
    ),
];

/// The tool that does what the operation of this id does.
pub(super) fn tool_for(id: &str) -> Option<Typed> {
    TOOLS.iter().find(|(_, operations)| operations.contains(&id)).map(|(typed, _)| *typed)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalogue::Catalogue;
    use crate::client::needs;

    /// Tools that do what no operation does, or a part or several of them.
    const WITHOUT: [&str; 12] = [
        "call_read_operation",
        "call_write_operation",
        "cancel_appointment",
        "check_sendability",
        "find_duplicate_contacts",
        "find_operation",
        "get_account_context",
        "get_contact_timeline",
        "list_changes",
        "set_contact_consent",
        // Deletes blocked times only; the operation deletes appointments, too.
        "unblock_time",
        "undo_change",
    ];

    #[test]
    fn every_tool_is_named_once_or_does_what_no_operation_does() {
        let mut named: Vec<&str> = TOOLS.iter().map(|(typed, _)| typed.tool).chain(WITHOUT).collect();
        named.sort_unstable();
        let known: BTreeSet<&str> = needs::tools().collect();
        assert_eq!(named, known.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn the_operations_exist_and_have_one_tool_each() {
        let catalogue = Catalogue::embedded().unwrap();
        let mut seen = BTreeSet::new();
        for operation in TOOLS.iter().flat_map(|(_, operations)| *operations) {
            assert!(catalogue.operation(operation).is_some_and(|known| known.id == *operation), "{operation}");
            assert!(seen.insert(operation), "{operation} has two tools");
        }
    }

    #[test]
    fn a_tool_asks_for_its_main_operation() {
        for (typed, operations) in TOOLS {
            let main = Catalogue::embedded().unwrap().operation(operations[0]).unwrap();
            assert!(needs::asks(typed.tool, &main.method, &main.path), "{}: {}", typed.tool, main.id);
        }
    }

    #[test]
    fn a_tool_comes_with_its_toolset() {
        let typed = tool_for("contacts.create-note").unwrap();
        assert_eq!((typed.tool, typed.toolset), ("add_note", "contacts"));
        assert_eq!(tool_for("contacts.get-note"), None);
    }
}
