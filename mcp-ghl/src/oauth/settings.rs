//! What an operator says about the app that people log in through.

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

/// `[ghl.oauth]`: the marketplace app. Without a client id nobody can log in, and tokens have to be configured.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OAuthSettings {
    /// The app's client id; its part before the first `-` is the app's id.
    pub client_id: Option<String>,
    /// The app's client secret; absent means the one that `login --client-secret-stdin` has put among the tenant's secrets.
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<SecretString>,
    /// The page on which a person chooses an agency or location; another host for a white-labelled one.
    pub authorize_url: String,
    /// Where that page leads back to: a loopback address, spelt as it is registered with the app.
    pub redirect_url: String,
    /// What is asked for: scopes by name; `tools` for what the tools need, and what an agency's login needs to open its
    /// locations; `operations` for that and what any operation of the API needs. Empty means `tools`.
    pub scopes: Vec<String>,
    /// How long `login` waits for the person, in milliseconds.
    pub login_ms: u64,
}

impl Default for OAuthSettings {
    fn default() -> Self {
        Self {
            client_id: None,
            client_secret: None,
            authorize_url: AUTHORIZE_URL.to_owned(),
            redirect_url: REDIRECT_URL.to_owned(),
            scopes: Vec::new(),
            login_ms: 300_000,
        }
    }
}

/// Marketplace documentation, OAuth 2.0 (2026-06); white-labelled apps use `marketplace.leadconnectorhq.com`.
const AUTHORIZE_URL: &str = "https://marketplace.gohighlevel.com/v2/oauth/chooselocation";

/// RFC 8252, section 7.3: the address of the loopback interface, not its name. The vendor wants its own name in no part
/// of it.
const REDIRECT_URL: &str = "http://127.0.0.1:8934/oauth/callback";
