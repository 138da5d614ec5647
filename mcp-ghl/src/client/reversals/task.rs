//! Tasks.

use serde_json::{Map, json};

use super::listed;
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};
use crate::task::{Task, TaskWrite};

/// A field of a task: the argument, the vendor's name of it.
const FIELDS: [(&str, &str); 5] =
    [("title", "title"), ("text", "body"), ("due", "dueDate"), ("owner", "assignedTo"), ("completed", "completed")];

fn path(contact_id: &RecordId, task: &Task) -> String {
    format!("/contacts/{contact_id}/tasks/{}", task.id)
}

/// Deletes a task that was created.
pub(crate) fn task_creation(contact_id: &RecordId, task: &Task) -> Reversal {
    let path = path(contact_id, task);
    let mut check = Check::of(Request::get(path.clone()));
    for (name, key) in FIELDS {
        check = check.field(name, &format!("/task/{key}"), (), value(task, name));
    }
    Reversal::deleting("delete the task", path).with_check(check)
}

/// Gives a task back what it had in the fields that were written.
pub(crate) fn task_update(contact_id: &RecordId, change: &TaskWrite, before: &Task, after: &Task) -> Reversal {
    let path = path(contact_id, after);
    let changed = change.fields();
    let mut check = Check::of(Request::get(path.clone()));
    let (mut back, mut again) = (Map::new(), Map::new());
    for (name, key) in FIELDS.into_iter().filter(|(name, _)| changed.contains(name)) {
        let (old, new) = (value(before, name), value(after, name));
        // No field of the vendor's update may be null: an empty text empties what can be emptied.
        back.insert(key.to_owned(), if old.is_null() { json!("") } else { old.clone() });
        again.insert(key.to_owned(), new.clone());
        check = check.field(name, &format!("/task/{key}"), old, new);
    }
    let says = |how: &str| format!("set {} of the task {how}", listed(&changed));
    Reversal::new(says("back to what was there"), Request::put(path.clone(), json!(back))).with_check(check).with_again(
        says("once more"),
        Effect::Writes,
        Request::put(path, json!(again)),
    )
}

fn value(task: &Task, name: &str) -> serde_json::Value {
    match name {
        "title" => json!(task.title),
        "text" => json!(task.text),
        "due" => json!(task.due_at.map(|due_at| due_at.to_string())),
        "owner" => json!(task.owner_id),
        _ => json!(task.is_completed),
    }
}
