//! Who acts. A [`Caller`] can only come out of this module.

mod acting;
mod caller;
mod token;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode, Result};
use crate::tenant::TenantId;

pub use acting::Acting;
pub use caller::{Caller, Role, Scope};
pub use token::TokenSettings;

use token::TokenTable;

/// `[auth]`: who the local user is, and which bearer tokens are good.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuthSettings {
    /// The tenant of whoever uses this machine: over stdio, and over loopback HTTP while there are no tokens.
    pub tenant: TenantId,
    /// That caller's name in the audit trail.
    pub subject: String,
    /// That caller's role.
    pub role: Role,
    /// Bearer tokens for HTTP. With at least one, every request needs one.
    pub tokens: Vec<TokenSettings>,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self { tenant: TenantId::local(), subject: "local".to_owned(), role: Role::Admin, tokens: Vec::new() }
    }
}

/// Turns what a request shows into a [`Caller`].
#[derive(Debug, Clone)]
pub struct Authenticator {
    local: Caller,
    tokens: TokenTable,
}

impl Authenticator {
    /// # Errors
    /// `failed_precondition` if a token's digest is malformed.
    pub fn new(settings: AuthSettings) -> Result<Self> {
        let local = Caller::new(settings.subject, settings.tenant, settings.role, Vec::new());
        Ok(Self { local, tokens: TokenTable::new(settings.tokens)? })
    }

    /// The identity in the settings: whoever can start this process, or reach its loopback port while it has no tokens.
    #[must_use]
    pub fn local(&self) -> &Caller {
        &self.local
    }

    /// Whoever runs commands on this machine: they can change the settings, hence administer every tenant.
    #[must_use]
    pub fn operator(&self, tenant: TenantId) -> Caller {
        Caller::new("operator".to_owned(), tenant, Role::Admin, Vec::new())
    }

    /// Whether HTTP requests need a token.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// The caller behind an `Authorization` header, or the local one where no tokens are set up.
    ///
    /// # Errors
    /// `unauthenticated` if a token is needed and missing or unknown.
    pub fn over_http(&self, authorization: Option<&str>) -> Result<Caller> {
        if !self.has_tokens() {
            return Ok(self.local.clone());
        }
        let token = authorization
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let caller = token.and_then(|(_, token)| self.tokens.find(token.trim()));
        caller.ok_or_else(|| {
            Error::new(ErrorCode::Unauthenticated, "this server needs a valid bearer token").with_hint(
                "send `Authorization: Bearer …` with a token that the operator has entered in `[[auth.tokens]]`",
            )
        })
    }
}
