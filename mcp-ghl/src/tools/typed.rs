//! Which tool does what an operation does, with names for ids and checks of its own.

/// Operations and the tools that do the same better.
const TOOLS: &[(&str, &str)] = &[
    ("calendars.create-appointment", "book_appointment"),
    ("calendars.get-slots", "find_free_slots"),
    ("contacts.add-tags", "set_contact_tags"),
    ("contacts.create-contact", "upsert_contact"),
    ("contacts.create-note", "add_note"),
    ("contacts.create-task", "save_task"),
    ("contacts.get-all-notes", "get_contact"),
    ("contacts.get-contact", "get_contact"),
    ("contacts.get-duplicate-contact", "search_contacts"),
    ("contacts.remove-tags", "set_contact_tags"),
    ("contacts.search-contacts-advanced", "search_contacts"),
    ("contacts.update-contact", "upsert_contact"),
    ("contacts.update-task", "save_task"),
    ("contacts.update-task-completed", "save_task"),
    ("contacts.upsert-contact", "upsert_contact"),
    ("conversations.get-conversation", "get_conversation"),
    ("conversations.get-messages", "get_conversation"),
    ("conversations.search-conversation", "search_conversations"),
    ("conversations.send-a-new-message", "send_message"),
    ("locations.search-locations", "list_locations"),
    ("opportunities.create-opportunity", "upsert_opportunity"),
    ("opportunities.get-pipelines", "get_pipeline_board"),
    ("opportunities.search-opportunities-advanced", "search_opportunities"),
    ("opportunities.search-opportunity", "search_opportunities"),
    ("opportunities.update-opportunity", "upsert_opportunity"),
    ("opportunities.update-opportunity-status", "move_opportunity"),
    ("opportunities.upsert-opportunity", "upsert_opportunity"),
];

/// The tool that does what the operation of this id does.
pub(super) fn tool_for(id: &str) -> Option<&'static str> {
    TOOLS.iter().find(|(operation, _)| operation.eq_ignore_ascii_case(id)).map(|(_, tool)| *tool)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalogue::Catalogue;
    use crate::client::needs;

    #[test]
    fn the_operations_and_the_tools_exist() {
        let known: BTreeSet<&str> = needs::tools().collect();
        for (operation, tool) in TOOLS {
            assert!(Catalogue::embedded().unwrap().operation(operation).is_some(), "{operation}");
            assert!(known.contains(tool), "{tool}");
        }
    }
}
