//! The rows of the vault, its values and their leases.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::SecretName;
use super::passphrase::Derivation;
use crate::clock::UnixMillis;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::tenant::TenantId;

/// How the key of a vault is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeptIn {
    /// In the key store of the system.
    Os,
    /// In a person's head.
    Passphrase,
    /// By whoever starts the program: file descriptor or file.
    Given,
}

impl KeptIn {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Os => "os",
            Self::Passphrase => "passphrase",
            Self::Given => "given",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        [Self::Os, Self::Passphrase, Self::Given].into_iter().find(|kept| kept.as_str() == text).ok_or_else(damaged)
    }
}

/// The vault's row, unverified.
#[derive(Debug, Clone)]
pub(super) struct VaultRow {
    pub(super) vault_id: String,
    pub(super) key_id: String,
    pub(super) kept_in: KeptIn,
    pub(super) derivation: Option<Derivation>,
    pub(super) made_at_ms: UnixMillis,
    pub(super) check_sealed: Vec<u8>,
}

/// A value's row, unverified.
#[derive(Debug, Clone)]
pub(super) struct ValueRow {
    pub(super) generation: i64,
    pub(super) updated_at_ms: UnixMillis,
    pub(super) key_id: String,
    pub(super) wrapped_key: Vec<u8>,
    pub(super) sealed: Vec<u8>,
}

/// What a list shows of a secret: never its value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    pub name: String,
    /// Another one after each change.
    pub generation: i64,
    pub updated_at_ms: UnixMillis,
}

/// Most rows that are read at once when all are.
pub(super) const PAGE_ROWS: i64 = 200;

/// The vault, if there is one.
pub(super) async fn vault(db: &Db) -> Result<Option<VaultRow>> {
    let row = sqlx::query(
        "select vault_id, key_id, kept_in, kdf_salt, kdf_memory_kib, kdf_passes, kdf_lanes, made_at_ms, check_sealed
        from secret_vault
        where vault = 1",
    )
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(vault_row).transpose()
}

fn vault_row(row: &AnyRow) -> Result<VaultRow> {
    let number = |column: &str| row.try_get::<Option<i64>, _>(column);
    let salt: Option<String> = row.try_get("kdf_salt")?;
    let derivation = match (salt, number("kdf_memory_kib")?, number("kdf_passes")?, number("kdf_lanes")?) {
        (Some(salt), Some(memory_kib), Some(passes), Some(lanes)) => {
            Some(Derivation { salt: bytes(&salt)?, memory_kib, passes, lanes })
        }
        (None, None, None, None) => None,
        _ => return Err(damaged()),
    };
    Ok(VaultRow {
        vault_id: row.try_get("vault_id")?,
        key_id: row.try_get("key_id")?,
        kept_in: KeptIn::parse(&row.try_get::<String, _>("kept_in")?)?,
        derivation,
        made_at_ms: row.try_get("made_at_ms")?,
        check_sealed: bytes(&row.try_get::<String, _>("check_sealed")?)?,
    })
}

/// Whether the vault is this one now; false if another process was first.
pub(super) async fn insert_vault(db: &Db, row: &VaultRow) -> Result<bool> {
    let mut tx = db.begin().await?;
    let derivation = row.derivation.as_ref();
    let inserted = sqlx::query(
        "insert into secret_vault (vault, vault_id, key_id, kept_in, kdf_salt, kdf_memory_kib, kdf_passes, kdf_lanes,
            made_at_ms, check_sealed, changes)
        values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
        on conflict (vault) do nothing",
    )
    .bind(row.vault_id.as_str())
    .bind(row.key_id.as_str())
    .bind(row.kept_in.as_str())
    .bind(derivation.map(|derivation| STANDARD.encode(&derivation.salt)))
    .bind(derivation.map(|derivation| derivation.memory_kib))
    .bind(derivation.map(|derivation| derivation.passes))
    .bind(derivation.map(|derivation| derivation.lanes))
    .bind(row.made_at_ms)
    .bind(STANDARD.encode(&row.check_sealed))
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(inserted.rows_affected() == 1)
}

/// Exchanges the vault's key. The transaction holds the vault's lock.
pub(super) async fn update_vault(tx: &mut Tx, row: &VaultRow) -> Result<()> {
    let derivation = row.derivation.as_ref();
    sqlx::query(
        "update secret_vault
        set key_id = $1, kept_in = $2, kdf_salt = $3, kdf_memory_kib = $4, kdf_passes = $5, kdf_lanes = $6,
            made_at_ms = $7, check_sealed = $8
        where vault = 1",
    )
    .bind(row.key_id.as_str())
    .bind(row.kept_in.as_str())
    .bind(derivation.map(|derivation| STANDARD.encode(&derivation.salt)))
    .bind(derivation.map(|derivation| derivation.memory_kib))
    .bind(derivation.map(|derivation| derivation.passes))
    .bind(derivation.map(|derivation| derivation.lanes))
    .bind(row.made_at_ms)
    .bind(STANDARD.encode(&row.check_sealed))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the vault's lock until the transaction ends, and counts a change: which key is the vault's, and the count.
pub(super) async fn lock_vault(tx: &mut Tx) -> Result<(String, i64)> {
    let row = sqlx::query("update secret_vault set changes = changes + 1 where vault = 1 returning key_id, changes")
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(damaged)?;
    Ok((row.try_get("key_id")?, row.try_get("changes")?))
}

/// How many values there are, of all tenants.
pub(super) async fn count_values(db: &Db) -> Result<i64> {
    let row = sqlx::query("select count(*) as values_count from secret_values").fetch_one(db.read().await?).await?;
    Ok(row.try_get("values_count")?)
}

pub(super) async fn value(db: &Db, tenant: &TenantId, name: &SecretName) -> Result<Option<ValueRow>> {
    let row = sqlx::query(
        "select generation, updated_at_ms, key_id, wrapped_key, sealed
        from secret_values
        where tenant_id = $1 and name = $2",
    )
    .bind(tenant.as_str())
    .bind(name.as_str())
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(value_row).transpose()
}

fn value_row(row: &AnyRow) -> Result<ValueRow> {
    Ok(ValueRow {
        generation: row.try_get("generation")?,
        updated_at_ms: row.try_get("updated_at_ms")?,
        key_id: row.try_get("key_id")?,
        wrapped_key: bytes(&row.try_get::<String, _>("wrapped_key")?)?,
        sealed: bytes(&row.try_get::<String, _>("sealed")?)?,
    })
}

/// Inserts or replaces; false if there is a value of this or a later generation.
pub(super) async fn put_value(tx: &mut Tx, tenant: &TenantId, name: &SecretName, row: &ValueRow) -> Result<bool> {
    let done = sqlx::query(
        "insert into secret_values (tenant_id, name, generation, updated_at_ms, key_id, wrapped_key, sealed)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (tenant_id, name) do update
        set generation = excluded.generation, updated_at_ms = excluded.updated_at_ms, key_id = excluded.key_id,
            wrapped_key = excluded.wrapped_key, sealed = excluded.sealed
        where secret_values.generation < excluded.generation",
    )
    .bind(tenant.as_str())
    .bind(name.as_str())
    .bind(row.generation)
    .bind(row.updated_at_ms)
    .bind(row.key_id.as_str())
    .bind(STANDARD.encode(&row.wrapped_key))
    .bind(STANDARD.encode(&row.sealed))
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The generation of a value; None if there is none. The transaction holds the vault's lock.
pub(super) async fn generation(tx: &mut Tx, tenant: &TenantId, name: &SecretName) -> Result<Option<i64>> {
    let row = sqlx::query("select generation from secret_values where tenant_id = $1 and name = $2")
        .bind(tenant.as_str())
        .bind(name.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| row.try_get("generation")).transpose()?)
}

pub(super) async fn delete_value(db: &Db, tenant: &TenantId, name: &SecretName) -> Result<bool> {
    let mut tx = db.begin().await?;
    let done = sqlx::query("delete from secret_values where tenant_id = $1 and name = $2")
        .bind(tenant.as_str())
        .bind(name.as_str())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// A tenant's secrets whose name begins with a text, sorted by name, at most 1,000.
pub(super) async fn list(db: &Db, tenant: &TenantId, prefix: &str) -> Result<Vec<Listed>> {
    // Not `like`: its wildcards stand in names, and SQLite's ignores case.
    let rows = sqlx::query(
        "select name, generation, updated_at_ms
        from secret_values
        where tenant_id = $1 and substr(name, 1, $2) = $3
        order by name
        limit 1000",
    )
    .bind(tenant.as_str())
    .bind(i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX))
    .bind(prefix)
    .fetch_all(db.read().await?)
    .await?;
    let listed = |row: &AnyRow| {
        Ok(Listed {
            name: row.try_get("name")?,
            generation: row.try_get("generation")?,
            updated_at_ms: row.try_get("updated_at_ms")?,
        })
    };
    rows.iter().map(listed).collect()
}

/// The next values of all tenants after one, at most [`PAGE_ROWS`].
pub(super) async fn values_after(
    tx: &mut Tx,
    (tenant, name): (&str, &str),
) -> Result<Vec<(TenantId, SecretName, ValueRow)>> {
    let rows = sqlx::query(
        "select tenant_id, name, generation, updated_at_ms, key_id, wrapped_key, sealed
        from secret_values
        where tenant_id > $1 or (tenant_id = $1 and name > $2)
        order by tenant_id, name
        limit $3",
    )
    .bind(tenant)
    .bind(name)
    .bind(PAGE_ROWS)
    .fetch_all(&mut **tx)
    .await?;
    let named = |row: &AnyRow| {
        let tenant = row.try_get::<String, _>("tenant_id")?.parse().map_err(|_named| damaged())?;
        let name = row.try_get::<String, _>("name")?.parse().map_err(|_named| damaged())?;
        Ok((tenant, name, value_row(row)?))
    };
    rows.iter().map(named).collect()
}

/// Exchanges what a value's key is wrapped by.
pub(super) async fn rewrap_value(tx: &mut Tx, tenant: &TenantId, name: &SecretName, row: &ValueRow) -> Result<()> {
    sqlx::query("update secret_values set key_id = $3, wrapped_key = $4 where tenant_id = $1 and name = $2")
        .bind(tenant.as_str())
        .bind(name.as_str())
        .bind(row.key_id.as_str())
        .bind(STANDARD.encode(&row.wrapped_key))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes that a key may lie in the key store without being the vault's.
pub(super) async fn insert_stray(tx: &mut Tx, key_id: &str, at_ms: UnixMillis) -> Result<()> {
    sqlx::query("insert into secret_stray_keys (key_id, at_ms) values ($1, $2)")
        .bind(key_id)
        .bind(at_ms)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The same for a key whose note somebody may have taken away.
pub(super) async fn note_stray_again(tx: &mut Tx, key_id: &str, at_ms: UnixMillis) -> Result<()> {
    sqlx::query("insert into secret_stray_keys (key_id, at_ms) values ($1, $2) on conflict (key_id) do nothing")
        .bind(key_id)
        .bind(at_ms)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes the note of a key back that becomes the vault's; false if another process is removing the key.
pub(super) async fn adopt_stray(tx: &mut Tx, key_id: &str) -> Result<bool> {
    let done = sqlx::query("delete from secret_stray_keys where key_id = $1 and is_being_removed = 0")
        .bind(key_id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a key is noted and nobody is removing it, so that it can become the vault's.
pub(super) async fn is_adoptable(db: &Db, key_id: &str) -> Result<bool> {
    let noted = sqlx::query("select 1 from secret_stray_keys where key_id = $1 and is_being_removed = 0")
        .bind(key_id)
        .fetch_optional(db.read().await?)
        .await?;
    Ok(noted.is_some())
}

/// Decides that a stray key goes; false if it has become the vault's.
pub(super) async fn doom_stray(db: &Db, key_id: &str) -> Result<bool> {
    let mut tx = db.begin().await?;
    let done = sqlx::query("update secret_stray_keys set is_being_removed = 1 where key_id = $1")
        .bind(key_id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets a stray key that is gone.
pub(super) async fn delete_stray(db: &Db, key_id: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("delete from secret_stray_keys where key_id = $1").bind(key_id).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Keys noted as stray, oldest first, at most 1,000.
pub(super) async fn strays(db: &Db) -> Result<Vec<String>> {
    let rows = sqlx::query("select key_id from secret_stray_keys order by at_ms, key_id limit 1000")
        .fetch_all(db.read().await?)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("key_id")?)).collect()
}

/// Takes a lease that is free or over; false if somebody holds it.
pub(super) async fn take_lease(
    db: &Db,
    (tenant, name): (&TenantId, &SecretName),
    holder_id: &str,
    (now_ms, until_ms): (UnixMillis, UnixMillis),
) -> Result<bool> {
    let mut tx = db.begin().await?;
    let done = sqlx::query(
        "insert into secret_leases (tenant_id, name, holder_id, until_ms)
        values ($1, $2, $3, $4)
        on conflict (tenant_id, name) do update
        set holder_id = excluded.holder_id, until_ms = excluded.until_ms
        where secret_leases.until_ms <= $5",
    )
    .bind(tenant.as_str())
    .bind(name.as_str())
    .bind(holder_id)
    .bind(until_ms)
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a lease back; false if it was over and somebody else has it.
pub(super) async fn release_lease(db: &Db, tenant: &TenantId, name: &SecretName, holder_id: &str) -> Result<bool> {
    let mut tx = db.begin().await?;
    let done = sqlx::query("delete from secret_leases where tenant_id = $1 and name = $2 and holder_id = $3")
        .bind(tenant.as_str())
        .bind(name.as_str())
        .bind(holder_id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

fn bytes(base64: &str) -> Result<Vec<u8>> {
    STANDARD.decode(base64).map_err(|_position| damaged())
}

/// A row that this program never writes.
pub(super) fn damaged() -> Error {
    Error::internal("the vault was damaged or tampered with", "a row that this program never writes")
}
