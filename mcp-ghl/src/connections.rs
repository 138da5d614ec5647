//! A tenant's ways into GoHighLevel: tokens from the settings, logins, or the demo account's tokens.

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

use crate::oauth::{Login, Logins, Stored};
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

/// What a connection shows to the vendor.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A private integration token: it neither ends nor changes.
    Token(SecretString),
    /// A login: its token is renewed.
    Login(Arc<Login>),
}

impl From<SecretString> for Credential {
    fn from(token: SecretString) -> Self {
        Self::Token(token)
    }
}

impl From<&str> for Credential {
    fn from(token: &str) -> Self {
        Self::Token(token.into())
    }
}

/// One token or login, and where it is used.
#[derive(Debug, Clone)]
pub struct Connection {
    pub base_url: Url,
    pub credential: Credential,
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
    base_url: Url,
    configured: HashMap<TenantId, ConnectionList>,
    logins: Logins,
    demo: Option<Demo>,
}

impl Connections {
    pub(crate) fn new(base_url: &Url, settings: Vec<ConnectionSettings>, logins: Logins, demo: Option<Demo>) -> Self {
        let mut by_tenant: HashMap<TenantId, Vec<Arc<Connection>>> = HashMap::new();
        for each in settings {
            let reach = match each.location_id {
                Some(id) => Reach::Location(id),
                None => Reach::Agency { company_id: each.company_id },
            };
            let credential = each.token.into();
            let connection = Connection { base_url: base_url.clone(), credential, reach, is_demo: false };
            by_tenant.entry(each.tenant).or_default().push(Arc::new(connection));
        }
        let configured = by_tenant.into_iter().map(|(tenant, list)| (tenant, list.into())).collect();
        Self { base_url: base_url.clone(), configured, logins, demo }
    }

    /// How many tokens the settings hold for a tenant.
    pub(crate) fn configured_count(&self, tenant: &TenantId) -> usize {
        self.configured.get(tenant).map_or(0, |list| list.len())
    }

    /// The logins among them.
    pub(crate) fn logins(&self) -> &Logins {
        &self.logins
    }

    /// A tenant's connections, at least one: logins first, then configured tokens, which win where both reach a
    /// location. The demo account's where there are neither.
    ///
    /// # Errors
    /// `failed_precondition` if the tenant has connected nothing; those of the secret store and of starting the demo
    /// account.
    pub(crate) async fn of(&self, tenant: &TenantId) -> Result<ConnectionList> {
        let logins = self.logins.of(tenant).await?;
        let configured = self.configured.get(tenant);
        match (configured, logins.as_slice()) {
            (Some(list), []) => Ok(Arc::clone(list)),
            (None, []) => self.demo(tenant).await,
            (configured, logins) => {
                let logins = logins.iter().map(|login| Arc::new(self.connection(login)));
                Ok(logins.chain(configured.into_iter().flat_map(|list| list.iter().cloned())).collect())
            }
        }
    }

    async fn demo(&self, tenant: &TenantId) -> Result<ConnectionList> {
        match self.demo.as_ref().filter(|demo| demo.tenant == *tenant) {
            Some(demo) => demo.connections().await,
            None => Err(Error::new(ErrorCode::FailedPrecondition, "no GoHighLevel account is connected").with_hint(
                "ask the operator to log in with `mcp-ghl login`, or to add a private integration token under \
                 `[[ghl.connections]]`",
            )),
        }
    }

    /// The connection of a stored login.
    pub(crate) fn connection(&self, stored: &Stored) -> Connection {
        let (login, reach) = match stored {
            Stored::Agency { login, company_id } => (login, Reach::Agency { company_id: company_id.clone() }),
            Stored::Location { login, location_id } => (login, Reach::Location(location_id.clone())),
        };
        self.over(login, reach)
    }

    /// A location that an agency's login opens.
    ///
    /// # Errors
    /// None for an id of the vendor.
    pub(crate) fn opened_by(&self, agency: &Arc<Login>, location_id: &RecordId) -> Result<Connection> {
        let login = self.logins.location_of(agency, location_id)?;
        Ok(self.over(&login, Reach::Location(location_id.clone())))
    }

    fn over(&self, login: &Arc<Login>, reach: Reach) -> Connection {
        let credential = Credential::Login(Arc::clone(login));
        Connection { base_url: self.base_url.clone(), credential, reach, is_demo: false }
    }
}
