//! A tenant's ways into GoHighLevel: tokens from the settings, or the demo account's.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;

use crate::record_id::RecordId;

/// `[[ghl.connections]]`: one Private Integration Token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSettings {
    /// Whose it is.
    pub tenant: TenantId,
    /// The token, `pit-…` (GoHighLevel: Settings, Private Integrations).
    #[schemars(with = "String")]
    pub token: SecretString,
    /// The location that the token was made in; absent for an agency's token.
    #[schemars(with = "Option<String>")]
    pub location_id: Option<RecordId>,
    /// The agency that the token was made in, for an agency's token.
    #[schemars(with = "Option<String>")]
    pub company_id: Option<RecordId>,
}

/// What a token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The records of one location.
    Location(RecordId),
    /// The list of an agency's locations, not their records.
    Agency { company_id: Option<RecordId> },
}

/// One token and where it is used.
#[derive(Debug, Clone)]
pub struct Connection {
    pub base_url: Url,
    pub token: SecretString,
    pub reach: Reach,
    /// Its records are invented.
    pub is_demo: bool,
}

impl Connection {
    /// The location whose records it opens.
    #[must_use]
    pub fn location_id(&self) -> Option<&RecordId> {
        match &self.reach {
            Reach::Location(id) => Some(id),
            Reach::Agency { .. } => None,
        }
    }
}

/// A tenant's connections.
pub type ConnectionList = Arc<[Arc<Connection>]>;

/// Starts the demo account and says how to reach it.
pub type StartDemo = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Vec<Connection>>> + Send>> + Send + Sync>;

/// An invented account for a tenant that has connected nothing. It starts when it is first needed, once.
pub struct Demo {
    tenant: TenantId,
    start: StartDemo,
    started: OnceCell<ConnectionList>,
}

impl Demo {
    /// A demo account for one tenant; `start` runs at the first call that needs it.
    #[must_use]
    pub fn new(tenant: TenantId, start: StartDemo) -> Self {
        Self { tenant, start, started: OnceCell::new() }
    }

    async fn connections(&self) -> Result<ConnectionList> {
        let started = self.started.get_or_try_init(|| async {
            let connections = (self.start)().await?;
            Ok::<_, Error>(connections.into_iter().map(Arc::new).collect())
        });
        started.await.cloned()
    }
}

impl fmt::Debug for Demo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Demo").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// All tenants' connections.
#[derive(Debug)]
pub(crate) struct Connections {
    configured: HashMap<TenantId, ConnectionList>,
    demo: Option<Demo>,
}

impl Connections {
    pub(crate) fn new(base_url: &Url, settings: Vec<ConnectionSettings>, demo: Option<Demo>) -> Self {
        let mut by_tenant: HashMap<TenantId, Vec<Arc<Connection>>> = HashMap::new();
        for each in settings {
            let reach = match each.location_id {
                Some(id) => Reach::Location(id),
                None => Reach::Agency { company_id: each.company_id },
            };
            let connection = Connection { base_url: base_url.clone(), token: each.token, reach, is_demo: false };
            by_tenant.entry(each.tenant).or_default().push(Arc::new(connection));
        }
        let configured = by_tenant.into_iter().map(|(tenant, list)| (tenant, list.into())).collect();
        Self { configured, demo }
    }

    /// A tenant's connections, at least one.
    ///
    /// # Errors
    /// `failed_precondition` if the tenant has connected nothing; those of starting the demo account.
    pub(crate) async fn of(&self, tenant: &TenantId) -> Result<ConnectionList> {
        if let Some(list) = self.configured.get(tenant) {
            return Ok(Arc::clone(list));
        }
        match self.demo.as_ref().filter(|demo| demo.tenant == *tenant) {
            Some(demo) => demo.connections().await,
            None => Err(Error::new(ErrorCode::FailedPrecondition, "no GoHighLevel account is connected")
                .with_hint("ask the operator to add a private integration token under `[[ghl.connections]]`")),
        }
    }
}
