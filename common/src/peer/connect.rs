//! Opening a connection: whatever the transport, the same client at our end, in the newest era that both speak.

use std::sync::Arc;

use rmcp::RoleClient;
use rmcp::model::{ProtocolVersion, SubscriptionFilter};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, Peer, RunningService, serve_client_with_lifecycle_and_ct,
};
use rmcp::transport::streamable_http_client::{StreamableHttpClientTransport, StreamableHttpClientTransportConfig};
use rmcp::transport::{Transport, TransportAdapterIdentity};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use super::Surroundings;
use super::child::{self, Running, Start};
use super::ear::Ear;
use super::legacy_sse::LegacySse;
use super::line::Line;
use super::link::{TooLarge, told};
use super::settings::PeersSettings;
use super::streamable_http::{Wire, bearer};
use super::target::{Address, Program, Way};
use crate::auth::Role;
use crate::error::{Error, ErrorCode, Result};
use crate::secrets::SecretName;
use crate::tasks::Tasks;
use crate::tenant::TenantId;

/// An open connection, not looked after yet.
pub(super) struct Opened {
    pub(super) service: RunningService<RoleClient, Ear>,
    pub(super) ear: Ear,
    pub(super) child: Option<Running>,
    /// Ends it.
    pub(super) until: CancellationToken,
    pub(super) too_large: TooLarge,
}

/// Opens the connection of a line.
///
/// # Errors
/// `failed_precondition` if a secret is missing, refused, or the program cannot be started; `upstream_unavailable` or
/// `upstream_rejected` if the other side is none.
pub(super) async fn open(
    way: &Way,
    (name, line): (&Arc<str>, &Line),
    settings: &PeersSettings,
    around: &Surroundings,
) -> Result<Opened> {
    let (until, too_large) = (around.tasks.stopping().child_token(), TooLarge::default());
    // Whatever goes wrong from here on, nothing of it stays.
    let guard = until.clone().drop_guard();
    let bounds = Bounds { settings, around, until: &until, too_large: &too_large };
    let (service, ear, child) = match way {
        Way::Child(program) => bounds.child(program, name, line).await?,
        Way::Http(address) => bounds.http(address, &line.tenant).await?,
        Way::LegacySse(address) => bounds.legacy_sse(address, &line.tenant).await?,
    };
    let version = service.peer_info().map(|info| info.protocol_version.to_string());
    tracing::info!(peer.name = %name, peer.protocol = version, "connected to the server `{name}` over {}", way.as_str());
    drop(guard.disarm());
    Ok(Opened { service, ear, child, until, too_large })
}

type Connected = (RunningService<RoleClient, Ear>, Ear, Option<Running>);

struct Bounds<'a> {
    settings: &'a PeersSettings,
    around: &'a Surroundings,
    until: &'a CancellationToken,
    too_large: &'a TooLarge,
}

impl Bounds<'_> {
    async fn child(&self, program: &Program, name: &Arc<str>, line: &Line) -> Result<Connected> {
        let mut secrets = Vec::with_capacity(program.env_secrets.len());
        for (variable, secret) in &program.env_secrets {
            let value = self.secret(&line.tenant, secret).await?;
            secrets.push((variable.clone(), value.expose_secret().to_owned()));
        }
        let start = Start {
            name,
            more_args: line.acting.as_ref().map(|acting| identity(&line.tenant, acting)).unwrap_or_default(),
            inherited: &self.around.environment,
            secrets,
            line_bytes_max: self.settings.answer_bytes_max,
            end: self.too_large.clone(),
        };
        let (tasks, clock) = (&self.around.tasks, &self.around.clock);
        let (transport, child) = child::start(program, start, (tasks, clock), self.until.clone())?;
        let ear = Ear::default();
        match serve_client_with_lifecycle_and_ct(ear.clone(), transport, either_era(), self.until.clone()).await {
            Ok(service) => Ok((service, ear, Some(child))),
            Err(source) => {
                let clock = clock.clone();
                tasks.spawn(async move { child.end(&clock).await });
                Err(unable(source))
            }
        }
    }

    async fn http(&self, address: &Address, tenant: &TenantId) -> Result<Connected> {
        let wire = self.wire(address, tenant).await?;
        let mut config = StreamableHttpClientTransportConfig::with_uri(address.url.as_str());
        config.max_sse_event_size = self.settings.answer_bytes_max;
        config.max_concurrent_requests = self.settings.calls_per_server_max.max(1);
        let transport: StreamableHttpClientTransport<Wire> = StreamableHttpClientTransport::with_client(wire, config);
        self.greet(transport, either_era()).await
    }

    async fn legacy_sse(&self, address: &Address, tenant: &TenantId) -> Result<Connected> {
        let wire = self.wire(address, tenant).await?;
        let transport = LegacySse::open(wire, &address.url).await?;
        self.greet(transport, ClientLifecycleMode::Initialize).await
    }

    async fn greet<T>(&self, transport: T, mode: ClientLifecycleMode) -> Result<Connected>
    where
        T: Transport<RoleClient> + 'static,
    {
        let ear = Ear::default();
        let greeted = serve_client_with_lifecycle_and_ct::<_, _, _, TransportAdapterIdentity>(
            ear.clone(),
            transport,
            mode,
            self.until.clone(),
        );
        greeted.await.map(|service| (service, ear, None)).map_err(unable)
    }

    async fn wire(&self, address: &Address, tenant: &TenantId) -> Result<Wire> {
        let unsendable = || Error::new(ErrorCode::FailedPrecondition, "a secret holds what no header can");
        let mut headers = address.headers.clone();
        for (name, secret) in &address.header_secrets {
            let value = self.secret(tenant, secret).await?;
            let mut value = http::HeaderValue::from_str(value.expose_secret()).map_err(|_| unsendable())?;
            value.set_sensitive(true);
            headers.push((name.clone(), value));
        }
        if let Some(secret) = &address.bearer_secret {
            let value = self.secret(tenant, secret).await?;
            headers.push(bearer(value.expose_secret()).ok_or_else(unsendable)?);
        }
        Ok(Wire {
            http: self.around.http.clone(),
            tenant: tenant.clone(),
            headers: Arc::new(headers),
            deadline: std::time::Duration::from_millis(self.settings.deadline_ms),
            answer_bytes_max: self.settings.answer_bytes_max,
            too_large: self.too_large.clone(),
        })
    }

    async fn secret(&self, tenant: &TenantId, name: &SecretName) -> Result<secrecy::SecretString> {
        let stored = self.around.secrets.get(tenant, name).await?;
        stored.map(|stored| stored.value).ok_or_else(|| {
            let message = format!("the tenant `{tenant}` has no secret `{name}`");
            let hint = format!("`secrets set {name} --tenant {tenant}` keeps one");
            Error::new(ErrorCode::FailedPrecondition, message).with_hint(hint)
        })
    }
}

/// Hears from a server of the newer era that its list of tools has changed, for as long as the connection lasts; one of
/// the older era says so unasked.
pub(super) fn follow(peer: &Peer<RoleClient>, ear: Ear, tasks: &Tasks, until: CancellationToken) {
    let is_modern = |info: &rmcp::model::ServerPeerInfo| info.protocol_version >= ProtocolVersion::V_2026_07_28;
    let says_so = peer
        .peer_info()
        .filter(|info| is_modern(info))
        .is_some_and(|info| info.capabilities.tools.as_ref().is_some_and(|tools| tools.list_changed == Some(true)));
    if !says_so {
        return;
    }
    let peer = peer.clone();
    tasks.spawn(async move {
        let listening = async {
            let filter = SubscriptionFilter::builder().tools_list_changed().build();
            let Ok(mut subscription) = peer.listen(filter).await else { return };
            while let Ok(Some(_)) = subscription.next().await {
                ear.hear();
            }
        };
        until.run_until_cancelled(listening).await;
    });
}

/// The newer era where it is offered, else the older one.
fn either_era() -> ClientLifecycleMode {
    ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
    }
}

/// Who calls, as the settings of a server of ours that this process starts for them.
fn identity(tenant: &TenantId, (subject, role): &(String, Role)) -> Vec<String> {
    let role = match role {
        Role::Viewer => "viewer",
        Role::Member => "member",
        Role::Admin => "admin",
    };
    let settings = [format!("auth.tenant={tenant}"), format!("auth.subject={subject}"), format!("auth.role={role}")];
    settings.into_iter().flat_map(|setting| ["--set".to_owned(), setting]).collect()
}

fn unable(source: ClientInitializeError) -> Error {
    let transport = match &source {
        ClientInitializeError::TransportError { error, .. } => Some(error),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => match fallback.as_ref() {
            ClientInitializeError::TransportError { error, .. } => Some(error),
            _ => None,
        },
        _ => None,
    };
    let ours = transport.and_then(|error| told(error.error.as_ref()));
    ours.unwrap_or_else(|| {
        Error::new(ErrorCode::UpstreamUnavailable, "it does not answer as an MCP server does").with_source(source)
    })
}
