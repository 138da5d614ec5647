//! The doors, one like the other: how a caller knocks at each, and whether there is a person to be asked.

use std::fmt;
use std::net::SocketAddr;

use common::audit::Decision;
use common::tool::{PlanId, Voice};
use serde_json::Value;

use crate::person::{Client, Era, Mood, code, error};
use crate::rest::{Program, outcome};
use crate::sse;
use crate::stage::{Stage, caller};

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    ModernAsking,
    ModernSilent,
    LegacyAsking,
    LegacySilent,
    ModernPipe,
    LegacyPipe,
    SseAsking,
    SseSilent,
    /// A program that names its plan in `Luminar-Plan-Id`.
    RestByHeader,
    /// A program that names its plan among the arguments.
    RestByArgument,
}

impl Door {
    pub(crate) const ALL: [Self; 10] = [
        Self::ModernAsking,
        Self::ModernSilent,
        Self::LegacyAsking,
        Self::LegacySilent,
        Self::ModernPipe,
        Self::LegacyPipe,
        Self::SseAsking,
        Self::SseSilent,
        Self::RestByHeader,
        Self::RestByArgument,
    ];

    /// Whether the person in front of the client can be asked.
    pub(crate) const fn asks(self) -> bool {
        match self {
            Self::ModernAsking | Self::LegacyAsking | Self::ModernPipe | Self::LegacyPipe | Self::SseAsking => true,
            Self::ModernSilent | Self::LegacySilent | Self::SseSilent | Self::RestByHeader | Self::RestByArgument => {
                false
            }
        }
    }

    /// Goes in as `ann`.
    pub(crate) async fn open(self, stage: &mut Stage, address: SocketAddr) -> Inside {
        let asks = self.asks();
        match self {
            Self::ModernAsking | Self::ModernSilent => {
                Inside::Client(Client::open(address, "ann", Era::Modern, asks).await)
            }
            Self::LegacyAsking | Self::LegacySilent => {
                Inside::Client(Client::open(address, "ann", Era::Legacy, asks).await)
            }
            Self::ModernPipe => Inside::Client(Client::over(stage.pipe(), Era::Modern, asks).await),
            Self::LegacyPipe => Inside::Client(Client::over(stage.pipe(), Era::Legacy, asks).await),
            Self::SseAsking | Self::SseSilent => {
                Inside::Client(Client::over(sse::connect(address, "ann").await, Era::Legacy, asks).await)
            }
            Self::RestByHeader => Inside::Program { program: Program::new(address, "ann"), is_by_header: true },
            Self::RestByArgument => Inside::Program { program: Program::new(address, "ann"), is_by_header: false },
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::ModernAsking => "modern, asks",
            Self::ModernSilent => "modern",
            Self::LegacyAsking => "legacy, asks",
            Self::LegacySilent => "legacy",
            Self::ModernPipe => "modern pipe, asks",
            Self::LegacyPipe => "legacy pipe, asks",
            Self::SseAsking => "SSE, asks",
            Self::SseSilent => "SSE",
            Self::RestByHeader => "REST, header",
            Self::RestByArgument => "REST, argument",
        })
    }
}

/// Somebody who is in.
pub(crate) enum Inside {
    Client(Client),
    Program { program: Program, is_by_header: bool },
}

/// What a call came to.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `ok`, or the error's code.
    pub(crate) code: String,
    /// The plan that needs a yes.
    pub(crate) plan_id: Option<String>,
}

impl Inside {
    /// Calls a tool, of a plan if there is one; whoever is asked is in that mood.
    pub(crate) async fn call(&self, tool: &str, mut arguments: Value, plan_id: Option<&str>, mood: Mood) -> Answer {
        let with_argument = |arguments: &mut Value| {
            if let Some(plan_id) = plan_id {
                arguments["approval_plan_id"] = plan_id.into();
            }
        };
        let (code, error) = match self {
            Self::Client(client) => {
                with_argument(&mut arguments);
                client.mood(mood);
                let result = client.call(tool, arguments).await;
                let code = code(&result);
                let error = if code == "ok" { Value::Null } else { error(&result).clone() };
                (code, error)
            }
            Self::Program { program, is_by_header } => {
                let named = plan_id.filter(|_| *is_by_header).map(|plan_id| ("Luminar-Plan-Id", plan_id));
                if !is_by_header {
                    with_argument(&mut arguments);
                }
                let answer = program.call(tool, arguments, named.as_slice()).await;
                outcome(&answer)
            }
        };
        Answer { code, plan_id: error["details"]["plan"]["plan_id"].as_str().map(str::to_owned) }
    }

    /// Another administrator says yes, over the same door where it has a way for that.
    pub(crate) async fn approve(&self, stage: &Stage, plan_id: &str) {
        let decision = match self {
            Self::Client(_) => {
                let plan = PlanId::parse(plan_id).expect("a plan id");
                let decided = stage.approvals.decide(&caller("bob"), Voice::Request, plan, Decision::Approved).await;
                decided.expect("another administrator may").state.to_owned()
            }
            Self::Program { program, .. } => {
                let answer = program.as_caller("bob").approve(plan_id).await;
                assert_eq!(answer.status, 200, "{answer:?}");
                answer.json()["state"].as_str().expect("a state").to_owned()
            }
        };
        assert_eq!(decision, "approved");
    }

    /// How often somebody was asked.
    pub(crate) fn asked(&self) -> u32 {
        match self {
            Self::Client(client) => client.asked(),
            Self::Program { .. } => 0,
        }
    }
}
