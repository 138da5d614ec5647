//! Starts the oracles and reads what they think.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::tasks::Tasks;
use serde::Deserialize;
use serde_json::Value;
use tests::oracles;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// Where the judges are on this machine.
pub(crate) struct Oracles {
    node: PathBuf,
    prism: PathBuf,
    gate: PathBuf,
    specification_v2: PathBuf,
    specification_v3: PathBuf,
}

impl Oracles {
    /// `None`, and a word about it, where they are missing; with `CI=true` that is a failure.
    pub(crate) fn find() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let modules = oracles::folder();
        // Beside the workspace; beside its parent in a worktree.
        let shared = root.ancestors().skip(1).map(|folder| folder.join("shared")).find(|shared| shared.exists());
        let shared = shared.unwrap_or_else(|| root.join("../shared"));
        let found = Self {
            node: oracles::node(),
            prism: modules.join("@stoplight/prism-cli/dist/index.js"),
            gate: shared.join("oracles/ghl/gate.mjs"),
            specification_v2: shared.join("specs/ghl/ghl-v2.strict.json"),
            specification_v3: shared.join("specs/ghl/ghl-v3.strict.json"),
        };
        let needed = [&found.prism, &found.gate, &found.specification_v2, &found.specification_v3];
        let Some(missing) = needed.into_iter().find(|path| !path.exists()) else { return Some(found) };
        assert!(!oracles::is_ci(), "{} is missing", missing.display());
        println!(
            "skipped: {} is missing; the official specifications are not part of this repository",
            missing.display()
        );
        None
    }

    /// The ids of the operations that the specification of v3 has.
    pub(crate) fn ids_of_v3(&self) -> BTreeSet<String> {
        let specification: Value = serde_json::from_slice(&std::fs::read(&self.specification_v3).unwrap()).unwrap();
        let paths = specification["paths"].as_object().unwrap().values();
        let methods = paths.flat_map(|path| path.as_object().unwrap().values());
        methods.filter_map(|operation| operation.get("operationId")?.as_str().map(str::to_owned)).collect()
    }
}

/// The gate with one Prism for each generation behind it, all gone when this is dropped.
pub(crate) struct Judge {
    pub address: SocketAddr,
    /// Judges whatever version is asked by the specification of v3: some of its operations demand a dated version.
    pub address_of_v3: SocketAddr,
    logs: [PathBuf; 2],
    _folder: tempfile::TempDir,
    _processes: Vec<Child>,
}

/// How often the oracles may be started before the test gives up.
const STARTS_MAX: usize = 4;

/// What the gate and Prism say about one call.
#[derive(Debug, Deserialize)]
pub(crate) struct Verdict {
    #[serde(rename = "gen")]
    pub generation: String,
    #[serde(rename = "op")]
    pub operation: Option<String>,
    #[serde(rename = "m")]
    #[expect(dead_code, reason = "shown when a verdict is printed")]
    method: String,
    #[serde(rename = "u")]
    #[expect(dead_code, reason = "shown when a verdict is printed")]
    target: String,
    pub status: u16,
    /// `response.body.contact.id: must be string`
    #[serde(rename = "viol")]
    pub violations: Vec<String>,
}

impl Judge {
    /// Between a caller and `upstream`. Prism takes about five seconds to read a specification. A port that was free may
    /// be taken before the oracle has it: then others are tried.
    pub(crate) async fn start(oracles: &Oracles, upstream: SocketAddr) -> Self {
        for _ in 0..STARTS_MAX {
            if let Some(judge) = Self::try_start(oracles, upstream).await {
                return judge;
            }
        }
        panic!("the oracles ended before they were ready, {STARTS_MAX} times");
    }

    async fn try_start(oracles: &Oracles, upstream: SocketAddr) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let logs = ["verdicts.jsonl", "verdicts_of_v3.jsonl"].map(|name| folder.path().join(name));
        let [gate_port, gate_port_of_v3, v2_port, v3_port] = free_ports().await;
        let upstream = format!("http://{upstream}");
        let proxy = |port: &str, specification: &Path| {
            let mut command = Command::new(&oracles.node);
            command
                .arg(&oracles.prism)
                .args(["proxy", "-h", "127.0.0.1", "-p", port])
                .arg(specification)
                .arg(&upstream);
            command
        };
        let (v2, v3) = tokio::join!(
            spawn(proxy(&v2_port, &oracles.specification_v2), "listening"),
            spawn(proxy(&v3_port, &oracles.specification_v3), "listening"),
        );
        let gate = |port: &str, older: (&str, &Path), log: &Path| {
            let mut gate = Command::new(&oracles.node);
            gate.arg(&oracles.gate).args([port, older.0, &v3_port]).args([older.1, &oracles.specification_v3, log]);
            gate
        };
        let (of_both, of_v3) = tokio::join!(
            spawn(gate(&gate_port, (&v2_port, &oracles.specification_v2), &logs[0]), "gate on"),
            spawn(gate(&gate_port_of_v3, (&v3_port, &oracles.specification_v3), &logs[1]), "gate on"),
        );
        let [address, address_of_v3] =
            [gate_port, gate_port_of_v3].map(|port| format!("127.0.0.1:{port}").parse().unwrap());
        Some(Self { address, address_of_v3, logs, _folder: folder, _processes: vec![of_both?, of_v3?, v2?, v3?] })
    }

    /// The verdicts since the last time. Prism cuts a list of violations at 8 kB and the gate then reads none, so the
    /// pages asked for are small.
    pub(crate) async fn take_verdicts(&self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for log in &self.logs {
            // There is no file before the first call.
            let Ok(text) = tokio::fs::read_to_string(log).await else { continue };
            tokio::fs::write(log, "").await.unwrap();
            verdicts.extend(text.lines().map(|line| serde_json::from_str::<Verdict>(line).unwrap()));
        }
        verdicts
    }
}

/// Starts a process and waits until its output says that it is ready; `None` if it ends before.
async fn spawn(mut command: Command, ready: &str) -> Option<Child> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains(ready) {
        line.clear();
        if output.read_line(&mut line).await.unwrap() == 0 {
            return None;
        }
    }
    // Prism logs each call; a full pipe would stop it.
    Tasks::new().spawn(async move {
        let mut rest = [0; 4096];
        while output.read(&mut rest).await.is_ok_and(|count| count > 0) {}
    });
    Some(child)
}

async fn free_ports() -> [String; 4] {
    let (a, b, c, d) = tokio::join!(free_port(), free_port(), free_port(), free_port());
    [&a, &b, &c, &d].map(|listener| listener.local_addr().unwrap().port().to_string())
}

async fn free_port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}
