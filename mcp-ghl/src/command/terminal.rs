//! What a command works with that a person types and that serves nobody.

use std::time::{Duration, Instant};

use common::audit::{self, Access, ArgumentsDigest, Ending, Outcome};
use common::bootstrap::{self, Foundation, Options};
use common::error::{Error, Result};
use common::tenant::TenantId;
use url::Url;

use crate::client::Client;
use crate::connections::Connections;
use crate::oauth::Logins;
use crate::{SERVER, Settings, base_url};

/// How long background work may take to end.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);

/// The ground floor, the settings, and the way to GoHighLevel.
pub(super) struct Terminal {
    pub(super) foundation: Foundation,
    pub(super) settings: Settings,
    pub(super) client: Client,
    /// Without tokens of the settings and without the demo account.
    pub(super) connections: Connections,
    pub(super) tenant: TenantId,
}

impl Terminal {
    /// For a tenant, or for that of the person at this machine.
    ///
    /// # Errors
    /// `failed_precondition` if a setting is not accepted.
    pub(super) fn new(options: &Options, tenant: Option<&TenantId>) -> Result<Self> {
        let (foundation, mut config) = bootstrap::foundation(&SERVER, options)?;
        // A person is there to answer.
        foundation.secrets.allow_asking();
        let settings: Settings = config.section("ghl")?;
        let base_url: Url = base_url(&settings)?;
        let logins = Logins::new(&foundation, &base_url, &settings.oauth);
        let tenant = tenant.unwrap_or_else(|| foundation.authenticator.local().tenant()).clone();
        Ok(Self {
            client: Client::new(foundation.http.clone()),
            connections: Connections::new(&base_url, Vec::new(), logins, None),
            foundation,
            settings,
            tenant,
        })
    }

    pub(super) fn logins(&self) -> &Logins {
        self.connections.logins()
    }

    /// Does something to the tenant's connections, with its intent and its outcome in the audit trail.
    ///
    /// # Errors
    /// Those of the work; those of the trail, and then nothing was done.
    pub(super) async fn recorded<T>(&self, command: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let audit = &self.foundation.audit;
        let operator = self.foundation.authenticator.operator(self.tenant.clone());
        let call = audit::Call::new(command, Access::Write, ArgumentsDigest::of(&serde_json::json!({})));
        let began = Instant::now();
        let intent = audit.intent(&operator, call).await?;
        let outcome = work.await;
        let code = outcome.as_ref().err().map(Error::code);
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        audit.outcome(&operator, Outcome { intent, ending: Ending { code, duration_ms, vendor_trace_id: None } }).await;
        outcome
    }

    /// Lets work in the background end.
    pub(super) async fn close(self) {
        self.foundation.tasks.shutdown(SHUTDOWN_PATIENCE).await;
    }
}
