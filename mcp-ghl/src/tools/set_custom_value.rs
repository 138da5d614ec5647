//! Sets one of the location's custom values, a new one if none has the name; tells what it was.

use common::error::{Error, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::line;
use crate::answer::location_value::{ValueRow, shown};
use crate::client::reversals;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::names::{Wanted, exact};
use crate::tools::toolset;

pub(crate) struct SetCustomValue;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name, key or id; a new name makes one.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What it should be.
    #[schemars(length(min = 1, max = 5000))]
    value: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    #[serde(flatten)]
    value: ValueRow,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<common::tool::Untrusted>,
    /// False if it was there already.
    created: bool,
    /// False if it was so already.
    changed: bool,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SetCustomValue {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "set_custom_value";
    const TITLE: &'static str = "Set custom value";
    const DESCRIPTION: &'static str =
        "Set a custom value, the text that a merge tag puts into messages and pages. Returns what it was.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::SETUP;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let name = args.name.trim();
        if name.is_empty() {
            let example = Some("\"Opening hours\"");
            return Err(Error::invalid_argument("name", "is blank", "what people call the value", example));
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let known = deps.client.location_values(&site).await?;
        let known = exact(Wanted { noun: "custom value", text: name }, &known)?;
        let value = match known {
            Some(known) if known.value == args.value => known.clone(),
            Some(known) => deps.client.update_location_value(&site, &known.id, &known.name, &args.value).await?,
            None => deps.client.create_location_value(&site, name, &args.value).await?,
        };
        let undo = match known {
            Some(known) if known.value == value.value => None,
            Some(known) => Some(reversals::value_update(&site.location.id, known, &value)),
            None => Some(reversals::value_creation(&site.location.id, &value)),
        };
        let change_id = match undo {
            None => None,
            Some(undo) => {
                let verb = if known.is_some() { "changed" } else { "made" };
                let change = Change {
                    tool: Self::NAME,
                    summary: format!("{verb} the custom value “{}”", line(&value.name)),
                    record: ("custom value".into(), value.id.to_string()),
                    contact: None,
                    undo: vec![undo],
                };
                deps.journal.note(call, &site, change).await
            }
        };
        Ok(Output {
            change_id,
            location: LocationAnswer::of(&site),
            value: ValueRow::of(&value),
            changed: known.is_none_or(|known| known.value != args.value),
            before: known.map(|known| shown(&known.value)),
            created: known.is_none(),
        })
    }
}
