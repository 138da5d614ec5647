//! Writes a contact's task: a new one, or changes to one that is there; says which.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::{Access, Call, ReadBack, Tool};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::task::TaskAnswer;
use crate::answer::{LocationAnswer, RecordRef, contact_link, contact_uri, line};
use crate::client::{Site, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::names::{Wanted, ambiguous, find};
use crate::references;
use crate::reversal::Reversal;
use crate::task::{Task, TaskWrite};
use crate::tools::toolset;

pub(crate) struct SaveTask;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// Id or title, to change it.
    task: Option<String>,
    /// An open task of this title is changed.
    #[schemars(length(max = 200))]
    title: Option<String>,
    /// Details.
    #[schemars(length(max = 5000))]
    text: Option<String>,
    /// Local date or time, or RFC 3339.
    due: Option<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Done.
    completed: Option<bool>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The contact.
    contact: RecordRef,
    /// As it is after the call.
    task: TaskAnswer,
    /// False if it was there already.
    created: bool,
    /// Which arguments changed an existing task.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<&'static str>,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SaveTask {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_task";
    const TITLE: &'static str = "Save task";
    const DESCRIPTION: &'static str = "Create, change or complete a contact's task; says which.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTACTS;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let errand = Errand::of(deps, call, &args).await?;
        let Errand { site, contact, write, tasks, .. } = &errand;
        let (task, created, changed, undo) = match target(tasks, &args)? {
            Some(task) => {
                let change = write.against(task);
                let changed = change.fields();
                if changed.is_empty() {
                    (task.clone(), false, changed, None)
                } else {
                    let saved = deps.client.update_task(site, &contact.id, &task.id, &change).await?;
                    let undo = reversals::task_update(&contact.id, &change, task, &saved);
                    (saved, false, changed, Some(undo))
                }
            }
            None if write.due_at.is_none() => return Err(Error::invalid_arguments(vec![no_due()])),
            None => {
                let saved = deps.client.create_task(site, &contact.id, write).await?;
                let undo = reversals::task_creation(&contact.id, &saved);
                (saved, true, Vec::new(), Some(undo))
            }
        };
        let change_id = match undo {
            Some(undo) => errand.note(deps, call, &task, (created, undo)).await,
            None => None,
        };
        Ok(Output { change_id, ..errand.output(deps, &task, created, changed).await? })
    }

    /// A task that is exactly as it should be was written by the call. Whether it was there before cannot be told: the
    /// vendor does not say since when a task is there.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, _since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let errand = Errand::of(deps, call, args).await?;
        let names = [args.task.as_deref(), args.title.as_deref()];
        let is_named =
            |task: &&Task| names.iter().flatten().any(|text| task.id.as_str() == *text || task.is_titled(text));
        let is_so = |task: &&Task| errand.write.against(task).fields().is_empty();
        match errand.tasks.iter().find(|task| is_named(task) && is_so(task)) {
            Some(task) => errand.output(deps, task, args.task.is_none(), Vec::new()).await.map(ReadBack::Done),
            None => Ok(ReadBack::NotDone),
        }
    }
}

/// What the arguments mean.
struct Errand {
    site: Site,
    zone: Option<TimeZone>,
    contact: Contact,
    write: TaskWrite,
    tasks: Vec<Task>,
}

impl Errand {
    async fn of(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let zone = site.zone();
        let mut write = parse(args, zone.as_ref())?;
        if let Some(text) = &args.owner {
            write.owner_id = Some(deps.directory.owner(&site, text).await?);
        }
        let contact = references::contact(deps, &site, &args.contact).await?;
        let tasks = deps.client.tasks(&site, &contact.id).await?;
        Ok(Self { site, zone, contact, write, tasks })
    }

    /// Notes what was written, and tells the contact's followers.
    async fn note(&self, deps: &Deps, call: &Call, task: &Task, (created, undo): (bool, Reversal)) -> Option<ChangeId> {
        deps.changes.announce(call.tenant(), contact_uri(&self.site, &self.contact.id));
        let (title, who) = (line(&task.title), line(self.contact.label()));
        let change = Change {
            tool: SaveTask::NAME,
            summary: if created {
                format!("created the task “{title}” for {who}")
            } else {
                format!("changed the task “{title}” of {who}")
            },
            record: ("task".into(), task.id.to_string()),
            contact: Some(self.contact.id.clone()),
            undo: vec![undo],
        };
        deps.journal.note(call, &self.site, change).await
    }

    async fn output(&self, deps: &Deps, task: &Task, created: bool, changed: Vec<&'static str>) -> Result<Output> {
        let users = deps.directory.users_naming(&self.site, [task.owner_id.as_ref()].into_iter()).await?;
        Ok(Output {
            location: LocationAnswer::of(&self.site),
            contact: reference(&self.contact),
            task: TaskAnswer::of(task, self.zone.as_ref(), (*users).as_deref()),
            created,
            changed,
            link: contact_link(&self.site, &self.contact.id),
            change_id: None,
        })
    }
}

/// Reads what needs no look-up; every fault at once.
fn parse(args: &Args, zone: Option<&TimeZone>) -> Result<TaskWrite> {
    let mut faults = Vec::new();
    if args.task.is_none() && args.title.is_none() {
        faults.push(Fault::of_argument(
            "title",
            "is missing, and so is `task`",
            "what is to be done",
            Some("\"Call back\""),
        ));
    }
    if args.title.as_ref().is_some_and(|title| title.trim().is_empty()) {
        faults.push(Fault::of_argument("title", "is blank", "what is to be done", Some("\"Call back\"")));
    }
    let due = args
        .due
        .as_deref()
        .and_then(|text| references::moment("due", text, zone).map_err(|fault| faults.push(fault)).ok());
    if !faults.is_empty() {
        return Err(Error::invalid_arguments(faults));
    }
    Ok(TaskWrite {
        title: args.title.as_deref().map(|title| title.trim().to_owned()),
        text: args.text.clone(),
        due_at: due.and_then(|due| due.last(zone.unwrap_or(&TimeZone::UTC))),
        owner_id: None,
        is_completed: args.completed,
    })
}

/// The task that is to be changed: the one named, else the open one of this title.
fn target<'all>(tasks: &'all [Task], args: &Args) -> Result<Option<&'all Task>> {
    let is_open = |task: &&Task| !task.is_completed;
    let Some(text) = &args.task else {
        let title = args.title.as_deref().unwrap_or_default();
        let found: Vec<&Task> = tasks.iter().filter(is_open).filter(|task| task.is_titled(title)).collect();
        return match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            several => Err(ambiguous(Wanted { noun: "task", text: title }, several)
                .with_hint("give the id of one of the candidates as `task`")),
        };
    };
    // An open task is meant before a completed one of the same name.
    let open: Vec<Task> = tasks.iter().filter(is_open).cloned().collect();
    let wanted = Wanted { noun: "task", text };
    match find(wanted, &open) {
        Ok(found) => Ok(tasks.iter().find(|task| task.id == found.id)),
        Err(error) if error.code() == ErrorCode::NotFound => find(wanted, tasks).map(Some),
        Err(error) => Err(error),
    }
}

fn no_due() -> Fault {
    let expected = "a date or time: no open task of this title is there, and a new one needs it";
    Fault::of_argument("due", "is missing", expected, Some("\"2026-11-24T15:00\""))
}
