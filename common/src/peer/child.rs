//! A server as a child process: started with little of our environment, in a process group of its own, listened to, and
//! ended with all that it has started itself.

use std::ffi::OsString;
use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio_util::sync::CancellationToken;

use super::link::TooLarge;
use super::target::Program;
use crate::clock::Clock;
use crate::error::{Error, ErrorCode, Result};
use crate::tasks::Tasks;
use crate::tool::one_line;

/// How long it may take to end by itself once its input has ended, and again once it was told to.
const PATIENCE: Duration = Duration::from_secs(1);

/// Longest line of its standard error that is written to the log, in characters.
const LOG_LINE_LENGTH_MAX: usize = 500;

/// Lines of its standard error that are written to the log within [`LOG_WINDOW`]; more are counted.
const LOG_LINES_MAX: u32 = 100;

const LOG_WINDOW: Duration = Duration::from_mins(1);

/// What a connection to a child speaks through.
pub(super) type ChildTransport = AsyncRwTransport<RoleClient, Bounded<ChildStdout>, ChildStdin>;

/// A running child.
#[derive(Debug)]
pub(super) struct Running {
    name: Arc<str>,
    child: Child,
}

/// What a child is started with besides its program.
#[derive(Debug)]
pub(super) struct Start<'a> {
    pub(super) name: &'a Arc<str>,
    pub(super) more_args: Vec<String>,
    /// What it sees of our own environment.
    pub(super) inherited: &'a [(OsString, OsString)],
    pub(super) secrets: Vec<(String, String)>,
    pub(super) line_bytes_max: usize,
    /// Where it is written down that a line was too long.
    pub(super) end: TooLarge,
}

/// Starts a program. Its standard error goes to the log until `ended` fires.
///
/// # Errors
/// `failed_precondition` if it cannot be started.
pub(super) fn start(
    program: &Program,
    start: Start<'_>,
    (tasks, clock): (&Tasks, &Clock),
    ended: CancellationToken,
) -> Result<(ChildTransport, Running)> {
    let mut command = Command::new(&program.command);
    command.args(&program.args).args(start.more_args);
    command.env_clear().envs(start.inherited.iter().map(|(name, value)| (name, value)));
    command.envs(program.env.iter().map(|(name, value)| (name, value)));
    command.envs(start.secrets);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let cannot = |source: io::Error| {
        Error::new(ErrorCode::FailedPrecondition, "the program cannot be started")
            .with_hint("see `command` in `[[peers.servers]]`: it has to be on the PATH, or an absolute path")
            .with_source(source)
    };
    let mut child = command.spawn().map_err(cannot)?;
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(cannot(io::Error::other("it has no pipes")));
    };
    tasks.spawn(log(Arc::clone(start.name), stderr, clock.clone(), ended));
    let stdout = Bounded { inner: stdout, line_bytes: 0, line_bytes_max: start.line_bytes_max, end: start.end };
    // The limit is kept before this reader, which would drop what is too long and leave its caller waiting.
    let transport = AsyncRwTransport::new_client(stdout, stdin).with_max_line_length(usize::MAX);
    Ok((transport, Running { name: Arc::clone(start.name), child }))
}

impl Running {
    /// Waits until it has ended, having made it do so. Its input has ended before.
    pub(super) async fn end(mut self, clock: &Clock) {
        #[cfg(unix)]
        let group = self.child.id();
        if !self.ends_within(clock, PATIENCE).await {
            #[cfg(unix)]
            signal(group, rustix::process::Signal::TERM);
            #[cfg(unix)]
            self.ends_within(clock, PATIENCE).await;
        }
        // Also what it has started and left behind.
        #[cfg(unix)]
        signal(group, rustix::process::Signal::KILL);
        // Gone already, as a rule.
        drop(self.child.kill().await);
        tracing::debug!(peer.name = %self.name, "the server `{}` has ended", self.name);
    }

    async fn ends_within(&mut self, clock: &Clock, span: Duration) -> bool {
        tokio::select! {
            biased;
            _ = self.child.wait() => true,
            () = clock.sleep(span) => false,
        }
    }
}

/// Signals a whole group; one that is gone is no failure.
#[cfg(unix)]
fn signal(group: Option<u32>, signal: rustix::process::Signal) {
    let group = group.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        let _gone = rustix::process::kill_process_group(group, signal);
    }
}

/// Writes what a child says on its standard error to the log: as an outsider's words, and not too many of them.
async fn log(name: Arc<str>, mut stderr: ChildStderr, clock: Clock, ended: CancellationToken) {
    let (mut chunk, mut line) = (vec![0; 4096], Vec::new());
    let (mut window_ms, mut lines, mut left_out) = (clock.now_ms(), 0_u32, 0_u32);
    let mut say = |line: &[u8]| {
        if crate::clock::after(window_ms, LOG_WINDOW) <= clock.now_ms() {
            if left_out > 0 {
                tracing::info!(peer.name = %name, peer.lines = left_out, "the server `{name}` said {left_out} lines more");
            }
            (window_ms, lines, left_out) = (clock.now_ms(), 0, 0);
        }
        let text = one_line(&String::from_utf8_lossy(line), LOG_LINE_LENGTH_MAX);
        match text.as_str() {
            "" => {}
            _ if lines >= LOG_LINES_MAX => left_out = left_out.saturating_add(1),
            text => {
                lines += 1;
                tracing::info!(peer.name = %name, peer.said = text, "the server `{name}` said something");
            }
        }
    };
    let reading = async {
        while let Ok(length @ 1..) = stderr.read(&mut chunk).await {
            let read = chunk.get(..length).unwrap_or_default();
            for piece in read.split_inclusive(|byte| *byte == b'\n') {
                if line.len() < LOG_LINE_LENGTH_MAX * 4 {
                    line.extend_from_slice(piece);
                }
                if piece.ends_with(b"\n") {
                    say(&line);
                    line.clear();
                }
            }
        }
    };
    ended.run_until_cancelled(reading).await;
    say(&line);
}

/// Standard output that breaks off with a line that is too long.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    inner: R,
    line_bytes: usize,
    line_bytes_max: usize,
    end: TooLarge,
}

impl<R: AsyncRead + Unpin> AsyncRead for Bounded<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        if matches!(polled, Poll::Ready(Ok(()))) {
            let read = buffer.filled().get(before..).unwrap_or_default();
            for piece in read.split_inclusive(|byte| *byte == b'\n') {
                self.line_bytes = self.line_bytes.saturating_add(piece.len());
                if self.line_bytes > self.line_bytes_max {
                    self.end.happened();
                    return Poll::Ready(Err(io::Error::other("a message is too large")));
                }
                if piece.ends_with(b"\n") {
                    self.line_bytes = 0;
                }
            }
        }
        polled
    }
}
