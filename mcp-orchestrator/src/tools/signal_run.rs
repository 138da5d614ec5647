//! Tells one run of an event that it listens for.

use common::clock::time_ordered_uuid;
use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::find_run;
use crate::deps::Deps;
use crate::event::{Event, dedupe_key, kind_of};
use crate::inbox::check_source_name;
use crate::run::RunId;
use crate::tools::toolset;

pub(crate) struct SignalRun;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its id.
    run: String,
    /// What happened, as the step listens for it.
    #[serde(rename = "type")]
    kind: String,
    /// The event's content.
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    data: Option<Value>,
    /// Source that the step may ask for.
    #[serde(default = "source")]
    source: String,
    /// A second signal of this key does nothing.
    key: Option<String>,
}

fn source() -> String {
    "manual".to_owned()
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// For `get_run`.
    run: String,
    /// Its name.
    workflow: String,
}

impl Tool for SignalRun {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "signal_run";
    const TITLE: &'static str = "Signal run";
    const DESCRIPTION: &'static str =
        "Give one waiting run the event it listens for, whatever its correlation. send_event reaches all that listen.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::RUNS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        check_source_name(&args.source)?;
        let line = find_run(&deps.db, call.tenant(), &args.run).await?.line;
        let now_ms = deps.clock.now_ms();
        let data = args.data.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        let dedupe_key = match &args.key {
            Some(key) => dedupe_key(Some(key), &[]),
            None => time_ordered_uuid(now_ms).simple().to_string(),
        };
        let event = Event {
            // The same key is the same event to this run, however often it is sent.
            event_id: format!("evt_{}", RunId::of_key(&line.run_id.0, &dedupe_key).0.trim_start_matches("run_")),
            source: args.source,
            kind: kind_of(Some(&args.kind)),
            dedupe_key,
            received_ms: now_ms,
            data,
        };
        deps.engine.signal(call.tenant(), &line.run_id, &event).await?;
        deps.news.touched(call.tenant(), &line.run_id);
        Ok(Output { run: line.run_id.0, workflow: line.workflow })
    }
}
