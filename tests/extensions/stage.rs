//! The product's own door over a server with long tools, in this process.

use std::path::Path;
use std::sync::Arc;

use common::auth::{Role, TokenSettings};
use common::bootstrap::{Foundation, Settings};
use common::clock::Clock;
use common::tool::Surface;
use common::transport::Handler;
use common::transport::streamable_http::{Door, Port};
use tempfile::TempDir;
use tests::long_tools;
use tokio::task::JoinSet;

use crate::client::Client;

/// Who may call: token (its SHA-256 is what `printf %s TOKEN | sha256sum` prints), subject and tenant.
const CALLERS: [(&str, &str, &str, &str); 3] = [
    ("anna", "55579b557896d0ce1764c47fed644f9b35f58bad620674af23f356d80ed0c503", "anna", "acme"),
    ("bert", "32987c4b7a9fb90e729425fc63e7bb81ce2cb1f80140ddeddc968aa79a34e8f8", "bert", "acme"),
    // The same name in another house.
    ("carl", "69bfe1e6e44821df7f8a0927bd7e61ef208fdb25deaa4353450bc3fb904abd52", "anna", "other"),
];

/// A running server; it ends when dropped.
pub(crate) struct Stage {
    pub(crate) anna: Client,
    /// Of the same tenant.
    pub(crate) bert: Client,
    /// Also called anna, of another tenant.
    pub(crate) carl: Client,
    pub(crate) foundation: Foundation,
    _serving: JoinSet<common::error::Result<()>>,
    _state: Option<TempDir>,
}

impl Stage {
    /// Serves with the settings that `adjust` makes of the defaults.
    pub(crate) async fn set(clock: Clock, adjust: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let stage = Self::over(folder.path(), clock, adjust).await;
        Self { _state: Some(folder), ..stage }
    }

    /// The same over a folder that others may share.
    pub(crate) async fn over(data: &Path, clock: Clock, adjust: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        settings.server.port = 0;
        settings.auth.tokens = CALLERS.map(token).into();
        adjust(&mut settings);
        let foundation = Foundation::lay(&settings, data.to_owned(), clock).expect("settings are accepted");
        let surroundings = foundation.surroundings(Vec::new());
        let dispatch = Arc::new(foundation.dispatch(settings.tools));
        let handler =
            Handler::new(Arc::new(long_tools::server()), dispatch, Surface::whole(), None, foundation.tasks.clone());
        let port = Port::open(settings.server, surroundings).await.expect("a loopback port is free");
        let address = port.address();
        let mut serving = JoinSet::new();
        serving.spawn(port.serve(vec![Door::new(handler)]));
        let [anna, bert, carl] = CALLERS.map(|(token, ..)| Client { address, token: Some(token) });
        Self { anna, bert, carl, foundation, _serving: serving, _state: None }
    }
}

fn token((_, sha256, subject, tenant): (&str, &str, &str, &str)) -> TokenSettings {
    TokenSettings {
        subject: subject.to_owned(),
        sha256: sha256.to_owned(),
        tenant: tenant.parse().expect("a tenant id"),
        role: Role::Member,
        scopes: Vec::new(),
    }
}
