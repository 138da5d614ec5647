//! A Restate server for tests: the pinned one, on free ports, in a folder of its own, ended when it is dropped.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::oracles;

/// How long it may take until it is healthy.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long an answer of its health may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// A server on this machine.
#[derive(Debug)]
pub struct RestateServer {
    child: Mutex<Option<Child>>,
    folder: TempDir,
    ingress: SocketAddr,
    admin: SocketAddr,
    node: SocketAddr,
}

/// The server that the tests of this program share while any of them uses it.
static SHARED: Mutex<Weak<RestateServer>> = Mutex::new(Weak::new());

impl RestateServer {
    /// Another one.
    ///
    /// # Panics
    /// If the oracles are not installed, or it does not become healthy in time.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test stops here")]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [ingress, admin, node] = [(); 3].map(|()| free_address());
        let server = Self { child: Mutex::new(None), folder, ingress, admin, node };
        server.start_again();
        server
    }

    /// The one that other tests use already, or another one.
    ///
    /// # Panics
    /// As [`RestateServer::start`].
    #[must_use]
    pub fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start());
        *shared = Arc::downgrade(&server);
        server
    }

    /// Where runs are handed in.
    #[must_use]
    pub fn ingress(&self) -> String {
        format!("http://{}", self.ingress)
    }

    /// Where deployments are made known.
    #[must_use]
    pub fn admin(&self) -> String {
        format!("http://{}", self.admin)
    }

    /// Id of its process; none while it is dead.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Child::id)
    }

    /// Ends it without a word, as `kill -9` does.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Already gone is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it on the ports and in the folder that it had, and waits until it is healthy.
    ///
    /// # Panics
    /// If it does not become healthy in time.
    #[expect(clippy::expect_used, reason = "a test stops here")]
    pub fn start_again(&self) {
        self.kill();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log()).expect("a log");
        let mut command = Command::new(program());
        command.arg("--no-logo").args(["--listen-mode", "tcp"]).current_dir(self.folder.path());
        command.env("RESTATE_BASE_DIR", self.folder.path().join("data"));
        command.env("RESTATE_NODE_NAME", "test").env("RESTATE_BIND_IP", "127.0.0.1");
        command.env("RESTATE_BIND_PORT", self.node.port().to_string());
        command.env("RESTATE_INGRESS__BIND_PORT", self.ingress.port().to_string());
        command.env("RESTATE_ADMIN__BIND_PORT", self.admin.port().to_string());
        command.env("RESTATE_DEFAULT_NUM_PARTITIONS", "4").env("RESTATE_ADMIN__DISABLE_WEB_UI", "true");
        command.env("RESTATE_DISABLE_TELEMETRY", "true").env("DO_NOT_TRACK", "1");
        command.env("RESTATE_LOG_DISABLE_ANSI_CODES", "true");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        let child = command.spawn().expect("the Restate server starts");
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        let began = Instant::now();
        while !(is_healthy(self.admin, "/health") && is_healthy(self.ingress, "/restate/health")) {
            assert!(began.elapsed() < START_LIMIT, "the Restate server does not become healthy: {}", self.log_text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Until it knows a service.
    ///
    /// # Panics
    /// If that takes too long.
    pub fn wait_for(&self, service: &str) {
        let began = Instant::now();
        while !is_healthy(self.admin, &format!("/services/{service}")) {
            assert!(began.elapsed() < START_LIMIT, "Restate does not know {service}: {}", self.log_text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// What it has logged.
    #[must_use]
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }
}

impl Drop for RestateServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The server's program, of this machine's kind.
fn program() -> PathBuf {
    let pinned = ["restate-server-linux-x64", "restate-server-linux-arm64"];
    let programs = pinned.map(|package| oracles::folder().join("@restatedev").join(package).join("bin/restate-server"));
    let found = programs.iter().find(|program| program.is_file()).cloned();
    assert!(found.is_some(), "the Restate server is not among the oracles: run `tests/run` once");
    found.unwrap_or_default()
}

/// An address on loopback that was free a moment ago.
///
/// # Panics
/// If there is none.
#[must_use]
#[expect(clippy::expect_used, reason = "a test stops here")]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
    listener.local_addr().expect("a bound listener has an address")
}

fn is_healthy(address: SocketAddr, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.set_read_timeout(Some(ANSWER_LIMIT)).is_ok()
        && stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}
