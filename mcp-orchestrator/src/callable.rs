//! What workflows may call: whether it is there, whether it takes what they give, and what it may do to the world.

use std::collections::{BTreeMap, BTreeSet};

use common::auth::Caller;
use common::error::{Error, ErrorCode, Fault, Result};
use common::peer::{PeerTool, Peers};
use common::tool::{Access, Shape};
use futures_util::future::join_all;
use serde_json::Value;

use crate::workflow::nearest::nearest;
use crate::workflow::survey::{self, ToolCall};
use crate::workflow::{Pointer, Workflow};

/// Names offered in place of one that is not there.
const CANDIDATES_MAX: usize = 3;

/// Methods of HTTP that change nothing (RFC 9110, 9.2.1).
const SAFE_METHODS: [&str; 4] = ["GET", "HEAD", "OPTIONS", "TRACE"];

/// The tools of the servers that a workflow names, as the caller sees them.
#[derive(Debug)]
pub(crate) struct Callable {
    servers: BTreeMap<String, Result<Vec<PeerTool>>>,
    /// Names of all servers, for those that were misspelt.
    known: Vec<String>,
}

impl Callable {
    /// Asks the servers that a workflow names.
    pub(crate) async fn look_up(peers: &Peers, caller: &Caller, workflow: &Workflow) -> Self {
        let named: BTreeSet<&str> = survey::tool_calls(workflow).into_iter().map(|call| call.server).collect();
        let asked = named.into_iter().map(|server| async move {
            let tools = peers.tools(caller, server).await;
            (server.to_owned(), tools)
        });
        let servers = join_all(asked).await.into_iter().collect();
        let known = peers.servers(caller.tenant()).into_iter().map(|server| server.name).collect();
        Self { servers, known }
    }

    /// What is wrong with the calls of a workflow, each with its place in the definition.
    pub(crate) fn faults(&self, workflow: &Workflow) -> Vec<(Pointer, Fault)> {
        survey::tool_calls(workflow).into_iter().flat_map(|call| self.faults_of(&call)).collect()
    }

    /// What could not be looked at, in words.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let unasked = self.servers.iter().filter_map(|(name, tools)| {
            let error = tools.as_ref().err()?;
            Some(match error.code() {
                ErrorCode::NotFound => format!("the server `{name}` is not connected: its steps fail until it is"),
                _ => format!("the server `{name}` could not be asked for its tools: {}", error.message()),
            })
        });
        unasked.collect()
    }

    /// What a workflow may do to the world, at worst; a tool that could not be looked at may do anything. HTTP that
    /// changes something counts as reaching people: nobody is asked again when it is done.
    pub(crate) fn access(&self, workflow: &Workflow) -> Access {
        let is_safe = |method: &str| SAFE_METHODS.contains(&method);
        let reaches = survey::tool_calls(workflow).iter().any(|call| self.is_for_good(call))
            || survey::http_calls(workflow).iter().any(|http| !is_safe(&http.method));
        if reaches { Access::Send } else { Access::Write }
    }

    /// The tools of a workflow that reach people, destroy or cost money, or may: `ghl.send_message`, each once.
    pub(crate) fn for_good(&self, workflow: &Workflow) -> BTreeSet<String> {
        let calls = survey::tool_calls(workflow).into_iter().filter(|call| self.is_for_good(call));
        calls.map(|call| format!("{}.{}", call.server, call.tool)).collect()
    }

    fn is_for_good(&self, call: &ToolCall<'_>) -> bool {
        self.tool(call).is_none_or(|tool| tool.is_destructive && !tool.is_read_only)
    }

    fn tool(&self, call: &ToolCall<'_>) -> Option<&PeerTool> {
        let tools = self.servers.get(call.server)?.as_ref().ok()?;
        tools.iter().find(|tool| tool.name == call.tool)
    }

    fn faults_of(&self, call: &ToolCall<'_>) -> Vec<(Pointer, Fault)> {
        let at = |rest: &str| Pointer(format!("{}/with{rest}", call.task.pointer.0));
        let tools = match self.servers.get(call.server) {
            Some(Ok(tools)) => tools,
            // One that resembles none may be connected later.
            Some(Err(error)) if error.code() == ErrorCode::NotFound => {
                return self.misspelt(call.server).map(|fault| (at("/server"), fault)).into_iter().collect();
            }
            Some(Err(_)) | None => return Vec::new(),
        };
        let Some(tool) = tools.iter().find(|tool| tool.name == call.tool) else {
            return vec![(at("/tool"), no_tool(call, tools))];
        };
        let faults = faults_of_arguments(tool, call).into_iter();
        faults.map(|fault| (at(&format!("/arguments{}", fault.field)), fault)).collect()
    }

    fn misspelt(&self, name: &str) -> Option<Fault> {
        let close = nearest(name, self.known.iter().map(String::as_str), 1).first().copied()?;
        Some(fault(format!("there is no server `{name}`"), format!("perhaps `{close}`"), Some(close)))
    }
}

fn no_tool(call: &ToolCall<'_>, tools: &[PeerTool]) -> Fault {
    let names = || tools.iter().map(|tool| tool.name.as_str());
    let close = nearest(call.tool, names(), CANDIDATES_MAX);
    let expected = if close.is_empty() {
        format!("one of its {} tools that you may call", tools.len())
    } else {
        format!("perhaps {}", listed(close.iter().copied()))
    };
    fault(format!("`{}` has no tool `{}`", call.server, call.tool), expected, close.first().copied())
}

fn faults_of_arguments(tool: &PeerTool, call: &ToolCall<'_>) -> Vec<Fault> {
    let given = match call.arguments.source() {
        Value::Null => Value::Object(serde_json::Map::new()),
        given => given.clone(),
    };
    // A schema that is none is the other server's fault; the call itself will show.
    let Ok(shape) = Shape::new(&tool.input_schema) else { return Vec::new() };
    shape.faults_of_known(&given, &call.arguments.unknown())
}

fn fault(problem: String, expected: String, example: Option<&str>) -> Fault {
    Fault { field: String::new(), problem, expected, example: example.map(str::to_owned) }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// All that is wrong with a definition as one error.
pub(crate) fn refuse(text: &str, faults: Vec<(Pointer, Fault)>) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let flaws = crate::workflow::flaws_at(text, faults);
    let error: Error = crate::workflow::flaw::error_of(&flaws);
    Err(error.with_hint("validate_workflow looks at a definition without saving it"))
}
