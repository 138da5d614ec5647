//! The senders that are known, with their keys: from the settings, or from the vault of their tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use common::clock::{Clock, UnixMillis, after};
use common::error::{Error, ErrorCode, Result};
use common::secrets::{SecretName, Secrets};
use common::tenant::TenantId;
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::event::OWN_SOURCE;
use crate::signature::{HmacHeader, PublicKeys, Scheme, StandardKeys};
use crate::source::{Places, SourceKind};

/// How long a secret of the vault is used before it is looked up again: a changed one is known this much later.
const SECRET_FRESH: std::time::Duration = std::time::Duration::from_mins(1);

/// `[[orchestrator.sources]]`: a sender of webhooks, at `/webhooks/{name}/{tenant}`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// As in its path: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// Whose events they are.
    #[serde(default = "TenantId::local")]
    pub tenant: TenantId,
    /// `gohighlevel`, `stripe`, `slack`, `standard_webhooks`, `hmac` or `none`.
    pub kind: SourceKind,
    /// What its signatures are checked with; several, one a line, while a secret changes. Without it the tenant's secret
    /// `orchestrator/sources/<name>` of the vault; for `gohighlevel` a public key, by default the vendor's.
    #[schemars(with = "Option<String>")]
    pub secret: Option<SecretString>,
    /// How far a signed timestamp may be from now, in seconds; 0: it is not looked at.
    pub tolerance_s: Option<u32>,
    /// `gohighlevel` only: the locations and agencies (ids) whose events are taken. The vendor signs everybody's with one
    /// key, so without them whoever makes another account's webhooks point here is believed.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// `hmac` only: where the digest stands.
    #[serde(default)]
    pub digest: HmacHeader,
    /// The header that names the event, once and for all its repetitions.
    pub id_header: Option<String>,
    /// The same as a JSON Pointer into the body: `/order/id`.
    pub id_pointer: Option<String>,
    /// The header that says what happened.
    pub kind_header: Option<String>,
    /// The same as a JSON Pointer into the body.
    pub kind_pointer: Option<String>,
}

/// A sender that is known.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) tenant: TenantId,
    pub(crate) kind: SourceKind,
    pub(crate) tolerance_ms: Option<i64>,
    pub(crate) accounts: Vec<String>,
    pub(crate) places: Places,
    digest: HmacHeader,
    /// From the settings; absent: the vault has it.
    given: Option<Arc<Scheme>>,
    kept: Mutex<Option<(Arc<Scheme>, UnixMillis)>>,
}

/// All senders of all tenants.
#[derive(Debug)]
pub(crate) struct Sources {
    by_place: HashMap<(String, TenantId), Arc<Source>>,
    secrets: Secrets,
    clock: Clock,
}

impl Sources {
    /// # Errors
    /// `failed_precondition` if a source cannot be what its settings say.
    pub(crate) fn new(all: &[SourceSettings], secrets: Secrets, clock: Clock) -> Result<Self> {
        let mut by_place = HashMap::new();
        for settings in all {
            let source = Source::of(settings)?;
            let place = (source.name.clone(), source.tenant.clone());
            if by_place.insert(place, Arc::new(source)).is_some() {
                return Err(refused(
                    &settings.name,
                    "is there twice for one tenant",
                    "give the other one another name",
                ));
            }
        }
        Ok(Self { by_place, secrets, clock })
    }

    /// A sender by its path.
    pub(crate) fn find(&self, name: &str, tenant: &str) -> Option<&Arc<Source>> {
        let tenant = tenant.parse().ok()?;
        self.by_place.get(&(name.to_owned(), tenant))
    }

    /// How its requests are checked.
    ///
    /// # Errors
    /// `failed_precondition` if the vault has no secret of it, or cannot be opened; those of the database.
    pub(crate) async fn scheme(&self, source: &Source) -> Result<Arc<Scheme>> {
        if let Some(given) = &source.given {
            return Ok(Arc::clone(given));
        }
        let now_ms = self.clock.now_ms();
        if let Some((scheme, until_ms)) = &*source.kept.lock().unwrap_or_else(PoisonError::into_inner)
            && now_ms < *until_ms
        {
            return Ok(Arc::clone(scheme));
        }
        let name: SecretName = format!("orchestrator/sources/{}", source.name).parse()?;
        let scheme = match (self.secrets.get(&source.tenant, &name).await?, source.kind) {
            (Some(stored), _) => scheme(source.kind, stored.value.expose_secret(), &source.digest)?,
            (None, SourceKind::GoHighLevel) => Scheme::GoHighLevel(PublicKeys::vendor()?),
            (None, _) => {
                return Err(refused(
                    &source.name,
                    "has no secret",
                    "give it one: `secrets set orchestrator/sources/<name>`",
                ));
            }
        };
        let scheme = Arc::new(scheme);
        let kept = (Arc::clone(&scheme), after(now_ms, SECRET_FRESH));
        *source.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(scheme)
    }
}

impl Source {
    fn of(settings: &SourceSettings) -> Result<Self> {
        let SourceSettings { name, tenant, kind, secret, tolerance_s, accounts, digest, .. } = settings.clone();
        check_name(&name)?;
        if kind != SourceKind::GoHighLevel && !accounts.is_empty() {
            return Err(refused(&name, "has `accounts`, which are for `gohighlevel`", "leave them out"));
        }
        let given = match (&secret, kind) {
            (_, SourceKind::None) => Some(Scheme::None),
            (Some(secret), _) => Some(scheme(kind, secret.expose_secret(), &digest)?),
            (None, _) => None,
        };
        let tolerance_s = match tolerance_s {
            Some(0) => None,
            Some(seconds) => Some(i64::from(seconds)),
            None => kind.tolerance_s(),
        };
        let places = Places {
            id_header: settings.id_header.clone(),
            id_pointer: settings.id_pointer.clone(),
            kind_header: settings.kind_header.clone(),
            kind_pointer: settings.kind_pointer.clone(),
        };
        Ok(Self {
            name,
            tenant,
            kind,
            tolerance_ms: tolerance_s.map(|seconds| seconds.saturating_mul(1_000)),
            accounts,
            places,
            digest,
            given: given.map(Arc::new),
            kept: Mutex::default(),
        })
    }
}

/// Longest name, in bytes.
const NAME_LENGTH_MAX: usize = 40;

/// Names of sources stand in paths, filters and names of secrets.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.bytes().all(is_inner) {
        return Err(refused(name, "is no name for a source", "use 1 to 40 of a-z, 0-9, `-` and `_`"));
    }
    if name == OWN_SOURCE {
        return Err(refused(name, "is the name of what runs emit", "choose another one"));
    }
    Ok(())
}

fn scheme(kind: SourceKind, secret: &str, digest: &HmacHeader) -> Result<Scheme> {
    let lines = || secret.lines().map(str::trim).filter(|line| !line.is_empty());
    let sha256 =
        || lines().map(|line| ring::hmac::Key::new(ring::hmac::HMAC_SHA256, line.as_bytes())).collect::<Vec<_>>();
    if lines().next().is_none() {
        return Err(Error::new(ErrorCode::FailedPrecondition, "the secret of a source is empty"));
    }
    Ok(match kind {
        SourceKind::GoHighLevel => Scheme::GoHighLevel(PublicKeys::parse(secret)?),
        SourceKind::Stripe => Scheme::Stripe(sha256()),
        SourceKind::Slack => Scheme::Slack(sha256()),
        SourceKind::StandardWebhooks => Scheme::StandardWebhooks(StandardKeys::parse(secret)?),
        SourceKind::Hmac => {
            Scheme::Hmac { keys: lines().map(|line| digest.key(line.as_bytes())).collect(), header: digest.clone() }
        }
        SourceKind::None => Scheme::None,
    })
}

fn refused(name: &str, problem: &str, hint: &str) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("the source `{name}` in `[[orchestrator.sources]]` {problem}"))
        .with_hint(hint)
}
