//! mcp-ghl's tools against the emulator, one file per tool. Every call goes through dispatch and over real HTTP.

mod bench;

mod add_note;
mod book_appointment;
mod enroll_contact;
mod find_free_slots;
mod get_account_context;
mod get_contact;
mod get_conversation;
mod get_pipeline_board;
mod list_changes;
mod list_automations;
mod list_locations;
mod list_submissions;
mod list_trigger_links;
mod move_opportunity;
mod oauth;
mod prompts;
mod rate_limit;
mod resources;
mod save_task;
mod save_trigger_link;
mod search_contacts;
mod search_conversations;
mod search_opportunities;
mod send_message;
mod set_contact_tags;
mod undo_change;
mod unenroll_contact;
mod upsert_contact;
mod upsert_opportunity;
mod version_fallback;
