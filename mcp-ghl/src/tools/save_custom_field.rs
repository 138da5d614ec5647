//! Defines a custom field on contacts or opportunities, or changes how one is defined; says which.

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, line};
use crate::client::reversals;
use crate::custom_field::Model;
use crate::custom_field::definition::{Definition, DefinitionWrite, FieldType};
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::names::{Named, Wanted, exact, unknown};
use crate::tools::toolset;

pub(crate) struct SaveCustomField;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name, key or id.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What has it; default contact.
    model: Option<Model>,
    /// Needed for a new one; cannot change.
    #[serde(rename = "type")]
    field_type: Option<FieldType>,
    /// All of them.
    #[schemars(length(min = 1, max = 200))]
    options: Option<Vec<String>>,
    /// New name.
    #[schemars(length(min = 1, max = 100))]
    rename_to: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    field: FieldAnswer,
    /// False if it was there already.
    created: bool,
    /// Which arguments changed an existing field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<&'static str>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FieldAnswer {
    /// Opaque id.
    id: String,
    /// What other tools call it.
    key: String,
    /// What people call it.
    name: String,
    /// What has it.
    model: Model,
    /// What it takes.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    field_type: Option<FieldType>,
    /// What can be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
}

impl Tool for SaveCustomField {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_custom_field";
    const TITLE: &'static str = "Save custom field";
    const DESCRIPTION: &'static str =
        "Define a custom field of contacts or opportunities, or change its name or options; says which.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::SETUP;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let write = write(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let mut fields = deps.client.field_definitions(&site).await?;
        fields.retain(|field| args.model.is_none_or(|model| field.model == model));
        let wanted = Wanted { noun: "custom field", text: unprefixed(&args.name) };
        let known = exact(wanted, &fields)?;
        let location_id = &site.location.id;
        let (field, changed, undo) = if let Some(field) = known {
            refuse_another_type(field, &args)?;
            let changed = write.differing(field);
            if changed.is_empty() {
                (field.clone(), changed, None)
            } else {
                let (after, form) = deps.client.update_field(&site, field, &write).await?;
                let undo = reversals::field_update(location_id, field, &after, form);
                (after, changed, undo)
            }
        } else if args.rename_to.is_some() {
            return Err(unknown(wanted, &fields));
        } else {
            let field_type = new_type(&args)?;
            let write = DefinitionWrite { name: Some(args.name.trim().to_owned()), options: write.options };
            let model = args.model.unwrap_or_default();
            let made = deps.client.create_field(&site, model, field_type, &write).await?;
            let undo = reversals::field_creation(location_id, &made);
            (made, Vec::new(), Some(undo))
        };
        let created = known.is_none();
        if created || !changed.is_empty() {
            deps.directory.forget_custom_fields(&site);
        }
        let change_id = match undo {
            None => None,
            Some(undo) => {
                let verb = if created { "created" } else { "changed" };
                let summary = format!("{verb} the custom field “{}”", line(&field.name));
                let record = ("custom field", field.id.to_string());
                deps.journal.note(call, &site, Change::of(Self::NAME, summary, record, Ok(vec![undo]))).await
            }
        };
        let (location, field) = (LocationAnswer::of(&site), FieldAnswer::of(&field));
        Ok(Output { location, field, created, changed, change_id })
    }
}

impl FieldAnswer {
    fn of(field: &Definition) -> Self {
        Self {
            id: field.id.to_string(),
            key: line(&field.key),
            name: line(&field.name),
            model: field.model,
            field_type: field.field_type,
            options: field.options.iter().map(|option| line(option)).collect(),
        }
    }
}

impl Named for Definition {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> Option<&str> {
        Some(&self.key)
    }
}

/// People write `contact.budget` too.
fn unprefixed(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix("contact.").or_else(|| name.strip_prefix("opportunity.")).unwrap_or(name)
}

/// Reads what needs no look-up; every fault at once.
fn write(args: &Args) -> Result<DefinitionWrite> {
    let mut faults = Vec::new();
    for (field, text) in [("name", Some(&args.name)), ("rename_to", args.rename_to.as_ref())] {
        if text.is_some_and(|text| text.trim().is_empty()) {
            faults.push(Fault::of_argument(field, "is blank", "what people call the field", Some("\"Budget\"")));
        }
    }
    let options = args.options.as_ref().map(|options| -> Vec<String> {
        options.iter().map(|option| option.trim().to_owned()).filter(|option| !option.is_empty()).collect()
    });
    if options.as_ref().is_some_and(Vec::is_empty) {
        faults.push(Fault::of_argument("options", "are blank", "one or more options", Some("[\"Small\", \"Large\"]")));
    }
    if !faults.is_empty() {
        return Err(Error::invalid_arguments(faults));
    }
    let name = args.rename_to.as_ref().map(|name| name.trim().to_owned());
    Ok(DefinitionWrite { name, options })
}

fn refuse_another_type(field: &Definition, args: &Args) -> Result<()> {
    let mut faults = Vec::new();
    if args.field_type.is_some() && args.field_type != field.field_type {
        let problem = "is not the type of the field that is there, and types cannot be changed";
        faults.push(Fault::of_argument("type", problem, "the same type, or another `name`", None));
    }
    let takes_options = field.field_type.is_none_or(FieldType::has_options);
    if args.options.is_some() && !takes_options {
        faults.push(Fault::of_argument("options", "are not for a field of this type", "no options", None));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid_arguments(faults)) }
}

/// The type of a field that is to be made, with options if and only if it takes them.
fn new_type(args: &Args) -> Result<FieldType> {
    let Some(field_type) = args.field_type else {
        let expected = "what a new field takes; give the name of a field that is there to change it";
        return Err(Error::invalid_arguments(vec![Fault::of_argument(
            "type",
            "is missing",
            expected,
            Some("\"text\""),
        )]));
    };
    let problem = match (field_type.has_options(), args.options.is_some()) {
        (true, false) => "are missing",
        (false, true) => "are not for a field of this type",
        (true, true) | (false, false) => return Ok(field_type),
    };
    let expected = "options for choice, choices, radio, checkboxes and lines only";
    Err(Error::invalid_arguments(vec![Fault::of_argument(
        "options",
        problem,
        expected,
        Some("[\"Small\", \"Large\"]"),
    )]))
}
