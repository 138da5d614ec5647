//! A server as a child process that serves HTTP on a free loopback port.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::{binary, http};

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How often its health is asked meanwhile.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct HttpServer {
    pub address: SocketAddr,
    child: Child,
}

impl HttpServer {
    /// Starts `program http --port <free> --data-dir data` with nothing of the caller's environment, and waits until it answers.
    ///
    /// # Panics
    /// If the server does not answer within 20 s.
    pub async fn start(program: &str, data: &Path, extra: &[&str]) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = free.local_addr().expect("a bound listener has an address");
        drop(free);
        let mut command = Command::new(binary::path(program));
        command.args(["http", "--port", &address.port().to_string(), "--data-dir"]).arg(data).args(extra);
        command.env_clear().env("HOME", data).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the server starts");
        let mut asking = tokio::time::interval(ASK_EVERY);
        let healthy = async {
            while http::get_status(address, "/health/live").await != 200 {
                let ended = child.try_wait().expect("the server can be awaited");
                assert!(ended.is_none(), "the server ended at once: {ended:?}");
                asking.tick().await;
            }
        };
        tokio::time::timeout(START_LIMIT, healthy).await.expect("the server answers");
        Self { address, child }
    }

    /// Its process id.
    ///
    /// # Panics
    /// If it has ended.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// Asks the server to end, as an operator does (SIGTERM).
    ///
    /// # Panics
    /// If it cannot be signalled.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("the server runs").to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().await.expect("`kill` is there");
        assert!(status.success());
    }

    /// Kills the server, as a crash would (SIGKILL), and waits until it is gone.
    ///
    /// # Panics
    /// If it cannot be killed.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("the server runs");
    }

    /// Whether it ended with success within `limit`.
    pub async fn ends_within(&mut self, limit: Duration) -> bool {
        let ended = tokio::time::timeout(limit, self.child.wait()).await;
        ended.is_ok_and(|status| status.is_ok_and(|status| status.success()))
    }

    /// Where MCP is spoken.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}
