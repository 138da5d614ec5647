//! The server of this process: notes that belong to tenants.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::error::{Candidate, Error, ErrorCode, Result};
use common::server::McpServer;
use common::tool::{Access, Call, Plan, Tool, Tools};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tests::tools_only::server_of;

/// What the tools act on.
#[derive(Debug, Default)]
pub(crate) struct World {
    notes: Mutex<HashMap<String, Vec<String>>>,
    pub(crate) sent: AtomicUsize,
    /// Whether a call that waited was called off.
    pub(crate) was_cancelled: AtomicBool,
    pub(crate) traces: Mutex<Vec<Option<String>>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// What is written.
    #[schemars(length(min = 1, max = 40))]
    text: String,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoArgs {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Notes {
    /// All notes of the tenant.
    notes: Vec<String>,
    /// Who asked.
    subject: String,
}

fn notes_of(deps: &World, call: &Call) -> Notes {
    let notes = deps.notes.lock().unwrap().get(call.tenant().as_str()).cloned().unwrap_or_default();
    deps.traces.lock().unwrap().push(call.trace_id.clone());
    Notes { notes, subject: call.caller.subject().to_owned() }
}

macro_rules! tool {
    ($tool:ident, $name:literal, $access:ident, $args:ty, |$deps:ident, $call:ident, $given:ident| $body:expr) => {
        struct $tool;

        impl Tool for $tool {
            type Deps = World;
            type Args = $args;
            type Output = Notes;
            const NAME: &'static str = $name;
            const TITLE: &'static str = $name;
            const DESCRIPTION: &'static str = "Does next to nothing.";
            const ACCESS: Access = Access::$access;
            const TOOLSET: &'static str = "notes";

            async fn plan(_deps: &World, _call: &Call, args: &$args) -> Result<Plan> {
                Ok(Plan::of_one(format!("does it: {args:?}"), "everybody"))
            }

            async fn call($deps: &World, $call: &Call, $given: $args) -> Result<Notes> {
                $body
            }
        }
    };
}

tool!(ListNotes, "list_notes", Read, NoArgs, |deps, call, _args| Ok(notes_of(deps, call)));
tool!(AddNote, "add_note", Write, Args, |deps, call, args| {
    deps.notes.lock().unwrap().entry(call.tenant().to_string()).or_default().push(args.text);
    Ok(notes_of(deps, call))
});
tool!(SendNote, "send_note", Send, Args, |deps, call, _args| {
    deps.sent.fetch_add(1, Ordering::SeqCst);
    Ok(notes_of(deps, call))
});
tool!(FindNote, "find_note", Read, Args, |_deps, _call, args| {
    let candidate = Candidate { id: "note_1".to_owned(), name: args.text };
    Err(Error::new(ErrorCode::NotFound, "no such note")
        .with_hint("take one of the candidates")
        .with_candidates(vec![candidate])
        .with_retry_after(Duration::from_secs(3)))
});
tool!(WaitForNote, "wait_for_note", Read, NoArgs, |deps, call, _args| {
    call.cancel.cancelled().await;
    deps.was_cancelled.store(true, Ordering::SeqCst);
    Err(Error::new(ErrorCode::DeadlineExceeded, "nobody wrote one"))
});

pub(crate) fn server(world: &Arc<World>) -> McpServer {
    let tools = Tools::new(Arc::clone(world))
        .with::<ListNotes>()
        .with::<AddNote>()
        .with::<SendNote>()
        .with::<FindNote>()
        .with::<WaitForNote>();
    server_of("notes", "Notes", tools.build())
}
