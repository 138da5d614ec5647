//! One process with its peers: a server of its own, and those of its settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use common::auth::{Caller, Role};
use common::bootstrap::{Foundation, Settings};
use common::clock::Clock;
use common::peer::{PeerCall, PeerSettings, PeersSettings};
use common::tool::{DispatchSettings, Surface};
use common::transport::{Handler, in_process};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tests::oracles;
use tokio_util::sync::CancellationToken;

use crate::notes::{self, World};

/// Long enough for a Node server to start on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Stage {
    pub(crate) foundation: Foundation,
    pub(crate) world: Arc<World>,
    /// Removed with the stage.
    _folder: TempDir,
}

impl Stage {
    /// A process with these settings; `notes` is its own server.
    pub(crate) fn with(peers: PeersSettings, egress_allow: Vec<String>, clock: Clock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings { peers, ..Settings::default() };
        settings.http.egress_allow = egress_allow;
        // A key of its own, so that the vault works wherever the test runs.
        let key = folder.path().join("key");
        std::fs::write(&key, [7; 32]).unwrap();
        only_for_us(&key);
        settings.secrets.key = format!("file:{}", key.display()).parse().unwrap();
        let foundation = Foundation::lay(&settings, folder.path().join("data"), clock).unwrap();
        std::fs::create_dir_all(folder.path().join("data")).unwrap();
        let world = Arc::new(World::default());
        let server = Arc::new(notes::server(&world));
        let dispatch = Arc::new(foundation.dispatch(DispatchSettings::default()));
        let handler = Handler::new(server, dispatch, Surface::whole(), None, foundation.tasks.clone());
        let stopping = foundation.tasks.stopping().clone();
        foundation.peers.join("notes", move |end| in_process::serve(handler.clone(), end, stopping.child_token()));
        Self { foundation, world, _folder: folder }
    }

    /// The same with one server besides.
    pub(crate) fn beside(server: PeerSettings) -> Self {
        let settings = PeersSettings { servers: vec![server], ..PeersSettings::default() };
        Self::with(settings, Vec::new(), Clock::system())
    }

    pub(crate) async fn call(&self, caller: &Caller, call: PeerCall) -> common::error::Result<Value> {
        self.foundation.peers.call(caller, call).await
    }
}

/// Waits until something that happens beside the test has happened.
pub(crate) async fn eventually(has_happened: impl Fn() -> bool) {
    let waiting = async {
        let mut looking = tokio::time::interval(Duration::from_millis(10));
        while !has_happened() {
            looking.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it happens");
}

#[cfg(unix)]
fn only_for_us(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn only_for_us(_path: &Path) {}

/// Somebody of a tenant.
pub(crate) fn caller(subject: &str, tenant: &str, role: Role) -> Caller {
    Caller::local(subject, tenant.parse().unwrap(), role)
}

/// A member of `acme`.
pub(crate) fn ann() -> Caller {
    caller("ann", "acme", Role::Member)
}

/// A call with nothing but its arguments.
pub(crate) fn call(server: &str, tool: &str, arguments: Value) -> PeerCall {
    let arguments: Map<String, Value> = serde_json::from_value(arguments).unwrap();
    PeerCall {
        server: server.to_owned(),
        tool: tool.to_owned(),
        arguments,
        idempotency_key: None,
        approval: None,
        trace_id: None,
        deadline: PATIENCE,
        cancel: CancellationToken::new(),
    }
}

/// A server written in JavaScript, run by the pinned Node.
pub(crate) fn node(name: &str, script: PathBuf, args: &[&str]) -> PeerSettings {
    let node = oracles::node();
    let mut all = vec![script.display().to_string()];
    all.extend(args.iter().map(|arg| (*arg).to_owned()));
    PeerSettings {
        name: name.to_owned(),
        command: Some(node.display().to_string()),
        args: all,
        allow: vec!["*".to_owned()],
        ..PeerSettings::default()
    }
}

/// The reference server of the protocol's authors.
pub(crate) fn everything() -> PathBuf {
    oracles::folder().join("@modelcontextprotocol/server-everything/dist/index.js")
}

/// Our server that misbehaves on cue.
pub(crate) fn broken(mode: &str) -> PeerSettings {
    node("broken", oracles::workspace().join("tests/peers/broken_server.mjs"), &[mode])
}
