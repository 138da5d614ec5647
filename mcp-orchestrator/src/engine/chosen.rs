//! The engine that the settings ask for.

use std::sync::Arc;

use common::error::Result;
#[cfg(not(feature = "restate"))]
use common::error::{Error, ErrorCode};
use tokio_util::sync::CancellationToken;

#[cfg(feature = "restate")]
use super::Restate;
use super::{Embedded, Engine, EngineKind, Parts};

/// One of the engines. Cheap to clone; all clones are one engine.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    Embedded(Embedded),
    #[cfg(feature = "restate")]
    Restate(Restate),
}

impl Chosen {
    /// Connects to nothing.
    ///
    /// # Errors
    /// `failed_precondition` if its settings are not accepted, or this program was built without it.
    pub(crate) fn new(parts: Parts) -> Result<Self> {
        match parts.settings.kind {
            EngineKind::Embedded => Ok(Self::Embedded(Embedded::new(parts))),
            EngineKind::Restate => Self::restate(parts),
        }
    }

    #[cfg(feature = "restate")]
    fn restate(parts: Parts) -> Result<Self> {
        Restate::new(parts).map(Self::Restate)
    }

    #[cfg(not(feature = "restate"))]
    fn restate(_: Parts) -> Result<Self> {
        let message = "this program was built without Restate";
        Err(Error::new(ErrorCode::FailedPrecondition, message)
            .with_hint("build it with `--features restate`, or set `orchestrator.engine.kind` to `embedded`"))
    }

    pub(crate) async fn serve(self, stop: CancellationToken) {
        match self {
            Self::Embedded(engine) => engine.serve(stop).await,
            #[cfg(feature = "restate")]
            Self::Restate(engine) => engine.serve(stop).await,
        }
    }

    /// As [`Embedded::forget_old`].
    pub(crate) async fn forget_old(&self) -> Result<u64> {
        match self {
            Self::Embedded(engine) => engine.forget_old().await,
            #[cfg(feature = "restate")]
            Self::Restate(engine) => engine.forget_old().await,
        }
    }

    pub(crate) fn engine(self) -> Arc<dyn Engine> {
        match self {
            Self::Embedded(engine) => Arc::new(engine),
            #[cfg(feature = "restate")]
            Self::Restate(engine) => Arc::new(engine),
        }
    }
}
