//! Finding the vault's key, or making it where there is no vault yet. Never a second key beside an existing one.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::given::{Asking, Given};
use super::key_store::{Keys, Refusal};
use super::passphrase::Derivation;
use super::seal::{Key, associated};
use super::source::KeySource;
use super::store::{self, KeptIn, VaultRow};
use crate::clock::{Clock, UnixMillis, time_ordered_uuid};
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};

/// The form of the vault's row.
const VERSION: &str = "luminar-vault-1";

/// A vault whose key is known to be right.
#[derive(Debug)]
pub(super) struct OpenVault {
    pub(super) vault_id: String,
    pub(super) key_id: String,
    pub(super) kept_in: KeptIn,
    pub(super) key: Key,
}

/// Why nothing can be sealed: no vault, and nowhere to keep a key.
#[derive(Debug)]
pub(super) struct NoKey(pub(super) Error);

/// Where the vault of a database gets its key. The key is looked up when first needed, then kept.
#[derive(Debug)]
pub(super) struct Vault {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) source: KeySource,
    pub(super) keys: Keys,
    pub(super) given: Given,
    // Held while opening, so that many calls at once ask the key store or the person once.
    open: Mutex<Option<Arc<OpenVault>>>,
}

impl Vault {
    pub(super) fn new(db: Db, clock: Clock, source: KeySource, keys: Keys, patience: Duration) -> Self {
        let given = Given::new(source.clone(), patience);
        Self { db, clock, source, keys, given, open: Mutex::default() }
    }

    /// The vault, if there is one.
    pub(super) async fn open(&self) -> Result<Option<Arc<OpenVault>>> {
        let mut open = self.open.lock().await;
        self.open_locked(&mut open).await
    }

    /// The vault with this key, looked up again if another process has changed it.
    pub(super) async fn open_with(&self, key_id: &str) -> Result<Option<Arc<OpenVault>>> {
        let mut open = self.open.lock().await;
        if open.as_ref().is_some_and(|vault| vault.key_id != key_id) {
            *open = None;
        }
        Ok(self.open_locked(&mut open).await?.filter(|vault| vault.key_id == key_id))
    }

    /// The vault, made if there is none.
    pub(super) async fn open_or_make(&self) -> Result<Result<Arc<OpenVault>, NoKey>> {
        let mut open = self.open.lock().await;
        if let Some(vault) = self.open_locked(&mut open).await? {
            return Ok(Ok(vault));
        }
        if store::count_values(&self.db).await? > 0 {
            // Another process may have made the vault and put something in it since we looked.
            let vault = self.open_locked(&mut open).await?;
            return vault.map(Ok).ok_or_else(store::damaged);
        }
        let made = match self.make().await? {
            Ok(made) => made,
            Err(no_key) => return Ok(Err(no_key)),
        };
        *open = made;
        // Another process may have made one first: then this process opens that one.
        let vault = self.open_locked(&mut open).await?.ok_or_else(store::damaged)?;
        Ok(Ok(vault))
    }

    /// Lets go of the key, to be looked up again.
    pub(super) async fn replace_open(&self, vault: Option<Arc<OpenVault>>) {
        *self.open.lock().await = vault;
    }

    async fn open_locked(&self, open: &mut Option<Arc<OpenVault>>) -> Result<Option<Arc<OpenVault>>> {
        if open.is_none() {
            let Some(row) = store::vault(&self.db).await? else { return Ok(None) };
            *open = Some(Arc::new(self.unlock(row).await?));
        }
        Ok(open.clone())
    }

    /// Finds the key that the row tells of, and tries it.
    async fn unlock(&self, row: VaultRow) -> Result<OpenVault> {
        let (key, wrong) = match (row.kept_in, &self.source) {
            (KeptIn::Os, KeySource::Auto | KeySource::Os) => {
                let key = self.keys.read(account(&row.vault_id, &row.key_id)).await?;
                (key.ok_or_else(missing)?, "the key store of the system has another key under the name of this vault's")
            }
            (KeptIn::Passphrase, KeySource::Auto | KeySource::Passphrase | KeySource::PassphraseFd(_)) => {
                let derivation = row.derivation.clone().ok_or_else(store::damaged)?;
                (
                    self.given.derived(&self.source, Asking::Known, derivation).await?,
                    "this is not the passphrase of this vault",
                )
            }
            (KeptIn::Given, KeySource::Fd(_) | KeySource::File(_)) => {
                (self.given.key(&self.source).await?, "the key that was given is not the one of this vault")
            }
            (KeptIn::Os | KeptIn::Passphrase | KeptIn::Given, _) => return Err(self.mismatch(row.kept_in)),
        };
        if key.open(&covered(&row), &row.check_sealed).is_none() {
            return Err(Error::new(ErrorCode::FailedPrecondition, wrong).with_hint(
                "nothing was changed; give the right one, or use the data folder that this one belongs to",
            ));
        }
        Ok(OpenVault { vault_id: row.vault_id, key_id: row.key_id, kept_in: row.kept_in, key })
    }

    fn mismatch(&self, kept_in: KeptIn) -> Error {
        let (place, setting) = match kept_in {
            KeptIn::Os => ("in the key store of the system", "`os` or `auto`"),
            KeptIn::Passphrase => ("as a passphrase", "`passphrase` or `passphrase-fd:N`"),
            KeptIn::Given => ("by whoever starts the program", "`fd:N` or `file:PATH`"),
        };
        let message = format!("the key of this vault is kept {place}, but `secrets.key` is `{}`", self.source);
        Error::new(ErrorCode::FailedPrecondition, message)
            .with_hint(format!("set `secrets.key` to {setting}; `secrets rotate --to` moves a vault to another key"))
    }

    /// Makes the vault; None if another process was first.
    async fn make(&self) -> Result<Result<Option<Arc<OpenVault>>, NoKey>> {
        let now_ms = self.clock.now_ms();
        let new = (time_ordered_id("key", now_ms), now_ms);
        let made = match &self.source {
            KeySource::None => return Ok(Err(NoKey(no_key("`secrets.key` is `none`")))),
            KeySource::Auto => match self.fresh(&KeySource::Os, None, new).await {
                Ok(made) => made,
                Err(Problem::Store(Refusal::Absent(_))) => {
                    return Ok(Err(NoKey(no_key("the system has no key store here"))));
                }
                Err(problem) => return Err(problem.into()),
            },
            source => self.fresh(source, None, new).await?,
        };
        if store::insert_vault(&self.db, &made.row).await? {
            return Ok(Ok(Some(Arc::new(made.vault))));
        }
        // Ours is nobody's: no row tells of it.
        if made.vault.kept_in == KeptIn::Os {
            drop(self.keys.remove(account(&made.vault.vault_id, &made.vault.key_id)).await);
        }
        Ok(Ok(None))
    }

    /// A key that is new, kept, and proved to be kept; of an existing vault, or of a vault that is to be.
    pub(super) async fn fresh(
        &self,
        source: &KeySource,
        of: Option<&OpenVault>,
        (key_id, made_at_ms): (String, UnixMillis),
    ) -> Result<Made, Problem> {
        let vault_id = of.map_or_else(|| time_ordered_id("vlt", made_at_ms), |vault| vault.vault_id.clone());
        let (key, kept_in, derivation) = match source {
            KeySource::Auto | KeySource::Os => {
                (self.fresh_in_store(account(&vault_id, &key_id)).await?, KeptIn::Os, None)
            }
            KeySource::Passphrase | KeySource::PassphraseFd(_) => {
                let derivation = Derivation::fresh()?;
                let key = self.given.derived(source, Asking::New, derivation.clone()).await?;
                (key, KeptIn::Passphrase, Some(derivation))
            }
            KeySource::Fd(_) | KeySource::File(_) => (self.given.key(source).await?, KeptIn::Given, None),
            KeySource::None => return Err(no_key("`none` keeps no key").into()),
        };
        let mut row = VaultRow {
            vault_id: vault_id.clone(),
            key_id: key_id.clone(),
            kept_in,
            derivation,
            made_at_ms,
            check_sealed: Vec::new(),
        };
        row.check_sealed = key.seal(&covered(&row), &[])?;
        Ok(Made { row, vault: OpenVault { vault_id, key_id, kept_in, key } })
    }

    /// Only a store that says that it has no such entry is given one, and only what it gives back is trusted.
    async fn fresh_in_store(&self, account: String) -> Result<Key, Problem> {
        if self.keys.read(account.clone()).await?.is_some() {
            return Err(Refusal::Failed("an entry of this new name is there already".into()).into());
        }
        let key = Key::random()?;
        self.keys.write(account.clone(), key.clone()).await?;
        match self.keys.read(account).await? {
            Some(kept) if kept.bytes() == key.bytes() => Ok(key),
            _ => Err(Refusal::Failed("the entry just written cannot be read back".into()).into()),
        }
    }
}

/// A key and the row that tells of it, which is not saved yet.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) row: VaultRow,
    pub(super) vault: OpenVault,
}

/// Why no key was made.
#[derive(Debug)]
pub(super) enum Problem {
    Store(Refusal),
    Other(Error),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Store(refusal)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Store(refusal) => refusal.into(),
            Problem::Other(error) => error,
        }
    }
}

/// The key store's name for a key: two data folders never share one, and two keys of one vault can lie side by side.
pub(super) fn account(vault_id: &str, key_id: &str) -> String {
    format!("{vault_id}/{key_id}")
}

/// What the check value covers: every column that says which key is the vault's.
fn covered(row: &VaultRow) -> Vec<u8> {
    let derivation = row.derivation.as_ref().map_or_else(String::new, |derivation| {
        let Derivation { salt, memory_kib, passes, lanes } = derivation;
        format!("{} {memory_kib} {passes} {lanes}", hex::encode(salt))
    });
    associated(&[VERSION, &row.vault_id, &row.key_id, row.kept_in.as_str(), &derivation, &row.made_at_ms.to_string()])
}

fn missing() -> Error {
    Error::new(ErrorCode::FailedPrecondition, "the key of this vault is not in this key store").with_hint(
        "it was made by another user or on another machine, or it was removed; no other key opens this vault, and none is made in its place",
    )
}

fn no_key(reason: &str) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("there is no key to seal secrets with: {reason}")).with_hint(
        "set `secrets.key` to `passphrase`, `passphrase-fd:3`, `fd:3` or `file:PATH`; a key for the latter two: `openssl rand -hex 32`",
    )
}

/// A prefix and a UUIDv7 (RFC 9562) from our clock. It has to be unique, not unpredictable.
pub(super) fn time_ordered_id(prefix: &str, at_ms: UnixMillis) -> String {
    format!("{prefix}_{}", time_ordered_uuid(at_ms))
}
