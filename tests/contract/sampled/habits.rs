//! Which optional arguments callers of a tool give together, and which instead of one another.

/// Nothing here is what a schema says: it makes calls that get through likelier, all others are drawn too.
#[derive(Debug, Default)]
pub(super) struct Habit {
    /// Given nearly always.
    pub(super) always: &'static [&'static str],
    /// At most one of these is given.
    pub(super) either: &'static [&'static [&'static str]],
    /// The first says something only where the second is given.
    pub(super) with: &'static [(&'static str, &'static str)],
}

const NONE: Habit = Habit { always: &[], either: &[], with: &[] };

pub(super) fn of(tool: &str) -> Habit {
    match tool {
        "block_time" | "unblock_time" => Habit { always: &["calendar"], either: &[&["calendar", "owner"]], ..NONE },
        "book_appointment" | "find_free_slots" => Habit { always: &["calendar"], ..NONE },
        "bulk_update_contacts" => {
            Habit { always: &["contacts", "add_tags"], either: &[&["contacts", "filter"]], ..NONE }
        }
        "bulk_update_contacts.filter" => Habit { always: &["query"], ..NONE },
        "enroll_contact" => {
            Habit { always: &["workflow"], either: &[&["workflow", "campaign"], &["start_at", "campaign"]], ..NONE }
        }
        "find_duplicate_contacts" => {
            Habit { always: &["contact"], either: &[&["contact", "email"], &["contact", "phone"]], ..NONE }
        }
        "get_call_transcript" => Habit { always: &["message"], either: &[&["message", "contact"]], ..NONE },
        "get_campaign_stats" => Habit { either: &[&["kind", "step"]], ..NONE },
        "get_conversation" => Habit { always: &["conversation"], either: &[&["conversation", "contact"]], ..NONE },
        "get_pipeline_board" => Habit { always: &["pipeline"], ..NONE },
        "list_affiliates" => Habit { either: &[&["affiliate", "query"], &["affiliate", "active"]], ..NONE },
        "list_businesses" => Habit { either: &[&["business", "query"]], ..NONE },
        "list_funnels" => Habit { either: &[&["funnel", "query"]], ..NONE },
        "list_invoices" => Habit {
            either: &[&["invoice", "contact"], &["invoice", "status"], &["invoice", "overdue"], &["invoice", "query"]],
            ..NONE
        },
        "log_message" => {
            Habit { always: &["text"], either: &[&["text", "call_status"], &["subject", "call_status"]], ..NONE }
        }
        "move_opportunity" => Habit { always: &["stage"], with: &[("lost_reason", "status")], ..NONE },
        "save_business" => Habit { always: &["details"], ..NONE },
        "save_custom_field" => Habit { always: &["type"], ..NONE },
        "save_email_campaign" => Habit { always: &["text", "user"], either: &[&["text", "html", "template"]], ..NONE },
        "save_email_template" => Habit { always: &["text"], either: &[&["text", "html"]], ..NONE },
        "save_record" | "search_records" => Habit { always: &["object"], ..NONE },
        "save_social_post" => Habit { always: &["accounts", "text", "user"], ..NONE },
        "save_task" => Habit { always: &["title", "due"], ..NONE },
        "save_trigger_link" => Habit { always: &["url"], ..NONE },
        "schedule_email_campaign" => Habit {
            always: &["tags", "subject", "from_name", "from_email", "user"],
            either: &[&["tags", "contacts", "segment"]],
            ..NONE
        },
        "send_message" => {
            Habit { always: &["text", "subject"], either: &[&["text", "html"]], with: &[("timezone", "send_at")] }
        }
        "set_contact_consent" => Habit { always: &["reason"], ..NONE },
        "set_contact_tags" => {
            Habit { always: &["add"], either: &[&["replace_with", "add"], &["replace_with", "remove"]], ..NONE }
        }
        "unenroll_contact" => {
            Habit { always: &["workflow"], either: &[&["workflow", "campaign", "all_campaigns"]], ..NONE }
        }
        "update_appointment" => Habit { always: &["status"], ..NONE },
        "update_contact" => Habit { always: &["source"], ..NONE },
        "update_conversation" => {
            Habit { always: &["conversation", "starred"], either: &[&["conversation", "contact"]], ..NONE }
        }
        "upsert_contact" => Habit { always: &["email"], ..NONE },
        "upsert_opportunity" => {
            Habit { always: &["pipeline", "opportunity"], with: &[("lost_reason", "status")], ..NONE }
        }
        _ => NONE,
    }
}
