//! Logins to GoHighLevel: a person allows our app, the tokens lie in the secret store, and connections use them.

mod app;
mod authorize;
mod endpoint;
mod failure;
mod login;
mod loopback;
mod settings;
mod tokens;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use common::bootstrap::Foundation;
use common::error::{Error, ErrorCode, Result};
use common::secrets::SecretName;
use common::tenant::TenantId;
use secrecy::SecretString;
use url::Url;

use crate::record_id::RecordId;
use app::AppSource;
use endpoint::Endpoint;
use login::{Means, Origin};
use tokens::UserType;

pub(crate) use authorize::{Attempt, Question};
pub use login::Login;
pub use settings::OAuthSettings;
pub(crate) use tokens::TokenSet;

/// An agency's login; a tenant has one.
const AGENCY: &str = "ghl/oauth/agency";

/// Tokens of locations that were made from the agency's are named below this.
const MADE: &str = "ghl/oauth/agency/";

/// Logins of single locations are named below this.
const LOCATION: &str = "ghl/oauth/location/";

/// What is put and removed to see whether the secret store takes anything.
const TRIAL: &str = "ghl/trial";

/// Most logins that are remembered; beyond it all are read anew.
const LOGINS_MAX: usize = 10_000;

/// The logins of all tenants. A login is the same value wherever it is used, so that its callers share its turns.
#[derive(Debug)]
pub(crate) struct Logins {
    means: Arc<Means>,
    open: Mutex<HashMap<(TenantId, SecretName), Arc<Login>>>,
}

/// A stored login, and what it opens.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    Agency { login: Arc<Login>, company_id: Option<RecordId> },
    Location { login: Arc<Login>, location_id: RecordId },
}

impl Logins {
    /// Opens nothing.
    pub(crate) fn new(foundation: &Foundation, base_url: &Url, settings: &OAuthSettings) -> Self {
        let clock = foundation.clock.clone();
        let means = Means {
            secrets: foundation.secrets.clone(),
            endpoint: Endpoint::new(foundation.http.clone(), clock.clone(), base_url.clone()),
            clock,
            tasks: foundation.tasks.clone(),
            app: AppSource::new(settings),
        };
        Self { means: Arc::new(means), open: Mutex::default() }
    }

    /// The app's id, if an app is configured.
    pub(crate) fn app_id(&self) -> Option<&str> {
        self.means.app.app_id()
    }

    /// A tenant's logins, the agency's first.
    ///
    /// # Errors
    /// Those of the secret store.
    pub(crate) async fn of(&self, tenant: &TenantId) -> Result<Vec<Stored>> {
        let mut found = Vec::new();
        let login = self.login(tenant, AGENCY.parse()?, || Origin::Own);
        if let Some(known) = login.stored().await? {
            found.push(Stored::Agency { login, company_id: known.tokens.company_id.clone() });
        }
        for listed in self.means.secrets.list(tenant, LOCATION).await? {
            let Some(location_id) = listed.name.strip_prefix(LOCATION).and_then(|id| id.parse().ok()) else { continue };
            let login = self.login(tenant, listed.name.parse()?, || Origin::Own);
            found.push(Stored::Location { login, location_id });
        }
        Ok(found)
    }

    /// The way into a location through its agency's login. Asks for nothing yet.
    ///
    /// # Errors
    /// None for an id of the vendor.
    pub(crate) fn location_of(&self, agency: &Arc<Login>, location_id: &RecordId) -> Result<Arc<Login>> {
        let name = format!("{MADE}{location_id}").parse()?;
        let origin = || Origin::Agency { login: Arc::clone(agency), location_id: location_id.clone() };
        Ok(self.login(agency.tenant(), name, origin))
    }

    fn login(&self, tenant: &TenantId, name: SecretName, origin: impl FnOnce() -> Origin) -> Arc<Login> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= LOGINS_MAX {
            open.clear();
        }
        let login = open
            .entry((tenant.clone(), name.clone()))
            .or_insert_with(|| Arc::new(Login::new(tenant.clone(), name, origin(), Arc::clone(&self.means))));
        Arc::clone(login)
    }

    /// Ends a login that a person has begun: exchanges the code and stores the tokens.
    ///
    /// # Errors
    /// `unauthenticated` if the vendor refuses the code; `upstream_rejected` if it does not say what the tokens open;
    /// those of the secret store.
    pub(crate) async fn complete(&self, tenant: &TenantId, code: &SecretString, redirect_uri: &Url) -> Result<Stored> {
        let Means { secrets, endpoint, app, .. } = &*self.means;
        let tokens = endpoint.exchange(tenant, &app.get(secrets, tenant).await?, code, redirect_uri).await?;
        let name: SecretName = match (&tokens.user_type, &tokens.location_id) {
            (UserType::Company, _) => AGENCY.parse()?,
            (UserType::Location, Some(id)) => format!("{LOCATION}{id}").parse()?,
            (UserType::Location, None) => {
                return Err(Error::new(
                    ErrorCode::UpstreamRejected,
                    "GoHighLevel does not say which location it opens",
                ));
            }
        };
        secrets.put(tenant, &name, &tokens.to_secret()?).await?;
        if tokens.user_type == UserType::Company {
            // Made from the login that this one replaces, perhaps another agency's.
            self.remove(tenant, MADE).await?;
        }
        let login = self.login(tenant, name, || Origin::Own);
        login.stored().await?;
        let TokenSet { company_id, location_id, .. } = tokens;
        Ok(match location_id {
            Some(location_id) => Stored::Location { login, location_id },
            None => Stored::Agency { login, company_id },
        })
    }

    /// Fails unless a login could be made and kept. Returns the app's client id.
    ///
    /// # Errors
    /// `failed_precondition` naming what is missing; those of the secret store.
    pub(crate) async fn check(&self, tenant: &TenantId) -> Result<String> {
        let app = self.means.app.get(&self.means.secrets, tenant).await?;
        // Nobody is sent to log in if the tokens could not be kept.
        let trial: SecretName = TRIAL.parse()?;
        self.means.secrets.put(tenant, &trial, &SecretString::from("trial")).await?;
        self.means.secrets.delete(tenant, &trial).await?;
        Ok(app.client_id)
    }

    /// Keeps the app's secret for a tenant whose settings do not hold it.
    ///
    /// # Errors
    /// Those of the secret store.
    pub(crate) async fn keep_client_secret(&self, tenant: &TenantId, client_secret: &SecretString) -> Result<()> {
        AppSource::keep_secret(&self.means.secrets, tenant, client_secret).await
    }

    /// Forgets all of a tenant's logins, or the one of a location; returns how many a person had made. The vendor is not
    /// told: it offers no way to be told, and a refresh token that nobody has is worth nothing.
    ///
    /// # Errors
    /// Those of the secret store.
    pub(crate) async fn forget(&self, tenant: &TenantId, location_id: Option<&RecordId>) -> Result<usize> {
        if let Some(id) = location_id {
            return self.remove(tenant, &format!("{LOCATION}{id}")).await;
        }
        self.remove(tenant, MADE).await?;
        Ok(self.remove(tenant, AGENCY).await? + self.remove(tenant, LOCATION).await?)
    }

    /// Removes what is named so, or below it.
    async fn remove(&self, tenant: &TenantId, prefix: &str) -> Result<usize> {
        let mut removed = 0;
        // A list is cut where it grows long.
        loop {
            let listed = self.means.secrets.list(tenant, prefix).await?;
            if listed.is_empty() {
                return Ok(removed);
            }
            for each in listed {
                removed += usize::from(self.means.secrets.delete(tenant, &each.name.parse()?).await?);
            }
        }
    }
}
