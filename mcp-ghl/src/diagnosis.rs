//! What `doctor` finds out about the account: whether the tokens of the person at this machine open it.

use std::sync::Arc;
use std::time::Duration;

use common::auth::Caller;
use common::error::Result;
use common::health::Check;
use common::tool::Call;
use tokio_util::sync::CancellationToken;

use crate::deps::Deps;

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
