//! A value sealed by a key of its own, which the vault's key wraps. Both seals cover whose value it is, its name, its
//! generation and when it was made, so that no row passes for another.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::SecretName;
use super::seal::{Key, associated};
use super::store::{ValueRow, damaged};
use super::vault::OpenVault;
use crate::clock::UnixMillis;
use crate::error::Result;
use crate::tenant::TenantId;

/// The form of the seals; another number means another form.
const VERSION: &str = "luminar-secret-1";

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) name: &'a SecretName,
}

impl Place<'_> {
    fn covered_by_value(self, generation: i64, updated_at_ms: UnixMillis) -> Vec<u8> {
        let numbers = (generation.to_string(), updated_at_ms.to_string());
        associated(&[VERSION, "value", self.tenant.as_str(), self.name.as_str(), &numbers.0, &numbers.1])
    }

    fn covered_by_key(self, generation: i64, key_id: &str) -> Vec<u8> {
        associated(&[VERSION, "key", self.tenant.as_str(), self.name.as_str(), &generation.to_string(), key_id])
    }
}

/// Seals a value for its place.
pub(super) fn seal(
    vault: &OpenVault,
    place: Place<'_>,
    (generation, updated_at_ms): (i64, UnixMillis),
    value: &SecretString,
) -> Result<ValueRow> {
    let own_key = Key::random()?;
    let covered = place.covered_by_value(generation, updated_at_ms);
    Ok(ValueRow {
        generation,
        updated_at_ms,
        key_id: vault.key_id.clone(),
        wrapped_key: vault.key.seal(&place.covered_by_key(generation, &vault.key_id), own_key.bytes())?,
        sealed: own_key.seal(&covered, value.expose_secret().as_bytes())?,
    })
}

/// Opens a value.
///
/// # Errors
/// `internal` if any column is not as it was sealed.
pub(super) fn open(vault: &OpenVault, place: Place<'_>, row: &ValueRow) -> Result<SecretString> {
    let own_key = unwrap(vault, place, row)?;
    let covered = place.covered_by_value(row.generation, row.updated_at_ms);
    let plain: Zeroizing<Vec<u8>> = own_key.open(&covered, &row.sealed).ok_or_else(damaged)?;
    Ok(SecretString::from(std::str::from_utf8(&plain).map_err(|_position| damaged())?))
}

/// The same value, its key wrapped by another vault key.
pub(super) fn rewrap(from: &OpenVault, to: &OpenVault, place: Place<'_>, row: ValueRow) -> Result<ValueRow> {
    let own_key = unwrap(from, place, &row)?;
    let wrapped_key = to.key.seal(&place.covered_by_key(row.generation, &to.key_id), own_key.bytes())?;
    Ok(ValueRow { key_id: to.key_id.clone(), wrapped_key, ..row })
}

fn unwrap(vault: &OpenVault, place: Place<'_>, row: &ValueRow) -> Result<Key> {
    let covered = place.covered_by_key(row.generation, &row.key_id);
    let own_key = vault.key.open(&covered, &row.wrapped_key).ok_or_else(damaged)?;
    Key::from_bytes(&own_key).ok_or_else(damaged)
}
