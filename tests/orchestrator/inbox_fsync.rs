//! The order of system calls: an event is on the disk before its sender hears so. What a kill cannot show, the loss of
//! power would.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use tests::http::{exchange, get_status};
use tests::senders::hmac_hex;
use tests::{binary, oracles};
use tokio::process::{Child, Command};

const EVENTS: usize = 20;

/// What matters of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Request,
    /// The write-ahead log is on the disk.
    Flushed,
    Yes,
}

#[tokio::test]
async fn the_log_is_flushed_before_a_sender_is_answered() {
    let data = tempfile::tempdir().unwrap();
    let settings = data.path().join("settings.toml");
    std::fs::write(&settings, "[[orchestrator.sources]]\nname = \"git\"\nkind = \"hmac\"\nsecret = \"s\"\nid_header = \"x-github-delivery\"\n").unwrap();
    let trace = data.path().join("trace");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(mut server) = start(data.path(), &trace, port) else { return };
    let address = ([127, 0, 0, 1], port).into();
    while get_status(address, "/health/ready").await != 200 {
        if server.try_wait().unwrap().is_some() {
            assert!(!oracles::is_ci(), "strace may not trace here");
            eprintln!("skipped: strace may not trace here");
            return;
        }
        tokio::task::yield_now().await;
    }
    for number in 0..EVENTS {
        let (key, body) = (format!("event-{number}"), format!("{{\"n\":{number}}}"));
        let headers = hmac_hex("s", &key, &body);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(exchange(address, "POST", "/webhooks/git/local", &headers, &body).await.status, 200);
    }
    server.kill().await.unwrap();
    let whole = loop {
        let text = std::fs::read_to_string(&trace).unwrap();
        if text.contains("killed by SIGKILL") {
            break text;
        }
        tokio::task::yield_now().await;
    };
    let steps = read(&whole);
    let (mut answered, mut is_flushed, mut is_asked) = (0, false, false);
    for step in &steps {
        match step {
            Step::Request => (is_asked, is_flushed) = (true, false),
            Step::Flushed => is_flushed = true,
            Step::Yes if is_asked => {
                assert!(is_flushed, "a yes before the flush, after {answered} good ones: {steps:?}");
                (answered, is_asked) = (answered + 1, false);
            }
            Step::Yes => {}
        }
    }
    assert_eq!(answered, EVENTS, "every answer was seen: {steps:?}");
    println!("{answered} answers, each behind a flush of the log");
}

/// The server under `strace`; nothing where there is none.
fn start(data: &Path, trace: &Path, port: u16) -> Option<Child> {
    let mut command = Command::new("strace");
    // `-D`: the child is the server itself, and strace the child of nobody.
    let calls = "trace=fsync,fdatasync,read,recvfrom,write,writev,sendto";
    command.args(["-D", "-f", "-y", "-s", "40", "-e", calls, "-o"]);
    command.arg(trace).arg(binary::path("mcp-orchestrator"));
    command.args(["http", "--port", &port.to_string(), "--data-dir"]).arg(data);
    command.arg("--config").arg(data.join("settings.toml"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    match command.spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            assert!(!oracles::is_ci(), "strace: {error}");
            eprintln!("skipped: strace: {error}");
            None
        }
    }
}

/// The steps in the order in which they ended. A call that others interrupt in the trace has two lines.
fn read(trace: &str) -> Vec<Step> {
    let mut unfinished = HashMap::new();
    let mut steps = Vec::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let whole = if let Some(begun) = call.strip_suffix("<unfinished ...>") {
            // What is being said is as good as said.
            if is_yes(begun) {
                steps.push(Step::Yes);
            } else {
                unfinished.insert(thread, begun);
            }
            continue;
        } else if call.starts_with("<...") {
            let begun = unfinished.remove(thread).unwrap_or_default();
            format!("{begun}{call}")
        } else {
            call.to_owned()
        };
        if is_yes(&whole) {
            steps.push(Step::Yes);
        } else if whole.contains("\"POST /webhooks/") {
            steps.push(Step::Request);
        } else if whole.contains("sync(") && whole.contains("-wal>") && whole.trim_end().ends_with("= 0") {
            steps.push(Step::Flushed);
        }
    }
    steps
}

fn is_yes(call: &str) -> bool {
    call.contains("\"HTTP/1.1 200") && !call.starts_with("re")
}
