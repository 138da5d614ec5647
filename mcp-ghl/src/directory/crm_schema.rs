//! Everything that a location calls things: what arguments can name, in one answer. Shown by a tool and by a resource.

use common::error::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Directory;
use crate::answer::user::UserRow;
use crate::answer::{LocationAnswer, RecordRef, line};
use crate::automation::Automation;
use crate::calendar::Calendar;
use crate::client::Site;
use crate::custom_field::{CustomField, Kind, Model};
use crate::pipeline::Pipeline;
use crate::readable::readable;

/// Most records of one kind shown.
const SHOWN_MAX: usize = 200;

/// Most options of one field shown.
const OPTIONS_MAX: usize = 50;

/// A kind of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    Pipelines,
    LostReasons,
    Calendars,
    Users,
    Tags,
    CustomFields,
    Workflows,
}

impl Part {
    pub(crate) const ALL: [Self; 7] = [
        Self::Pipelines,
        Self::LostReasons,
        Self::Calendars,
        Self::Users,
        Self::Tags,
        Self::CustomFields,
        Self::Workflows,
    ];
}

/// What there is, by kind; kinds that were not asked for are absent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CrmSchema {
    /// Where it is.
    location: LocationAnswer,
    /// IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// With their stages in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pipelines: Option<Vec<PipelineAnswer>>,
    /// Why deals are lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_reasons: Option<Vec<RecordRef>>,
    /// Those in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    calendars: Option<Vec<CalendarAnswer>>,
    /// The team.
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<Vec<UserRow>>,
    /// In lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    /// Of contacts and opportunities.
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_fields: Option<Vec<FieldAnswer>>,
    /// What contacts can be put into.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflows: Option<Vec<WorkflowAnswer>>,
    /// What the connection's token may not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<Part>,
    /// What is shown in part only: there are more than 200.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<Part>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PipelineAnswer {
    #[serde(flatten)]
    pipeline: RecordRef,
    /// In order.
    stages: Vec<RecordRef>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CalendarAnswer {
    #[serde(flatten)]
    calendar: RecordRef,
    /// How long an appointment takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    slot_minutes: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FieldAnswer {
    /// What to call it in arguments.
    key: String,
    /// What people call it.
    name: String,
    /// Which records have it.
    of: &'static str,
    /// What it takes.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What can be chosen, at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct WorkflowAnswer {
    #[serde(flatten)]
    workflow: RecordRef,
    /// GoHighLevel's word: published or draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

impl CrmSchema {
    /// The named parts of what the directory knows. What the token may not read is named and left out.
    ///
    /// # Errors
    /// The vendor's refusals, but for a missing scope.
    pub(crate) async fn of(directory: &Directory, site: &Site, parts: &[Part]) -> Result<Self> {
        let mut schema = Self::empty(site);
        let (pipelines, reasons, calendars, users) = tokio::try_join!(
            read(parts, Part::Pipelines, directory.pipelines(site)),
            read(parts, Part::LostReasons, directory.lost_reasons(site)),
            read(parts, Part::Calendars, directory.calendars(site)),
            read(parts, Part::Users, directory.users(site)),
        )?;
        let (tags, fields, workflows) = tokio::try_join!(
            read(parts, Part::Tags, directory.tags(site)),
            read(parts, Part::CustomFields, directory.custom_fields(site)),
            read(parts, Part::Workflows, directory.workflows(site)),
        )?;
        schema.pipelines = schema.shown(Part::Pipelines, pipelines.as_ref().map(|all| &***all), pipeline);
        schema.lost_reasons = schema.shown(Part::LostReasons, reasons.as_ref().map(|all| &***all), |reason| {
            RecordRef::new(&reason.id, &reason.name)
        });
        schema.calendars = schema.shown(Part::Calendars, calendars.as_ref().map(|all| &***all), calendar);
        let users = users.as_ref().and_then(|all| all.as_deref());
        schema.users = schema.shown(Part::Users, users, UserRow::of);
        schema.tags = schema.shown(Part::Tags, tags.as_ref().map(|all| &***all), |tag| line(&tag.name));
        schema.custom_fields = schema.shown(Part::CustomFields, fields.as_ref().map(|all| &***all), field);
        schema.workflows = schema.shown(Part::Workflows, workflows.as_ref().map(|all| &***all), workflow);
        schema.unreadable.retain(|part| parts.contains(part));
        Ok(schema)
    }

    fn empty(site: &Site) -> Self {
        Self {
            location: LocationAnswer::of(site),
            timezone: site.location.timezone.clone(),
            pipelines: None,
            lost_reasons: None,
            calendars: None,
            users: None,
            tags: None,
            custom_fields: None,
            workflows: None,
            unreadable: Vec::new(),
            cut: Vec::new(),
        }
    }

    /// What is shown of a part; notes if it is not all of it, or nothing.
    fn shown<T, A>(&mut self, part: Part, all: Option<&[T]>, answer: impl Fn(&T) -> A) -> Option<Vec<A>> {
        let Some(all) = all else {
            self.unreadable.push(part);
            return None;
        };
        if all.len() > SHOWN_MAX {
            self.cut.push(part);
        }
        Some(all.iter().take(SHOWN_MAX).map(answer).collect())
    }
}

/// A part if it is asked for and can be read.
async fn read<T>(parts: &[Part], part: Part, asked: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    if !parts.contains(&part) {
        return Ok(None);
    }
    readable(asked).await
}

fn pipeline(pipeline: &Pipeline) -> PipelineAnswer {
    PipelineAnswer {
        pipeline: RecordRef::new(&pipeline.id, &pipeline.name),
        stages: pipeline.stages.iter().map(|stage| RecordRef::new(&stage.id, &stage.name)).collect(),
    }
}

fn calendar(calendar: &Calendar) -> CalendarAnswer {
    CalendarAnswer { calendar: RecordRef::new(&calendar.id, &calendar.name), slot_minutes: calendar.slot_minutes }
}

fn field(field: &CustomField) -> FieldAnswer {
    let (kind, options) = match &field.kind {
        Kind::Text => ("text", &[][..]),
        Kind::Number => ("number", &[][..]),
        Kind::Choice(options) => ("choice", options.as_slice()),
        Kind::Choices(options) => ("choices", options.as_slice()),
        Kind::List => ("list", &[][..]),
        Kind::Date => ("date", &[][..]),
        Kind::File => ("file", &[][..]),
    };
    FieldAnswer {
        key: line(&field.key),
        name: line(&field.name),
        of: match field.model {
            Model::Contact => "contact",
            Model::Opportunity => "opportunity",
        },
        kind,
        options: options.iter().take(OPTIONS_MAX).map(|option| line(option)).collect(),
    }
}

fn workflow(workflow: &Automation) -> WorkflowAnswer {
    WorkflowAnswer {
        workflow: RecordRef::new(&workflow.id, &workflow.name),
        status: workflow.status.as_deref().map(line),
    }
}
