//! With whose token an operation is called, for which location, and whether that can work.

use common::error::{Error, ErrorCode, Result};
use common::tool::Call;

use super::arguments::{About, requires_company, requires_location, takes_location};
use crate::catalogue::{Operation, Token};
use crate::client::Session;
use crate::connections::{Credential, Reach};
use crate::deps::Deps;
use crate::location::Location;

/// Where a call stands.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) session: Session,
    /// The location that is meant; absent if the operation is about none.
    pub(crate) location: Option<Location>,
    company_id: Option<String>,
}

impl Ground {
    /// Finds the token that the operation needs, and holds what is known of it against that.
    ///
    /// # Errors
    /// Those of the directory; `failed_precondition` if only an agency may do it and none is connected;
    /// `permission_denied` if the login lacks a scope.
    pub(crate) async fn find(deps: &Deps, call: &Call, operation: &Operation, wanted: Option<&str>) -> Result<Self> {
        let agency = if prefers_agency(operation, wanted) { deps.directory.agency(call).await? } else { None };
        let ground = match agency {
            Some(session) => Self::of_agency(deps, call, session, (operation, wanted)).await?,
            None if is_for_agencies(operation) => return Err(no_agency()),
            None => {
                let site = deps.directory.site(call, wanted).await?;
                let agency = if requires_company(operation) { deps.directory.agency(call).await? } else { None };
                let company_id = agency.as_ref().and_then(company_of);
                Self { session: site.session, location: Some(site.location), company_id }
            }
        };
        ground.with_what_the_login_says(operation).await
    }

    async fn of_agency(
        deps: &Deps,
        call: &Call,
        session: Session,
        (operation, wanted): (&Operation, Option<&str>),
    ) -> Result<Self> {
        let is_about_location = wanted.is_some() || requires_location(operation);
        let location = if is_about_location { Some(deps.directory.location(call, wanted).await?) } else { None };
        let company_id = company_of(&session);
        Ok(Self { session, location, company_id })
    }

    /// A login's scopes and agency are known, those of a private integration token are not: the vendor will say.
    async fn with_what_the_login_says(mut self, operation: &Operation) -> Result<Self> {
        let Credential::Login(login) = &self.session.connection.credential else { return Ok(self) };
        // A location's token that its agency's login has not opened yet says nothing.
        let Ok(known) = login.known().await else { return Ok(self) };
        let missing = missing_scopes(operation, &known.tokens.scopes);
        if !missing.is_empty() {
            let message = format!("the login lacks the scope `{}`", missing.join("`, `"));
            return Err(Error::new(ErrorCode::PermissionDenied, message)
                .with_hint("ask the operator to add it to the app, then to log in again: `mcp-ghl login`"));
        }
        if self.company_id.is_none() {
            self.company_id = known.tokens.company_id.as_ref().map(ToString::to_string);
        }
        Ok(self)
    }

    /// What is filled into the arguments.
    pub(crate) fn about(&self) -> About<'_> {
        About {
            location_id: self.location.as_ref().map(|location| location.id.as_str()),
            company_id: self.company_id.as_deref(),
        }
    }

    pub(crate) fn is_demo(&self) -> bool {
        self.session.connection.is_demo
    }
}

/// The agency that a connection says it is.
fn company_of(session: &Session) -> Option<String> {
    match &session.connection.reach {
        Reach::Agency { company_id } => company_id.as_ref().map(ToString::to_string),
        Reach::Location(_) => None,
    }
}

fn no_agency() -> Error {
    Error::new(ErrorCode::FailedPrecondition, "only an agency's token may do this, and none is connected").with_hint(
        "ask the operator to log in as the agency with `mcp-ghl login`, or to add the agency's private integration token",
    )
}

/// Whether an agency's token does better, if there is one: where no other will do, and where a location's may but is not
/// what is asked about.
fn prefers_agency(operation: &Operation, wanted: Option<&str>) -> bool {
    let accepts = operation.tokens.iter().any(|token| matches!(token, Token::Agency | Token::AgencyLogin));
    let is_about_agency = requires_company(operation) || (!takes_location(operation) && wanted.is_none());
    is_for_agencies(operation) || (accepts && is_about_agency)
}

/// Whether no location's token will do.
pub(crate) fn is_for_agencies(operation: &Operation) -> bool {
    !operation.tokens.is_empty()
        && operation.tokens.iter().all(|token| match token {
            Token::Agency | Token::AgencyLogin => true,
            Token::Location | Token::LocationLogin => false,
        })
}

/// The scopes that an operation needs and a login lacks; none if the login's are not known.
pub(crate) fn missing_scopes<'o>(operation: &'o Operation, held: &[String]) -> Vec<&'o str> {
    if held.is_empty() {
        return Vec::new();
    }
    operation.scopes.iter().map(|scope| &**scope).filter(|scope| !held.iter().any(|it| it == scope)).collect()
}
