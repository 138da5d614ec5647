//! Tools that take long, written against the product's own trait: what the official suite asks for by name, and what
//! our tests need to hold, ask, fail and stop.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::error::{Error, ErrorCode, Result};
use common::server::McpServer;
use common::tool::{Access, Call, Registry, Tool, Tools};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tools_only::server_of;

/// A server that has nothing else.
#[must_use]
pub fn server() -> McpServer {
    server_of("long", "Long work", all())
}

/// All of them; they work with nothing.
#[must_use]
pub fn all() -> Registry {
    Tools::new(Arc::new(()))
        .with::<SlowCompute>()
        .with::<SlowChange>()
        .with::<FailingJob>()
        .with::<ProtocolErrorJob>()
        .with::<ConfirmDelete>()
        .with::<MultiInput>()
        .with::<GreetLater>()
        .build()
}

/// What every one of them answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Done {
    /// What was done.
    done: String,
}

fn done(what: impl Into<String>) -> Done {
    Done { done: what.into() }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// How long, in seconds.
    seconds: u64,
    /// What to call it.
    label: Option<String>,
}

macro_rules! long_tool {
    ($tool:ident, $name:literal, $args:ty, $access:expr, $work:expr) => {
        #[derive(Debug)]
        pub struct $tool;

        impl Tool for $tool {
            type Deps = ();
            type Args = $args;
            type Output = Done;

            const NAME: &'static str = $name;
            const TITLE: &'static str = $name;
            const DESCRIPTION: &'static str = "A fixture that takes long.";
            const ACCESS: Access = $access;
            const TOOLSET: &'static str = "fixtures";
            const IS_LONG: bool = true;

            async fn call((): &(), call: &Call, args: $args) -> Result<Done> {
                let work: fn(Call, $args) -> _ = $work;
                work(call.clone(), args).await
            }
        }
    };
}

long_tool!(SlowCompute, "slow_compute", Span, Access::Read, |call, span| Box::pin(wait(call, span)));
long_tool!(SlowChange, "slow_change", Span, Access::Write, |call, span| Box::pin(wait(call, span)));
long_tool!(FailingJob, "failing_job", Nothing, Access::Read, |_, _| Box::pin(async {
    pause(Duration::from_millis(300)).await;
    Err(Error::new(ErrorCode::FailedPrecondition, "the job always fails"))
}));
long_tool!(ProtocolErrorJob, "protocol_error_job", Nothing, Access::Read, |_, _| Box::pin(async {
    panic!("as it should")
}));
long_tool!(ConfirmDelete, "confirm_delete", Filename, Access::Read, |call, file| Box::pin(confirm(call, file)));
long_tool!(MultiInput, "multi_input", Nothing, Access::Read, |call, _| Box::pin(async move {
    let (name, again) = tokio::join!(call.ask::<Name>("What is your name?"), call.ask::<Name>("And again?"));
    Ok(done(format!("{:?}, {:?}", name?.map(|name| name.name), again?.map(|name| name.name))))
}));
long_tool!(GreetLater, "test_tool_with_task", Whom, Access::Read, |_, whom| Box::pin(async move {
    Ok(done(format!("Hello, {}!", whom.user_name)))
}));

async fn wait(call: Call, span: Span) -> Result<Done> {
    let label = span.label.unwrap_or_else(|| "nameless".to_owned());
    call.progress.report(0, None, format!("waiting: {label}"));
    let _working = Working::new(&label);
    pause(Duration::from_secs(span.seconds)).await;
    Ok(done(format!("{label} after {} s", span.seconds)))
}

/// The labels of the work that goes on in this process.
static AT_WORK: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// Whether work with this label goes on in this process.
#[must_use]
pub fn is_at_work(label: &str) -> bool {
    AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|labels| labels.contains(label))
}

/// Work that goes on until this is dropped.
struct Working {
    label: String,
}

impl Working {
    fn new(label: &str) -> Self {
        AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(label.to_owned());
        Self { label: label.to_owned() }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if let Some(labels) = AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            labels.remove(&self.label);
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filename {
    /// Which file.
    filename: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub struct Confirmation {
    /// Whether to go on.
    confirm: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub struct Name {
    /// What they are called.
    name: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// Whom to greet.
    user_name: String,
}

async fn confirm(call: Call, file: Filename) -> Result<Done> {
    let answer = call.ask::<Confirmation>(&format!("Delete {}?", file.filename)).await?;
    let is_confirmed = answer.is_some_and(|answer| answer.confirm);
    Ok(done(format!("{} {}", file.filename, if is_confirmed { "is deleted" } else { "stays" })))
}

#[expect(clippy::disallowed_methods, reason = "the suite asks for work that takes real time")]
async fn pause(span: Duration) {
    tokio::time::sleep(span).await;
}
