//! Whether the parts of the process work, each with a reason if not.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;

use crate::error::Result;

type Probe = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<String>> + Send>> + Send + Sync>;

/// One thing that has to work.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    probe: Probe,
}

impl Check {
    /// A named check. What it returns, or its error's message and hint, becomes the reason.
    pub fn new<F>(name: &'static str, probe: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        Self { name, probe: Arc::new(move || Box::pin(probe())) }
    }

    async fn look(&self, patience: Duration) -> Finding {
        let (status, reason) = match tokio::time::timeout(patience, (self.probe)()).await {
            Ok(Ok(reason)) => (Status::Ok, reason),
            Ok(Err(error)) => (
                Status::Failed,
                error.hint().map_or_else(|| error.message().to_owned(), |hint| format!("{}; {hint}", error.message())),
            ),
            Err(_) => (Status::Failed, format!("no answer within {} ms", patience.as_millis())),
        };
        Finding { name: self.name, status, reason }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Check").field(&self.name).finish()
    }
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Failed,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub name: &'static str,
    pub status: Status,
    pub reason: String,
}

/// What all checks found; `status` is the worst of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub status: Status,
    pub checks: Vec<Finding>,
}

/// Makes all checks at once, each within `patience`.
pub async fn examine(checks: &[Check], patience: Duration) -> Report {
    let findings = join_all(checks.iter().map(|check| check.look(patience))).await;
    let has_failed = findings.iter().any(|finding| finding.status == Status::Failed);
    Report { status: if has_failed { Status::Failed } else { Status::Ok }, checks: findings }
}
