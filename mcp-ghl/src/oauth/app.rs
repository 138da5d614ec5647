//! Where the marketplace app's id and secret come from.

use common::error::{Error, ErrorCode, Result};
use common::secrets::{SecretName, Secrets};
use common::tenant::TenantId;
use secrecy::SecretString;

use super::endpoint::App;
use super::settings::OAuthSettings;

/// Where a tenant keeps the app's secret if the settings do not hold it. Not among the logins, which a logout removes.
const CLIENT_SECRET: &str = "ghl/app/client_secret";

/// The app as it is configured.
#[derive(Debug, Clone)]
pub(super) struct AppSource {
    client_id: Option<String>,
    client_secret: Option<SecretString>,
}

impl AppSource {
    pub(super) fn new(settings: &OAuthSettings) -> Self {
        Self { client_id: settings.client_id.clone(), client_secret: settings.client_secret.clone() }
    }

    /// The app's own id, by which the vendor lists where it is installed: the client id up to its first `-`.
    pub(super) fn app_id(&self) -> Option<&str> {
        self.client_id.as_deref()?.split('-').next()
    }

    /// # Errors
    /// `failed_precondition` naming what is not configured; those of the secret store.
    pub(super) async fn get(&self, secrets: &Secrets, tenant: &TenantId) -> Result<App> {
        let client_id = self.client_id.clone().ok_or_else(|| lacks("client_id"))?;
        let client_secret = match &self.client_secret {
            Some(client_secret) => client_secret.clone(),
            None => secrets.get(tenant, &name()?).await?.ok_or_else(|| lacks("client_secret"))?.value,
        };
        Ok(App { client_id, client_secret })
    }

    /// Keeps the app's secret for a tenant.
    ///
    /// # Errors
    /// Those of the secret store.
    pub(super) async fn keep_secret(secrets: &Secrets, tenant: &TenantId, client_secret: &SecretString) -> Result<()> {
        secrets.put(tenant, &name()?, client_secret).await.map(drop)
    }
}

fn name() -> Result<SecretName> {
    CLIENT_SECRET.parse()
}

fn lacks(setting: &str) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("`ghl.oauth.{setting}` is not set"))
        .with_hint("make an app in GoHighLevel's marketplace and put its client id and secret under `[ghl.oauth]`")
}
