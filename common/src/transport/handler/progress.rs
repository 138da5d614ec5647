//! Passes a call's progress on while it runs.

use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::Peer;
use tokio::sync::mpsc;

use crate::tool::ProgressStep;

/// Runs `work` to its end and sends every step on; all of them go out before the answer.
pub(super) async fn with_progress<T>(
    work: impl Future<Output = T>,
    mut steps: mpsc::Receiver<ProgressStep>,
    peer: &Peer<RoleServer>,
    token: ProgressToken,
) -> T {
    let tell = async |step: ProgressStep| {
        let mut report = ProgressNotificationParam::new(token.clone(), f64::from(step.done)).with_message(step.message);
        if let Some(total) = step.total {
            report = report.with_total(f64::from(total));
        }
        drop(peer.notify_progress(report).await);
    };
    let mut work = std::pin::pin!(work);
    let answer = loop {
        tokio::select! {
            answer = &mut work => break answer,
            Some(step) = steps.recv() => tell(step).await,
        }
    };
    while let Ok(step) = steps.try_recv() {
        tell(step).await;
    }
    answer
}
