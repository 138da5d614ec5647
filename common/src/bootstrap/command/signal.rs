//! How the process is told to stop.

/// Fires `stopping` when the process is asked to end (SIGTERM, Ctrl-C).
pub async fn stop_on_signal(stopping: tokio_util::sync::CancellationToken) {
    tokio::select! {
        () = asked_to_end() => stopping.cancel(),
        () = stopping.cancelled() => {}
    }
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    drop(tokio::signal::ctrl_c().await);
}
