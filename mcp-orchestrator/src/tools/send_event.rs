//! Puts an event into the inbox: a new one, or one that is there again.

use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deps::Deps;
use crate::event::{EventState, dedupe_key, kind_of};
use crate::inbox::{Incoming, check_source_name};
use crate::store::events::{self, Stored};
use crate::tools::toolset;

pub(crate) struct SendEvent;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// What happened, such as `ContactCreate`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Its content.
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    data: Option<Value>,
    /// Source that workflows filter by.
    #[serde(default = "source")]
    source: String,
    /// What it is the same by: a second one of this key is not stored. Default: by content and minute.
    key: Option<String>,
    /// Instead: id of an event to route again. Workflows that it has started are not started twice.
    replay: Option<String>,
    /// With `replay`: as a new event, which starts them anew.
    #[serde(default)]
    anew: bool,
}

fn source() -> String {
    "manual".to_owned()
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// For `get_event`.
    event_id: String,
    /// It was there already.
    duplicate: bool,
}

const MINUTE_MS: i64 = 60_000;

impl Tool for SendEvent {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "send_event";
    const TITLE: &'static str = "Send event";
    const DESCRIPTION: &'static str = "Store an event as if a vendor had sent it, or replay a stored one; it starts the workflows that listen for it.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::EVENTS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        match (&args.replay, &args.kind) {
            (Some(event_id), None) => replay(deps, call, event_id, args.anew).await,
            (None, Some(kind)) => {
                let incoming = new_event(deps, kind, &args)?;
                take(deps, call, incoming).await
            }
            (Some(_), Some(_)) | (None, None) => Err(Error::invalid_argument(
                "type",
                "stands beside `replay`, or both are absent",
                "one of them",
                Some("\"ContactCreate\""),
            )),
        }
    }
}

fn new_event(deps: &Deps, kind: &str, args: &Args) -> Result<Incoming> {
    check_source_name(&args.source)?;
    let body = args.data.clone().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let body = serde_json::to_vec(&body).map_err(|source| Error::internal("the event could not be encoded", source))?;
    // A call that is repeated because its answer was lost must not become a second event.
    let of_content = || {
        let minute = deps.clock.now_ms().div_euclid(MINUTE_MS).to_string();
        dedupe_key(None, &[kind.as_bytes(), b"\0", minute.as_bytes(), b"\0", &body].concat())
    };
    let key = args.key.as_ref().map_or_else(of_content, |key| dedupe_key(Some(key), &body));
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Ok(Incoming { source: args.source.clone(), kind: kind_of(Some(kind)), dedupe_key: key, headers, body })
}

async fn take(deps: &Deps, call: &Call, incoming: Incoming) -> Result<Output> {
    let receipt = deps.inbox.take(call.tenant(), incoming).await?;
    Ok(Output { event_id: receipt.event_id, duplicate: receipt.is_duplicate })
}

async fn replay(deps: &Deps, call: &Call, event_id: &str, is_anew: bool) -> Result<Output> {
    let stored = events::find(deps.inbox.db(), call.tenant(), event_id).await?.ok_or_else(unknown)?;
    if is_anew {
        return take(deps, call, copy(&stored, deps.clock.now_ms())).await;
    }
    if stored.state == EventState::New {
        return Ok(Output { event_id: stored.event_id, duplicate: true });
    }
    events::requeue(deps.inbox.db(), call.tenant(), event_id).await?;
    deps.inbox.wake();
    Ok(Output { event_id: stored.event_id, duplicate: true })
}

/// The same event under a key of its own; asked for twice within a minute, once.
fn copy(stored: &Stored, now_ms: i64) -> Incoming {
    let again = format!("{}/{}", stored.event_id, now_ms.div_euclid(MINUTE_MS));
    Incoming {
        source: stored.source.clone(),
        kind: stored.kind.clone(),
        dedupe_key: again,
        headers: stored.headers.clone(),
        body: stored.body.clone(),
    }
}

fn unknown() -> Error {
    Error::new(ErrorCode::NotFound, "there is no event of that id").with_hint("list_events has the ids")
}
