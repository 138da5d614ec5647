//! Secrets of tenants, sealed in the database: tokens of vendors, keys of our own.
//!
//! Each value is sealed by a key of its own; the vault's key wraps those, and is kept outside of the database: in the
//! key store of the system, in a person's head, or by whoever starts the program (`secrets.key`). It is looked for
//! when first needed. It is made once, by the first [`Secrets::put`] into a vault that has none, and only where the key
//! store says that it has no such entry: a store that is locked, silent or broken is an error, never a reason for
//! another key.
//!
//! What the seals do not show: that a whole row was put back to what it was before, or that it was deleted.

mod envelope;
mod given;
mod key_store;
mod lease;
mod name;
mod passphrase;
mod rotate;
mod seal;
mod source;
mod status;
mod store;
mod vault;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::tenant::TenantId;

use envelope::Place;
use key_store::{Keys, SystemKeyStore};
use seal::{KEY_BYTES, Key};
use vault::{NoKey, Vault};

#[cfg(test)]
mod tests;

pub use key_store::{KeyStore, Refusal};
pub use lease::Lease;
pub use name::{SECRET_NAME_LENGTH_MAX, SecretName};
pub use rotate::Rotated;
pub use seal::SealingKey;
pub use source::KeySource;
pub use store::Listed;

/// Largest value, in bytes.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// How often something is tried again because another process changed the vault's key meanwhile.
const ATTEMPTS_MAX: u32 = 3;

/// `[secrets]`: where the key of the vault comes from. Never the key itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SecretsSettings {
    /// `auto`, `none`, `os`, `passphrase`, `passphrase-fd:N`, `fd:N` or `file:PATH`.
    pub key: KeySource,
    /// How long the key store of the system may take to answer, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for SecretsSettings {
    fn default() -> Self {
        Self { key: KeySource::Auto, timeout_ms: 5_000 }
    }
}

/// A secret and its generation.
#[derive(Debug, Clone)]
pub struct Stored {
    pub value: SecretString,
    /// Another one after each change; never used twice.
    pub generation: i64,
}

/// The secrets of an installation, cheap to clone. Costs nothing until used.
#[derive(Debug, Clone)]
pub struct Secrets {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    vault: Vault,
    /// By purpose. Held while one is made, so that it is made once.
    sealing_keys: Mutex<HashMap<&'static str, SealingKey>>,
}

impl Secrets {
    /// Over the key store of the system. Touches neither disk nor store.
    #[must_use]
    pub fn new(db: Db, clock: Clock, settings: &SecretsSettings) -> Self {
        Self::with_key_store(db, clock, settings, Arc::new(SystemKeyStore))
    }

    /// Over another key store.
    #[must_use]
    pub fn with_key_store(db: Db, clock: Clock, settings: &SecretsSettings, store: Arc<dyn KeyStore>) -> Self {
        let patience = Duration::from_millis(settings.timeout_ms);
        let keys = Keys::new(store, patience);
        let vault = Vault::new(db, clock, settings.key.clone(), keys, patience);
        Self { inner: Arc::new(Inner { vault, sealing_keys: Mutex::default() }) }
    }

    /// From here on a passphrase may be asked for at the terminal: a person typed the command that runs.
    pub fn allow_asking(&self) {
        self.inner.vault.given.set_may_ask(true);
    }

    /// Asks for the passphrase at the terminal, and not again later: whoever starts a server is there then.
    ///
    /// # Errors
    /// As [`Secrets::put`].
    pub async fn unlock_at_terminal(&self) -> Result<()> {
        let vault = &self.inner.vault;
        vault.given.set_may_ask(true);
        let unlocked = vault.open_or_make().await;
        vault.given.set_may_ask(false);
        unlocked?.map(drop).map_err(|NoKey(error)| error)
    }

    /// The secret, if there is one. An empty vault needs no key.
    ///
    /// # Errors
    /// `failed_precondition` if the vault's key cannot be had or is a wrong one; `internal` if the row was tampered with.
    pub async fn get(&self, tenant: &TenantId, name: &SecretName) -> Result<Option<Stored>> {
        let vault = &self.inner.vault;
        for _attempt in 0..ATTEMPTS_MAX {
            let Some(row) = store::value(&vault.db, tenant, name).await? else { return Ok(None) };
            if let Some(open) = vault.open_with(&row.key_id).await? {
                let value = envelope::open(&open, Place { tenant, name }, &row)?;
                return Ok(Some(Stored { value, generation: row.generation }));
            }
        }
        Err(Error::internal("the vault was damaged or tampered with", "a value of another key"))
    }

    /// Keeps a secret, in place of what is there. Returns its generation.
    ///
    /// # Errors
    /// `failed_precondition` if there is no key and nowhere to keep one, as [`Secrets::get`] otherwise;
    /// `invalid_argument` if the value is longer than [`SECRET_BYTES_MAX`].
    pub async fn put(&self, tenant: &TenantId, name: &SecretName, value: &SecretString) -> Result<i64> {
        let changed = self.change(Place { tenant, name }, None, value).await?;
        changed.ok_or_else(store::damaged)
    }

    /// Keeps a secret only if its generation is still the one expected, 0 meaning that there is none. None if somebody was faster.
    ///
    /// # Errors
    /// As [`Secrets::put`].
    pub async fn replace(
        &self,
        tenant: &TenantId,
        name: &SecretName,
        generation_expected: i64,
        value: &SecretString,
    ) -> Result<Option<i64>> {
        self.change(Place { tenant, name }, Some(generation_expected), value).await
    }

    /// Forgets a secret. Returns whether there was one. Needs no key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete(&self, tenant: &TenantId, name: &SecretName) -> Result<bool> {
        store::delete_value(&self.inner.vault.db, tenant, name).await
    }

    /// The names that begin with `prefix`, sorted, at most 1,000. Needs no key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(&self, tenant: &TenantId, prefix: &str) -> Result<Vec<Listed>> {
        store::list(&self.inner.vault.db, tenant, prefix).await
    }

    /// The right to be the only one, among all processes, who changes a secret for a while. None if somebody else has it.
    ///
    /// It binds nobody who does not ask for it, and needs no key. Processes on several machines must agree on the time
    /// to well within `span`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn lease(&self, tenant: &TenantId, name: &SecretName, span: Duration) -> Result<Option<Lease>> {
        Lease::take(&self.inner.vault, Place { tenant, name }, span).await
    }

    /// The key for what the program hands out and wants back, one for each purpose (a word or two, as in a [`SecretName`]).
    ///
    /// It is kept in the vault, so that other processes and later ones have the same. Where there is no vault and
    /// nowhere to keep a key for one, it is random and ends with the process: what it sealed does not open after a
    /// restart, nor elsewhere.
    ///
    /// # Errors
    /// As [`Secrets::put`], but for having nowhere to keep a key.
    pub async fn sealing_key(&self, purpose: &'static str) -> Result<SealingKey> {
        let mut known = self.inner.sealing_keys.lock().await;
        if let Some(key) = known.get(purpose) {
            return Ok(key.clone());
        }
        let key = self.sealing_key_of_vault(purpose).await?;
        known.insert(purpose, key.clone());
        Ok(key)
    }

    async fn sealing_key_of_vault(&self, purpose: &'static str) -> Result<SealingKey> {
        let (tenant, name) = (TenantId::local(), format!("luminar/sealing/{purpose}").parse()?);
        for _attempt in 0..ATTEMPTS_MAX {
            if let Some(stored) = self.get(&tenant, &name).await? {
                let mut bytes = Zeroizing::new([0; KEY_BYTES]);
                hex::decode_to_slice(stored.value.expose_secret(), bytes.as_mut_slice())
                    .map_err(|_position| store::damaged())?;
                return SealingKey::new(Key::from_bytes(bytes.as_slice()).ok_or_else(store::damaged)?);
            }
            if let Err(NoKey(_)) = self.inner.vault.open_or_make().await? {
                return SealingKey::random();
            }
            let text = SecretString::from(hex::encode(Key::random()?.bytes()));
            self.replace(&tenant, &name, 0, &text).await?;
        }
        Err(Error::new(ErrorCode::Conflict, "other processes keep changing the sealing key").with_hint("try again"))
    }

    async fn change(&self, place: Place<'_>, expected: Option<i64>, value: &SecretString) -> Result<Option<i64>> {
        if value.expose_secret().len() > SECRET_BYTES_MAX {
            let expected = format!("at most {SECRET_BYTES_MAX} bytes");
            return Err(Error::invalid_argument("value", "is too long for a secret", expected, None));
        }
        let vault = &self.inner.vault;
        for _attempt in 0..ATTEMPTS_MAX {
            let open = match vault.open_or_make().await? {
                Ok(open) => open,
                Err(NoKey(error)) => return Err(error),
            };
            let mut tx = vault.db.begin().await?;
            let (key_id, generation) = store::lock_vault(&mut tx).await?;
            if key_id != open.key_id {
                // Another process has rotated the key.
                drop(tx);
                vault.open_with(&key_id).await?;
                continue;
            }
            let present = store::generation(&mut tx, place.tenant, place.name).await?;
            if expected.is_some_and(|expected| expected != present.unwrap_or(0)) {
                return Ok(None);
            }
            let row = envelope::seal(&open, place, (generation, vault.clock.now_ms()), value)?;
            if !store::put_value(&mut tx, place.tenant, place.name, &row).await? {
                return Err(Error::internal("the vault was damaged or tampered with", "its count went back"));
            }
            tx.commit().await?;
            return Ok(Some(generation));
        }
        Err(Error::new(ErrorCode::Conflict, "the key of the vault keeps changing").with_hint("try again"))
    }
}
