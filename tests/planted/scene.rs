//! A machine with our programs on it, and everything that came out of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tests::planted::{Finding, Planted};
use tests::{binary, http};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

/// How long a program may take for anything.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

pub(crate) const OUTPUT: &str = "standard output";
pub(crate) const LOGS: &str = "standard error: all logs, at `trace`";
pub(crate) const ANSWERS: &str = "answers and errors to clients";
pub(crate) const LISTING: &str = "process listing";
pub(crate) const FIGURES: &str = "figures, health, OpenAPI";

pub(crate) struct Scene {
    folder: TempDir,
    /// What came out, by place.
    outputs: BTreeMap<&'static str, Vec<Vec<u8>>>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["given", "data", "work", "logs"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, outputs: BTreeMap::new() }
    }

    /// `given` is what the operator hands over, secrets in it; everything else is ours.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn give(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path("given").join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn note(&mut self, place: &'static str, text: impl Into<Vec<u8>>) {
        self.outputs.entry(place).or_default().push(text.into());
    }

    /// Whatever every user of the machine sees of all processes.
    pub(crate) fn list_processes(&mut self) {
        for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            for name in ["cmdline", "comm"] {
                // Processes end while they are looked at.
                if let Ok(seen) = std::fs::read(entry.path().join(name)) {
                    self.note(LISTING, seen);
                }
            }
        }
    }

    /// A program with the passphrase at descriptor 3, from a parent that wants its core dump.
    pub(crate) fn command(&self, program: &str, settings: &Path, words: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\" 3<../given/passphrase"]);
        command.arg(binary::path(program)).args(words).arg("--data-dir").arg(self.path("data"));
        command.arg("--config").arg(settings).current_dir(self.path("work")).env_clear();
        command.env("HOME", self.path("data")).env("XDG_RUNTIME_DIR", self.path("data")).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a program to its end and notes all that it said; whether it succeeded, and the words.
    pub(crate) async fn run(&mut self, mut command: Command, input: &str) -> (bool, String) {
        let what = format!("{command:?}");
        let mut child = command.spawn().unwrap();
        // A program that refuses its settings does not read.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()).await);
        self.list_processes();
        let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await;
        let output = output.unwrap_or_else(|_| panic!("it ends: {what}")).unwrap();
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        self.note(OUTPUT, output.stdout);
        self.note(LOGS, output.stderr);
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// Starts an HTTP server whose log is a file, and waits until it answers.
    pub(crate) async fn serve(&self, program: &str, settings: &Path) -> (Child, std::net::SocketAddr) {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let port = free.port().to_string();
        let mut command = self.command(program, settings, &["http", "--port", &port]);
        let log = |name: &str| File::create(self.path("logs").join(format!("{program}-{port}-{name}"))).unwrap();
        let child = command.stdout(log("out")).stderr(log("err")).spawn().unwrap();
        let healthy = async {
            while http::get_status(free, "/health/live").await != 200 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, healthy).await.expect("the server answers");
        (child, free)
    }

    /// Starts a program and returns the first line of its output that `is_wanted`.
    pub(crate) async fn until_line(
        &mut self,
        mut command: Command,
        input: &str,
        is_wanted: impl Fn(&str) -> bool,
    ) -> (Child, String) {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        loop {
            let line = tokio::time::timeout(LIMIT, lines.next_line()).await.expect("a line").unwrap();
            let Some(line) = line else {
                let mut said = String::new();
                child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
                panic!("it ended early: {said}");
            };
            self.note(OUTPUT, line.clone());
            if is_wanted(&line) {
                self.list_processes();
                return (child, line);
            }
        }
    }

    /// Looks at everything that came out.
    pub(crate) fn search(&self, planted: &Planted) -> BTreeMap<&'static str, (usize, Vec<Finding>)> {
        let mut found = BTreeMap::new();
        for (place, outputs) in &self.outputs {
            let findings = outputs.iter().flat_map(|bytes| planted.search_bytes(place, bytes)).collect();
            found.insert(*place, (outputs.iter().map(Vec::len).sum(), findings));
        }
        for (place, name) in [("database files, with -wal", "data"), ("backup and working folder", "work")] {
            let folder = self.path(name);
            found.insert(place, (size(&folder), planted.search_folder(&folder)));
        }
        let logs = self.path("logs");
        let (bytes, findings) = found.entry(LOGS).or_default();
        *bytes += size(&logs);
        findings.extend(planted.search_folder(&logs));
        found
    }
}

fn size(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| if path.is_dir() { size(&path) } else { std::fs::read(path).unwrap().len() }).sum()
}
