//! Consent, doubles, many contacts at once, tasks of all contacts, the timeline; deleting.

use serde_json::json;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "contacts.update-contact"),
    ("v3", "contacts.delete-contact"),
    ("v3", "contacts.create-association"),
    ("v3", "locations.task-search"),
];

pub(super) async fn drive(session: &Session) {
    let contact = "contract+lead@example.com";
    for arguments in [
        json!({"contact": contact, "do_not_disturb": true, "reason": "asked by phone"}),
        json!({"contact": contact, "do_not_disturb": false, "channels": ["sms", "email"], "reason": "signed up"}),
        json!({"contact": contact, "do_not_disturb": false, "reason": "signed the form"}),
    ] {
        session.call("set_contact_consent", arguments).await;
    }
    let change = json!({
        "contact": contact, "email": "contract+new@example.com", "phone": "+15035550780", "first_name": "Cont",
        "last_name": "Ract", "source": "contract 2", "owner": "priya",
        "custom_fields": {"lead_score": "9", "company_size": "2-10", "last_visit": "2026-11-02"}
    });
    session.call("update_contact", change).await;
    let back = json!({"contact": "contract+new@example.com", "email": contact, "phone": "+15035550777"});
    session.call("update_contact", back).await;
    session.call("find_duplicate_contacts", json!({"contact": contact})).await;
    session.call("find_duplicate_contacts", json!({"email": contact, "phone": "+15035550777"})).await;
    drive_bulk(session).await;
    let tasks = json!({
        "query": "c", "owner": "Tom", "contact": contact, "status": "all", "due_after": "2020-01-01",
        "due_before": "2100-01-01", "limit": 1
    });
    session.call("search_tasks", tasks).await;
    let mut tasks = json!({"limit": 1});
    tasks["cursor"] = session.call("search_tasks", tasks.clone()).await["next_cursor"].clone();
    session.call("search_tasks", tasks).await;
    let mut lived = json!({"contact": contact, "limit": 1});
    lived["cursor"] = session.call("get_contact_timeline", lived.clone()).await["next_cursor"].clone();
    session.call("get_contact_timeline", lived).await;
    let since = json!({"contact": contact, "since": "2020-01-01", "kinds": ["messages", "forms"]});
    session.call("get_contact_timeline", since).await;
    session.call("upsert_contact", json!({"email": "contract+gone@example.com"})).await;
    session.call("delete_contact", json!({"contact": "contract+gone@example.com"})).await;
}

async fn drive_bulk(session: &Session) {
    let mut change = json!({
        "filter": {
            "query": "a", "tags": ["src_paid"], "owner": "priya", "custom_fields": {"lead_score": "7"},
            "added_after": "2020-01-01", "added_before": "2100-01-01"
        },
        "add_tags": ["contract bulk"], "set_owner": "Tom"
    });
    session.call("bulk_update_contacts", change.clone()).await;
    change["filter"] = json!({"query": "contract"});
    change["remove_tags"] = json!(["src_paid"]);
    change["set_fields"] = json!({"lead_score": "8", "company_size": "2-10", "last_visit": "2026-11-01"});
    change["apply"] = json!(true);
    assert_eq!(session.call("bulk_update_contacts", change).await.get("failed"), None);
}
