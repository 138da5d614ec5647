//! What an operator says about Restate.

use std::net::SocketAddr;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

/// `[orchestrator.engine.restate]`: where Restate is, and where it finds this server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestateSettings {
    /// Where runs are handed in. Whoever reaches it can start anything as anybody: it belongs to this server alone.
    pub ingress: String,
    /// Where this server makes itself known.
    pub admin: String,
    /// A bearer token for both; absent means that none is sent.
    #[schemars(with = "Option<String>")]
    pub token: Option<SecretString>,
    /// Where this server listens for Restate. Several processes of one machine listen there together.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// The address by which Restate reaches that, which may be a load balancer's; absent means the one above.
    pub advertised: Option<String>,
    /// Restate's public key (`publickeyv1_…`): nobody else is listened to. Needed unless `listen` is on this machine only.
    pub identity_key: Option<String>,
    /// What this installation is called there: another one beside it in the same Restate has another name.
    pub name: String,
}

impl Default for RestateSettings {
    fn default() -> Self {
        // Restate's own ports: docs.restate.dev, server configuration, 1.7.
        Self {
            ingress: "http://127.0.0.1:8080".to_owned(),
            admin: "http://127.0.0.1:9070".to_owned(),
            token: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 9080)),
            advertised: None,
            identity_key: None,
            name: "luminar".to_owned(),
        }
    }
}
