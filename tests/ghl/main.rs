//! mcp-ghl's tools against the emulator, one file per tool. Every call goes through dispatch and over real HTTP.

mod bench;

mod add_note;
mod block_time;
mod book_appointment;
mod cancel_appointment;
mod enroll_contact;
mod find_free_slots;
mod get_account_context;
mod get_contact;
mod get_conversation;
mod get_pipeline_board;
mod list_appointments;
mod list_automations;
mod list_changes;
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
mod unblock_time;
mod undo_change;
mod unenroll_contact;
mod update_appointment;
mod upsert_contact;
mod upsert_opportunity;
mod version_fallback;

mod list_businesses;
mod list_custom_values;
mod save_business;
mod save_custom_field;
mod save_tag;
mod set_custom_value;
