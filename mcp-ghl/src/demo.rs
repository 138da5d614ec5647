//! The account of a tenant that has connected nothing: our emulator, reached like the vendor over a real port.

use common::bootstrap::Foundation;
use common::error::{Error, Result};
use url::Url;

use crate::connections::{Connection, Demo, Reach};
use crate::record_id::RecordId;
use crate::sandbox::{AGENCY_TOKEN, DEMO_LOCATIONS, Sandbox, SandboxSettings, company_id};

/// A demo account for the person at this machine, started when it is first needed.
pub(crate) fn account(foundation: &Foundation, settings: SandboxSettings) -> Demo {
    let sandbox = Sandbox::in_folder(&foundation.data_dir, foundation.clock.clone(), settings);
    let (http, tasks) = (foundation.http.clone(), foundation.tasks.clone());
    let tenant = foundation.authenticator.local().tenant().clone();
    let start = move || {
        let (sandbox, http, tasks) = (sandbox.clone(), http.clone(), tasks.clone());
        async move {
            let address = sandbox.open(0, &tasks).await?;
            http.allow_own_port(address);
            let base_url = Url::parse(&format!("http://{address}"));
            connections(&base_url.map_err(|source| Error::internal("the emulator has no address", source))?)
        }
    };
    Demo::new(tenant, Box::new(move || Box::pin(start())))
}

/// One connection for each demo location, after the agency's.
fn connections(base_url: &Url) -> Result<Vec<Connection>> {
    let connection =
        |token: &str, reach| Connection { base_url: base_url.clone(), credential: token.into(), reach, is_demo: true };
    let id = |text: &str| {
        text.parse::<RecordId>().map_err(|source| Error::internal("the emulator has a malformed id", source))
    };
    let mut connections = vec![connection(AGENCY_TOKEN, Reach::Agency { company_id: Some(id(&company_id())?) })];
    for location in DEMO_LOCATIONS {
        connections.push(connection(location.token, Reach::Location(id(location.id)?)));
    }
    Ok(connections)
}
