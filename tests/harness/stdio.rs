//! A server as a child process, spoken to line by line over its pipes: exactly what is sent is what is seen.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use crate::{binary, message};

/// How long a server may take for one answer before the test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<Lines<BufReader<ChildStdout>>>,
    stderr: Option<ChildStderr>,
    last_id: u64,
}

impl Server {
    /// Starts `program stdio --data-dir data` with nothing of the caller's environment but what is given.
    #[must_use]
    pub fn start(program: &str, data: &Path, extra: &[&str]) -> Self {
        let mut command = Command::new(binary::path(program));
        command.arg("stdio").arg("--data-dir").arg(data).args(extra);
        Self::spawn(&mut command, data, &[])
    }

    /// Starts any command whose standard streams are an MCP connection, with `HOME` and `variables` as its environment.
    ///
    /// # Panics
    /// If the command cannot be started.
    #[must_use]
    pub fn spawn(command: &mut Command, home: impl AsRef<OsStr>, variables: &[(&str, &str)]) -> Self {
        command.env_clear().env("HOME", home).envs(variables.iter().copied()).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let stdout = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        Self { child, stdin, stdout, stderr, last_id: 0 }
    }

    /// The process id, for signals and `/proc`.
    ///
    /// # Panics
    /// If the server has ended.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// Writes one line as it is. Writing to a server that has gone is no error: its silence is what tests look at.
    pub async fn send_line(&mut self, line: &str) {
        self.send_raw(format!("{line}\n").as_bytes()).await;
    }

    /// Writes bytes as they are, whole lines or not.
    pub async fn send_raw(&mut self, bytes: &[u8]) {
        let Some(stdin) = &mut self.stdin else { return };
        let _ = stdin.write_all(bytes).await;
        let _ = stdin.flush().await;
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_line(&message.to_string()).await;
    }

    /// The next line, or `None` once the server has closed its output.
    ///
    /// # Panics
    /// If nothing comes within [`PATIENCE`].
    pub async fn next_line(&mut self) -> Option<String> {
        let stdout = self.stdout.as_mut()?;
        let line = tokio::time::timeout(PATIENCE, stdout.next_line()).await;
        line.expect("the server says something in time").expect("its output is UTF-8")
    }

    /// The next message.
    ///
    /// # Panics
    /// If the server has closed its output, or sends a line that is no JSON object.
    pub async fn next(&mut self) -> Value {
        let line = self.next_line().await.expect("the server is still there");
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a JSON-RPC frame: {line}"));
        assert!(message.is_object(), "not a JSON-RPC frame: {line}");
        message
    }

    /// The answer to the request `id`; other messages on the way are passed over.
    pub async fn answer_to(&mut self, id: u64) -> Value {
        loop {
            let message = self.next().await;
            if message.get("id") == Some(&json!(id)) && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// Sends a request of a session and returns its id at once.
    pub async fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.last_id += 1;
        self.send(&message::request(self.last_id, method, params)).await;
        self.last_id
    }

    /// Sends a request of a session and waits for the answer.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params).await;
        self.answer_to(id).await
    }

    /// Sends a stateless request (MCP 2026-07-28) and waits for the answer.
    pub async fn call_stateless(&mut self, method: &str, params: Value) -> Value {
        self.call(method, message::with_stateless_meta(params)).await
    }

    /// Opens a session the way clients up to MCP 2025-11-25 do. Returns the result of `initialize`.
    pub async fn initialize(&mut self) -> Value {
        let answer = self.call("initialize", message::initialize_params()).await;
        self.send(&message::initialized()).await;
        answer.get("result").cloned().unwrap_or_else(|| panic!("the server refuses to initialise: {answer}"))
    }

    /// Closes the server's input, as a client that ends in order does.
    pub fn close_input(&mut self) {
        self.stdin = None;
    }

    /// Closes our end of the server's output, as a client that vanishes does.
    pub fn close_output(&mut self) {
        self.stdout = None;
    }

    /// The exit status, if the server ends within `limit`.
    pub async fn exit_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        tokio::time::timeout(limit, self.child.wait())
            .await
            .ok()
            .map(|status| status.expect("the server can be awaited"))
    }

    /// Everything written to the error stream; waits until the server has closed it.
    pub async fn read_errors(&mut self) -> String {
        let mut errors = Vec::new();
        if let Some(stderr) = &mut self.stderr {
            let _ = tokio::time::timeout(PATIENCE, stderr.read_to_end(&mut errors)).await;
        }
        String::from_utf8_lossy(&errors).into_owned()
    }
}
