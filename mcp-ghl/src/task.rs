//! Tasks: what somebody is to do about a contact.

use jiff::Timestamp;

use crate::record_id::RecordId;

/// A task. Its title and text were written by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: RecordId,
    pub title: String,
    pub text: Option<String>,
    pub due_at: Option<Timestamp>,
    pub owner_id: Option<String>,
    pub is_completed: bool,
}

/// A task among those of all contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTask {
    pub task: Task,
    pub contact_id: Option<RecordId>,
}

/// What is written to a task; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskWrite {
    pub title: Option<String>,
    pub text: Option<String>,
    pub due_at: Option<Timestamp>,
    pub owner_id: Option<RecordId>,
    pub is_completed: Option<bool>,
}

impl Task {
    /// Whether it goes by this title; case and spaces do not matter.
    #[must_use]
    pub fn is_titled(&self, title: &str) -> bool {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        plain(&self.title) == plain(title)
    }
}

impl TaskWrite {
    /// What of it differs from the task there is.
    #[must_use]
    pub fn against(&self, task: &Task) -> Self {
        let is_new = |new: &String, old: Option<&String>| old != Some(new);
        Self {
            title: self.title.clone().filter(|title| is_new(title, Some(&task.title))),
            text: self.text.clone().filter(|text| is_new(text, task.text.as_ref())),
            due_at: self.due_at.filter(|due_at| task.due_at.map(Timestamp::as_second) != Some(due_at.as_second())),
            owner_id: self.owner_id.clone().filter(|id| task.owner_id.as_deref() != Some(id.as_str())),
            is_completed: self.is_completed.filter(|is_completed| *is_completed != task.is_completed),
        }
    }

    /// The arguments that it changes.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        let fields = [
            ("title", self.title.is_some()),
            ("text", self.text.is_some()),
            ("due", self.due_at.is_some()),
            ("owner", self.owner_id.is_some()),
            ("completed", self.is_completed.is_some()),
        ];
        fields.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        Task {
            id: "t1".parse().unwrap(),
            title: "Call  Back".to_owned(),
            text: None,
            due_at: Some("2026-11-24T20:00:00.500Z".parse().unwrap()),
            owner_id: Some("u1".to_owned()),
            is_completed: false,
        }
    }

    #[test]
    fn titles_are_compared_as_people_write_them() {
        assert!(task().is_titled(" call back "));
        assert!(!task().is_titled("call"));
    }

    #[test]
    fn only_what_differs_is_written() {
        let same = TaskWrite {
            title: Some("Call  Back".to_owned()),
            due_at: Some("2026-11-24T20:00:00Z".parse().unwrap()),
            owner_id: Some("u1".parse().unwrap()),
            is_completed: Some(false),
            ..TaskWrite::default()
        };
        assert_eq!(same.against(&task()), TaskWrite::default());
        let other = TaskWrite { text: Some("about the bill".to_owned()), is_completed: Some(true), ..same };
        assert_eq!(other.against(&task()).fields(), ["text", "completed"]);
    }
}
