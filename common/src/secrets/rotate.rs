//! Another key for the vault. All values are wrapped anew in one transaction; at every moment the key that the vault's
//! row names is where the row says.
//!
//! A key in the key store that is not the vault's is noted as stray before it is there and until it is gone, so that
//! a process that dies in between leaves nothing that the next rotation does not remove.

use std::sync::Arc;

use serde::Serialize;

use super::Secrets;
use super::envelope::{self, Place};
use super::source::KeySource;
use super::store::{self, KeptIn};
use super::vault::{Made, OpenVault, Vault, account, time_ordered_id};
use crate::db::Tx;
use crate::error::{Error, ErrorCode, Result};

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotated {
    pub key_id: String,
    /// How many secrets it wraps.
    pub secrets: u64,
    /// Keys that are no longer the vault's and could not be removed from the key store; the next rotation tries again.
    pub strays: usize,
}

impl Secrets {
    /// Exchanges the vault's key; `to` also moves it to another place, which `secrets.key` must then name.
    ///
    /// # Errors
    /// `failed_precondition` if there is no vault, if either key cannot be had, or if the vault's key is one that was
    /// given and `to` names no other; `conflict` if another process rotates; `internal` if a value was tampered with.
    /// The vault is then as it was.
    pub async fn rotate(&self, to: Option<&KeySource>) -> Result<Rotated> {
        let vault = &self.inner.vault;
        let Some(old) = vault.open().await? else {
            return Err(Error::new(ErrorCode::FailedPrecondition, "there is no vault yet")
                .with_hint("it is made with its first secret"));
        };
        let to = target(to, &old, &vault.source)?;
        // A note of a rotation that is under way elsewhere is taken from it too; it then gives up.
        sweep(vault, &old.vault_id).await?;
        let made = prepare(vault, &old, &to).await?;
        let in_store = (made.vault.kept_in == KeptIn::Os).then(|| made.vault.key_id.clone());
        let (new, secrets) = match commit(vault, &old, made).await {
            Err(error) if error.code() == ErrorCode::Conflict => {
                if let Some(key_id) = in_store {
                    withdraw(vault, &old.vault_id, &key_id).await?;
                }
                return Err(error);
            }
            committed => committed?,
        };
        vault.replace_open(Some(Arc::clone(&new))).await;
        let strays = sweep(vault, &old.vault_id).await?;
        Ok(Rotated { key_id: new.key_id.clone(), secrets, strays })
    }
}

fn target(to: Option<&KeySource>, old: &OpenVault, source: &KeySource) -> Result<KeySource> {
    match (to, old.kept_in) {
        (Some(to), _) => Ok(to.clone()),
        (None, KeptIn::Os) => Ok(KeySource::Os),
        (None, KeptIn::Passphrase) if *source == KeySource::Auto => Ok(KeySource::Passphrase),
        (None, KeptIn::Passphrase) => Ok(source.clone()),
        (None, KeptIn::Given) => {
            Err(Error::new(ErrorCode::FailedPrecondition, "the key of this vault was given to it")
                .with_hint("give the next one: `--to fd:4`, `--to file:PATH`, `--to passphrase` or `--to os`"))
        }
    }
}

/// Makes the new key and keeps it, without yet making it the vault's.
async fn prepare(vault: &Vault, old: &OpenVault, to: &KeySource) -> Result<Made> {
    let now_ms = vault.clock.now_ms();
    let key_id = time_ordered_id("key", now_ms);
    let is_noted = matches!(to, KeySource::Os | KeySource::Auto);
    if is_noted {
        let mut tx = vault.db.begin().await?;
        store::insert_stray(&mut tx, &key_id, now_ms).await?;
        tx.commit().await?;
    }
    let made = match vault.fresh(to, Some(old), (key_id.clone(), now_ms)).await {
        // Another rotation has swept the key away under our hands: the key store is not to blame.
        Err(error) if is_noted && !store::is_adoptable(&vault.db, &key_id).await? => {
            withdraw(vault, &old.vault_id, &key_id).await?;
            return Err(faster().with_source(Error::from(error)));
        }
        made => made?,
    };
    if made.vault.key.bytes() == old.key.bytes() {
        return Err(Error::new(ErrorCode::FailedPrecondition, "the key given is the one that the vault has"));
    }
    Ok(made)
}

/// Makes the new key the vault's.
async fn commit(vault: &Vault, old: &OpenVault, made: Made) -> Result<(Arc<OpenVault>, u64)> {
    let Made { row, vault: new } = made;
    let mut tx = vault.db.begin().await?;
    let (key_id, _changes) = store::lock_vault(&mut tx).await?;
    if key_id != old.key_id {
        return Err(faster());
    }
    let secrets = rewrap_all(&mut tx, old, &new).await?;
    store::update_vault(&mut tx, &row).await?;
    if new.kept_in == KeptIn::Os && !store::adopt_stray(&mut tx, &new.key_id).await? {
        return Err(faster());
    }
    if old.kept_in == KeptIn::Os {
        store::insert_stray(&mut tx, &old.key_id, row.made_at_ms).await?;
    }
    tx.commit().await?;
    Ok((Arc::new(new), secrets))
}

fn faster() -> Error {
    Error::new(ErrorCode::Conflict, "another process is rotating the key of this vault")
        .with_hint("nothing was changed; look at `secrets status`, then try again if need be")
}

async fn rewrap_all(tx: &mut Tx, old: &OpenVault, new: &OpenVault) -> Result<u64> {
    let mut after = (String::new(), String::new());
    let mut count = 0;
    loop {
        let page = store::values_after(tx, (&after.0, &after.1)).await?;
        let Some((tenant, name, _)) = page.last() else { return Ok(count) };
        after = (tenant.to_string(), name.to_string());
        for (tenant, name, row) in page {
            let place = Place { tenant: &tenant, name: &name };
            let row = envelope::rewrap(old, new, place, row).map_err(|source| {
                Error::internal(format!("the secret `{name}` of `{tenant}` was damaged or tampered with"), source)
            })?;
            store::rewrap_value(tx, &tenant, &name, &row).await?;
            count += 1;
        }
    }
}

/// Removes a key that an overtaken rotation has kept: whoever swept its note away may have come before it was there. If
/// that cannot be done now, the next sweep does it.
async fn withdraw(vault: &Vault, vault_id: &str, key_id: &str) -> Result<()> {
    if vault.keys.remove(account(vault_id, key_id)).await.is_err() {
        let mut tx = vault.db.begin().await?;
        store::note_stray_again(&mut tx, key_id, vault.clock.now_ms()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Removes stray keys from the key store. Returns how many are left.
async fn sweep(vault: &Vault, vault_id: &str) -> Result<usize> {
    let mut left = 0;
    for key_id in store::strays(&vault.db).await? {
        // Decided in the database first: a commit that would make this key the vault's then finds that it is too late.
        if !store::doom_stray(&vault.db, &key_id).await? {
            continue;
        }
        match vault.keys.remove(account(vault_id, &key_id)).await {
            Ok(()) => store::delete_stray(&vault.db, &key_id).await?,
            Err(_refused) => left += 1,
        }
    }
    Ok(left)
}
