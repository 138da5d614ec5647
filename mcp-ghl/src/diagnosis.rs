//! What `doctor` finds out about the account: whether the tokens of the person at this machine open it, and for which
//! tools they lack a scope.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use common::auth::Caller;
use common::error::Result;
use common::health::Check;
use common::tool::Call;
use tokio_util::sync::CancellationToken;

use crate::client::needs;
use crate::deps::Deps;
use crate::oauth::{Stored, TokenSet};

/// How long the vendor may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the vendor for the caller's locations, as every tool does first.
pub(crate) fn account(deps: &Arc<Deps>, caller: &Caller) -> Check {
    let (deps, caller) = (Arc::clone(deps), caller.clone());
    Check::new("GoHighLevel account", move || {
        let (deps, caller) = (Arc::clone(&deps), caller.clone());
        async move { look(&deps, caller).await }
    })
}

async fn look(deps: &Deps, caller: Caller) -> Result<String> {
    let call = Call::new(caller, CancellationToken::new(), PATIENCE);
    let known = deps.directory.locations(&call).await?;
    let open = known.iter().filter_map(|known| known.connection.as_ref());
    let is_demo = open.clone().any(|connection| connection.is_demo);
    let kind = if is_demo { "the demo account: nothing is connected" } else { "connected" };
    Ok(format!("{kind}; tenant `{}` has {} locations, {} of them open", call.tenant(), known.len(), open.count()))
}

/// Counts the operations that `find_operation` knows.
pub(crate) fn operations(deps: &Arc<Deps>) -> Check {
    let deps = Arc::clone(deps);
    Check::new("GoHighLevel operations", move || {
        let deps = Arc::clone(&deps);
        async move {
            let catalogue = deps.operations.catalogue()?;
            Ok(format!("{} known, in {} families", catalogue.operations().count(), catalogue.families().len()))
        }
    })
}

/// Holds the scopes of the caller's logins against what the tools need. A tool that cannot be used is no fault: the
/// person may have meant it so.
pub(crate) fn scopes(deps: &Arc<Deps>, caller: &Caller) -> Check {
    let (deps, caller) = (Arc::clone(deps), caller.clone());
    Check::new("GoHighLevel scopes", move || {
        let (deps, caller) = (Arc::clone(&deps), caller.clone());
        async move { compare(&deps, &caller).await }
    })
}

async fn compare(deps: &Deps, caller: &Caller) -> Result<String> {
    let connections = deps.directory.connections();
    let mut findings = Vec::new();
    for stored in connections.logins().of(caller.tenant()).await? {
        let (login, whose) = match &stored {
            Stored::Agency { login, .. } => (login, "the agency's login".to_owned()),
            Stored::Location { login, location_id } => (login, format!("the login of location {location_id}")),
        };
        let missing = missing_scopes(&login.known().await?.tokens, &stored);
        findings.push(match missing.as_slice() {
            [] => format!("{whose} has all that the tools need"),
            missing => format!("{whose} lacks {}", missing.join("; ")),
        });
    }
    let tokens = connections.configured_count(caller.tenant());
    if tokens > 0 {
        findings.push(format!("unknown for {tokens} connections (private integration token)"));
    }
    if findings.is_empty() {
        let is_demo = connections.of(caller.tenant()).await.is_ok_and(|list| list.iter().any(|each| each.is_demo));
        let nothing = if is_demo { "the demo account has all" } else { "nothing is connected" };
        return Ok(nothing.to_owned());
    }
    Ok(findings.join(". "))
}

/// A line for each scope that a login lacks, with the tools that need it.
pub(crate) fn missing_scopes(tokens: &TokenSet, stored: &Stored) -> Vec<String> {
    let lacks = |scope: &&str| !tokens.scopes.iter().any(|held| held == scope);
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for tool in needs::tools() {
        for scope in needs::scopes_of(tool).into_iter().filter(lacks) {
            users.entry(scope).or_default().push(tool);
        }
    }
    if let Stored::Agency { .. } = stored {
        for scope in needs::AGENCY_SCOPES.into_iter().filter(lacks) {
            users.entry(scope).or_default().push("opening the agency's locations");
        }
    }
    users.into_iter().map(|(scope, users)| format!("`{scope}` for {}", users.join(", "))).collect()
}
