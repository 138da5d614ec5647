//! Makes a record of a custom object, or changes one; says which.

use std::collections::BTreeMap;

use common::clock::UnixMillis;
use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::record::{ObjectRef, RecordRow};
use crate::answer::{LocationAnswer, line};
use crate::client::{Site, reversals};
use crate::custom_field::FieldValue;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId, Undo};
use crate::object::{CustomObject, Property, Record};
use crate::read_back::is_since;
use crate::references;
use crate::tools::toolset;

pub(crate) struct SaveRecord;

/// How many records of a name are looked through for one whose answer was lost.
const LOOKED_AT: u32 = 20;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Custom object, name or key; may be left out where there is one.
    object: Option<String>,
    /// Id or name, to change it; without it one is made.
    record: Option<String>,
    /// Field key or name to value; several choices with commas.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 50))]
    fields: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// What it is.
    object: ObjectRef,
    /// As it is after the call.
    record: RecordRow,
    /// False if it was there already.
    created: bool,
    /// Which fields changed of an existing one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SaveRecord {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_record";
    const TITLE: &'static str = "Save record";
    const DESCRIPTION: &'static str =
        "Create or change a record of a custom object; values are checked against its fields. Says which.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::SETUP;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let errand = Errand::of(deps, call, &args).await?;
        let Errand { site, object, properties, .. } = &errand;
        let values = references::record_values(properties, &args.fields)?;
        let Some(known) = &errand.known else {
            refuse_nameless(object, &values)?;
            let record = deps.client.create_record(site, object, &values).await?;
            let undo = reversals::record_creation(object, &record, &values);
            let summary = format!("created the {} “{}”", line(&object.singular), line(record.name(object)));
            let change_id = note(deps, call, &errand, (summary, &record), Ok(vec![undo])).await;
            return Ok(Output { change_id, ..errand.output(&record, true, Vec::new()) });
        };
        let is_new = |(property, value): &(&Property, FieldValue)| known.values.get(&property.key) != Some(value);
        let change: Vec<(&Property, FieldValue)> = values.into_iter().filter(is_new).collect();
        let changed: Vec<String> = change.iter().map(|(property, _)| property.key.clone()).collect();
        if change.is_empty() {
            return Ok(errand.output(known, false, changed));
        }
        let record = deps.client.update_record(site, object, &known.id, &change).await?;
        let undo = reversals::record_update(&site.location.id, object, known, &change);
        let summary = format!("changed {} of the {}", changed.join(", "), line(&object.singular));
        let undo = undo.map(|undo| vec![undo]).ok_or(FORMER_VALUE);
        let change_id = note(deps, call, &errand, (summary, &record), undo).await;
        Ok(Output { change_id, ..errand.output(&record, false, changed) })
    }

    /// A record that is as it should be was written by the call. That none is found proves nothing: new records take
    /// seconds to show.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let errand = Errand::of(deps, call, args).await?;
        let values = references::record_values(&errand.properties, &args.fields)?;
        let is_so =
            |record: &&Record| values.iter().all(|(property, value)| record.values.get(&property.key) == Some(value));
        if let Some(known) = &errand.known {
            let done = Some(known).filter(is_so).map(|record| errand.output(record, false, Vec::new()));
            return Ok(done.map_or(ReadBack::NotDone, ReadBack::Done));
        }
        let Some((_, FieldValue::Text(name))) =
            values.iter().find(|(property, _)| property.key == errand.object.display_key)
        else {
            return Ok(ReadBack::Unknown);
        };
        let Errand { site, object, .. } = &errand;
        let found = deps.client.search_records(site, object, name, None, LOOKED_AT).await?.records;
        let is_recent = |record: &&Record| is_since(record.created_at.as_deref(), since_ms);
        let made = found.iter().filter(is_recent).find(is_so);
        Ok(made.map_or(ReadBack::Unknown, |record| ReadBack::Done(errand.output(record, true, Vec::new()))))
    }
}

/// Why a change of a value lasts.
const FORMER_VALUE: &str = "what was there before has a form that cannot be written";

async fn note(
    deps: &Deps,
    call: &Call,
    errand: &Errand,
    (summary, record): (String, &Record),
    undo: Undo,
) -> Option<ChangeId> {
    let change = Change::of(SaveRecord::NAME, summary, ("record", record.id.to_string()), undo);
    deps.journal.note(call, &errand.site, change).await
}

/// What the arguments mean.
struct Errand {
    site: Site,
    object: CustomObject,
    properties: Vec<Property>,
    known: Option<Record>,
}

impl Errand {
    async fn of(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let object = references::object(deps, &site, args.object.as_deref()).await?;
        let properties = deps.client.properties(&site, &object).await?;
        let known = match &args.record {
            Some(text) => Some(references::record(deps, &site, &object, text).await?),
            None => None,
        };
        Ok(Self { site, object, properties, known })
    }

    fn output(&self, record: &Record, created: bool, changed: Vec<String>) -> Output {
        Output {
            location: LocationAnswer::of(&self.site),
            object: ObjectRef::of(&self.object),
            record: RecordRow::of(record, &self.object, &self.properties),
            created,
            changed,
            change_id: None,
        }
    }
}

/// A record without a name cannot be found again, and the vendor refuses it.
fn refuse_nameless(object: &CustomObject, values: &[(&Property, FieldValue)]) -> Result<()> {
    let key = &object.display_key;
    let has_name = values.iter().any(|(property, value)| property.key == *key && !value.is_empty());
    if has_name || key.is_empty() {
        return Ok(());
    }
    Err(Error::invalid_arguments(vec![Fault {
        field: format!("/fields/{key}"),
        problem: "is missing".to_owned(),
        expected: format!("what the new {} is called", object.singular),
        example: None,
    }]))
}
