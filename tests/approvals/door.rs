//! The doors, one like the other: how a caller knocks at each, and whether there is a person to be asked.

use std::fmt;
use std::net::SocketAddr;

use serde_json::Value;

use crate::person::{Client, Era, Mood, code, error};
use crate::stage::Stage;

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    ModernAsking,
    ModernSilent,
    LegacyAsking,
    LegacySilent,
    ModernPipe,
    LegacyPipe,
}

impl Door {
    pub(crate) const ALL: [Self; 6] = [
        Self::ModernAsking,
        Self::ModernSilent,
        Self::LegacyAsking,
        Self::LegacySilent,
        Self::ModernPipe,
        Self::LegacyPipe,
    ];

    /// Whether the person in front of the client can be asked.
    pub(crate) const fn asks(self) -> bool {
        match self {
            Self::ModernAsking | Self::LegacyAsking | Self::ModernPipe | Self::LegacyPipe => true,
            Self::ModernSilent | Self::LegacySilent => false,
        }
    }

    /// Goes in as `ann`.
    pub(crate) async fn open(self, stage: &mut Stage, address: SocketAddr) -> Inside {
        let era = match self {
            Self::ModernAsking | Self::ModernSilent | Self::ModernPipe => Era::Modern,
            Self::LegacyAsking | Self::LegacySilent | Self::LegacyPipe => Era::Legacy,
        };
        let client = match self {
            Self::ModernPipe | Self::LegacyPipe => Client::over(stage.pipe(), era, self.asks()).await,
            Self::ModernAsking | Self::ModernSilent | Self::LegacyAsking | Self::LegacySilent => {
                Client::open(address, "ann", era, self.asks()).await
            }
        };
        Inside { client }
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
        })
    }
}

/// Somebody who is in.
pub(crate) struct Inside {
    client: Client,
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
    /// Calls a tool; whoever is asked is in that mood.
    pub(crate) async fn call(&self, tool: &str, arguments: Value, mood: Mood) -> Answer {
        self.client.mood(mood);
        let result = self.client.call(tool, arguments).await;
        let code = code(&result);
        let plan_id = (code != "ok").then(|| error(&result)["details"]["plan"]["plan_id"].as_str().map(str::to_owned));
        Answer { code, plan_id: plan_id.flatten() }
    }

    /// How often somebody was asked.
    pub(crate) fn asked(&self) -> u32 {
        self.client.asked()
    }
}
