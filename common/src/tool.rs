//! What a tool is, and the one straight path that every call of every tool takes.
//!
//! A tool is a unit struct with an implementation of [`Tool`], in a file named after it. Everything a client sees of it
//! (schemas, annotations, validation) follows from the types; everything that must happen around it is in `dispatch`.

mod access;
mod added;
mod alias;
mod approval;
mod call;
mod dispatch;
mod encode;
mod idempotency;
mod offered;
mod plan;
mod registry;
mod schema;
mod shape;
mod surface;
mod task;
mod untrusted;

use std::future::Future;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::UnixMillis;
use crate::error::Result;

pub use crate::audit::Access;
pub use crate::plan::{Cost, Plan, PlanId};
pub(crate) use added::{KEY_IN_META, PLAN_IN_META};
pub use alias::{Alias, AliasMethod, AliasSource};
pub use approval::{
    Answer, ApprovalSettings, Approvals, InboxItem, Question, Said, Standing, TenantApprovalSettings, Voice,
};
pub(crate) use approval::{INBOX_URI, in_words as plan_in_words};
pub use call::{Call, Progress, ProgressStep};
pub use dispatch::{Dispatch, DispatchSettings, UnknownTool};
pub use encode::result_of;
pub use idempotency::IdempotencyKey;
pub use offered::{Finding, MoreTools, Offered};
pub use plan::ReadBack;
pub use registry::{Registry, Tools};
pub use schema::matches_pattern;
pub use shape::Shape;
pub(crate) use surface::ALL as ALL_TOOLSETS;
pub use surface::Surface;
pub(crate) use task::{Job, Started, unknown_task};
pub use task::{Stage, TaskDesk, TaskSettings, TaskView};
pub use untrusted::{Untrusted, UntrustedData, one_line};

/// One thing that an agent can do.
///
/// `NAME` is `verb_noun`; `DESCRIPTION` says what it does, when to use it and what comes back, in few tokens: clients that
/// defer tools search names and descriptions only.
pub trait Tool: Send + Sync + 'static {
    /// What the server gives to its tools: clients, stores, rules' settings.
    type Deps: Send + Sync + 'static;
    /// The arguments; `deny_unknown_fields`, every field described.
    type Args: DeserializeOwned + JsonSchema + Send + 'static;
    /// The answer: a contract. Identifiers, links and the next step's handles; no vendor field names.
    type Output: Serialize + JsonSchema + Send + 'static;

    const NAME: &'static str;
    const TITLE: &'static str;
    const DESCRIPTION: &'static str;
    /// What it may do to the world, at worst; annotations, role, audit and approval follow from it.
    const ACCESS: Access;
    /// What the mildest of its calls does. Where that is not [`Tool::ACCESS`], [`Tool::access_of`] is asked about each
    /// call. Never [`Access::Read`] for a tool that is not: whoever may only read does not see it.
    const ACCESS_MIN: Access = Self::ACCESS;
    /// The toolset it belongs to.
    const TOOLSET: &'static str;
    /// Whether the same call again changes nothing more (MCP `idempotentHint`). Reads always are.
    const IS_IDEMPOTENT: bool = false;
    /// Arguments of any form in which a null says something, such as that a field is to be emptied. In all others an
    /// explicit null means absent, at any depth; at the top it does in these, too.
    const TAKEN_AS_IS: &'static [&'static str] = &[];
    /// Whether it reaches systems outside this installation (MCP `openWorldHint`).
    const IS_OPEN_WORLD: bool = true;

    /// Whether it can take longer than a client waits: clients that know tasks (SEP-2663) then get one to ask for, all
    /// others the ordinary answer.
    const IS_LONG: bool = false;

    /// What this call does to the world, where that follows from its arguments: it is authorised, approved, counted and
    /// recorded by this class, between [`Tool::ACCESS_MIN`] and [`Tool::ACCESS`] in the order of [`Access`]; any other is
    /// `internal`. Nothing is changed by asking.
    fn access_of(_deps: &Self::Deps, _call: &Call, _args: &Self::Args) -> impl Future<Output = Result<Access>> + Send {
        std::future::ready(Ok(Self::ACCESS))
    }

    /// What the call would do, for whoever has to say yes. Every tool that sends, destroys or spends says it in full;
    /// nothing is changed by asking.
    fn plan(_deps: &Self::Deps, _call: &Call, _args: &Self::Args) -> impl Future<Output = Result<Plan>> + Send {
        std::future::ready(Ok(Plan::by_arguments()))
    }

    /// What became of a call with the same arguments, made after `since_ms`, whose answer was lost. Asked only of tools
    /// that are not idempotent: the others are simply called again.
    fn read_back(
        _deps: &Self::Deps,
        _call: &Call,
        _args: &Self::Args,
        _since_ms: UnixMillis,
    ) -> impl Future<Output = Result<ReadBack<Self::Output>>> + Send {
        std::future::ready(Ok(ReadBack::Unknown))
    }

    /// Does it: load, decide, save.
    fn call(deps: &Self::Deps, call: &Call, args: Self::Args) -> impl Future<Output = Result<Self::Output>> + Send;
}
