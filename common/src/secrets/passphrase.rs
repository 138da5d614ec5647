//! A key from a passphrase: Argon2id (RFC 9106).

use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

use super::seal::{KEY_BYTES, Key};
use crate::error::{Error, ErrorCode, Result};

/// Memory, passes and lanes of new keys: the second recommendation of RFC 9106, section 4, with fewer lanes, since
/// they are worked off one after another.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// What a row may ask for at most, so that a changed row cannot take the machine's memory or time.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;

/// Length of a salt, in bytes: RFC 9106, section 3.1.
const SALT_BYTES: usize = 16;
/// Fewest characters of a passphrase for a new key.
const CHARACTERS_MIN: usize = 8;

/// How a key is derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Derivation {
    pub(super) salt: Vec<u8>,
    pub(super) memory_kib: i64,
    pub(super) passes: i64,
    pub(super) lanes: i64,
}

impl Derivation {
    /// With a salt of its own.
    pub(super) fn fresh() -> Result<Self> {
        let salt = Key::random()?.bytes().iter().copied().take(SALT_BYTES).collect();
        Ok(Self { salt, memory_kib: MEMORY_KIB.into(), passes: PASSES.into(), lanes: LANES.into() })
    }

    /// Works for a tenth of a second or so: not for a thread that others wait for.
    ///
    /// # Errors
    /// `internal` if the parameters are out of bounds, or their memory cannot be had.
    pub(super) fn derive(&self, passphrase: &SecretString) -> Result<Key> {
        let out_of_bounds = || Error::internal("the vault's row asks for an unusual derivation", "damaged row");
        let within = |value: i64, max: u32| u32::try_from(value).ok().filter(|value| *value <= max);
        let memory_kib = within(self.memory_kib, MEMORY_KIB_MAX).ok_or_else(out_of_bounds)?;
        let passes = within(self.passes, PASSES_MAX).ok_or_else(out_of_bounds)?;
        let lanes = within(self.lanes, LANES_MAX).ok_or_else(out_of_bounds)?;
        let params = Params::new(memory_kib, passes, lanes, Some(KEY_BYTES)).map_err(|_unspecific| out_of_bounds())?;
        let mut key = Key::from_bytes(&[0; KEY_BYTES]).ok_or_else(out_of_bounds)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose_secret().as_bytes(), &self.salt, key.bytes_mut())
            .map_err(|source| Error::internal("no key could be derived from the passphrase", source.to_string()))?;
        Ok(key)
    }
}

/// Refuses a passphrase that is too short for a new key.
pub(super) fn check_strength(passphrase: &SecretString) -> Result<()> {
    if passphrase.expose_secret().chars().count() >= CHARACTERS_MIN {
        return Ok(());
    }
    Err(Error::new(ErrorCode::FailedPrecondition, "the passphrase is too short")
        .with_hint(format!("at least {CHARACTERS_MIN} characters; five words are better")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_passphrase_and_salt_make_the_same_key_and_no_others_do() {
        let small = |salt: u8| Derivation { salt: vec![salt; SALT_BYTES], memory_kib: 64, passes: 1, lanes: 1 };
        let key = |salt, passphrase: &str| small(salt).derive(&passphrase.into()).unwrap().bytes().to_vec();
        assert_eq!(key(1, "correct horse"), key(1, "correct horse"));
        assert_ne!(key(1, "correct horse"), key(2, "correct horse"));
        assert_ne!(key(1, "correct horse"), key(1, "correct horst"));
    }

    #[test]
    fn a_row_cannot_ask_for_the_whole_machine() {
        let good = Derivation { salt: vec![1; SALT_BYTES], memory_kib: 64, passes: 1, lanes: 1 };
        for broken in [
            Derivation { memory_kib: 1 << 40, ..good.clone() },
            Derivation { memory_kib: -1, ..good.clone() },
            Derivation { passes: 1_000_000, ..good.clone() },
            Derivation { lanes: 0, ..good.clone() },
            Derivation { salt: Vec::new(), ..good },
        ] {
            assert!(broken.derive(&"correct horse".into()).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn short_passphrases_make_no_keys() {
        assert!(check_strength(&"1234567".into()).is_err());
        check_strength(&"12345678".into()).unwrap();
    }
}
