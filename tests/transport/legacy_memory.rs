//! Sessions of both older transports, opened by the thousand and abandoned: memory comes to rest, and the cap holds.

use std::time::Duration;

use tests::http::exchange;
use tests::http_server::HttpServer;
use tests::load::memory;
use tests::{message, time};

use crate::legacy_sse::Session;

/// Sessions in each wave.
const SESSIONS: usize = 2_000;

/// Waves; after the first, memory that is free is used again.
const WAVES: usize = 5;

/// What the last two waves may add over SSE, where 20 waves come to rest within 1 MiB of each other. 2,000 sessions take some
/// 100 MiB while they are open, so that sessions which stay would add 200.
const SSE_GROWTH_MIB_MAX: f64 = 10.0;

/// The same over streamable HTTP, whose sessions are the SDK's: the allocator's heap still spreads a little with each of the
/// first waves, less with each. Sessions which stay would add 220 MiB.
const STREAMABLE_GROWTH_MIB_MAX: f64 = 80.0;

const SETTINGS: &str = "[server]\nsse_sessions_max = 2000\nsse_session_idle_s = 10\nsessions_max = 2000\nsession_idle_s = 10\nstreams_max = 5000\n";

async fn start(data: &tempfile::TempDir) -> HttpServer {
    let file = data.path().join("settings.toml");
    std::fs::write(&file, SETTINGS).unwrap();
    HttpServer::start("mcp-ghl", data.path(), &["--config", file.to_str().unwrap()]).await
}

fn resident_mib(server: &HttpServer) -> f64 {
    memory(server.id()).resident_mib
}

fn judge(what: &str, at_rest: &[f64], growth_mib_max: f64) {
    let growth = at_rest[WAVES] - at_rest[WAVES - 2];
    assert!(growth < growth_mib_max, "{what}: two waves added {growth:.1} MiB: {at_rest:?}");
}

fn is_skipped() -> bool {
    let is_skipped = !time::is_full_run();
    if is_skipped {
        println!("skipped: takes a minute; set LUMINAR_FULL=1, or run tests/run --full");
    }
    is_skipped
}

#[tokio::test]
async fn abandoned_sse_sessions_leave_no_memory_behind() {
    if is_skipped() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = start(&data).await;
    let mut at_rest = vec![resident_mib(&server)];
    for wave in 1..=WAVES {
        let mut sessions = Vec::with_capacity(SESSIONS);
        for _ in 0..SESSIONS {
            sessions.push(Session::open(server.address, "/sse", &[]).await.expect("a session"));
        }
        assert_eq!(Session::open(server.address, "/sse", &[]).await.err(), Some(503), "the cap holds");
        let open = resident_mib(&server);
        if wave % 2 == 0 {
            // Every other wave goes by itself; the others expire under clients that go on listening.
            sessions.clear();
        }
        until(async || Session::open(server.address, "/sse", &[]).await.is_ok()).await;
        drop(sessions);
        at_rest.push(resident_mib(&server));
        println!("SSE, wave {wave}: {open:.1} MiB with {SESSIONS} sessions, {:.1} MiB after them", at_rest[wave]);
    }
    judge("SSE", &at_rest, SSE_GROWTH_MIB_MAX);
}

#[tokio::test]
async fn abandoned_streamable_sessions_leave_no_memory_behind() {
    if is_skipped() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = start(&data).await;
    let body = message::request(1, "initialize", message::initialize_params()).to_string();
    let headers = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
    let initialize = async || exchange(server.address, "POST", "/mcp", &headers, &body).await.status;
    let mut at_rest = vec![resident_mib(&server)];
    for wave in 1..=WAVES {
        let mut opened = 0;
        while opened <= 2 * SESSIONS && initialize().await == 200 {
            opened += 1;
        }
        assert!((SESSIONS / 2..2 * SESSIONS).contains(&opened), "{opened} sessions were opened: the cap holds");
        let open = resident_mib(&server);
        until(async || initialize().await == 200).await;
        at_rest.push(resident_mib(&server));
        println!(
            "streamable HTTP, wave {wave}: {open:.1} MiB with {opened} sessions, {:.1} MiB after them",
            at_rest[wave]
        );
    }
    judge("streamable HTTP", &at_rest, STREAMABLE_GROWTH_MIB_MAX);
}

/// Waits until it holds, and then for as long as the rest of a wave may take.
async fn until(holds: impl AsyncFn() -> bool) {
    let mut asking = tokio::time::interval(Duration::from_millis(500));
    let waiting = async {
        while !holds().await {
            asking.tick().await;
        }
        // The rest of the wave ends in the time that it took to open it.
        for _ in 0..20 {
            asking.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), waiting).await.expect("it comes to rest");
}
