//! Authenticated encryption: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), the nonce in front.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Length of a key, in bytes.
pub(super) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The part of a [`SealingKey`]'s nonces that is random and the process's own; the rest counts.
const NONCE_PREFIX_BYTES: usize = 16;

/// 256 bits that seal; overwritten when dropped.
#[derive(Clone)]
pub(super) struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    /// From the system's random numbers.
    pub(super) fn random() -> Result<Self> {
        let mut key = Self(Zeroizing::new([0; KEY_BYTES]));
        fill(key.0.as_mut_slice())?;
        Ok(key)
    }

    /// None unless there are exactly [`KEY_BYTES`].
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Self(Zeroizing::new([0; KEY_BYTES]));
        if bytes.len() != KEY_BYTES {
            return None;
        }
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        self.0.as_mut_slice()
    }

    /// `internal` if there are no random numbers.
    pub(super) fn seal(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        fill(&mut nonce)?;
        Ok(self.seal_with(nonce, associated, plain))
    }

    /// None if it was not sealed by this key with this associated data.
    pub(super) fn open(&self, associated: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: associated };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    /// Empty, which nothing opens, beyond the 256 GiB that the cipher allows.
    fn seal_with(&self, nonce: [u8; NONCE_BYTES], associated: &[u8], plain: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: plain, aad: associated };
        let Ok(sealed) = self.cipher().encrypt(&XNonce::from(nonce), payload) else { return Vec::new() };
        [nonce.as_slice(), sealed.as_slice()].concat()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(..)")
    }
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|source| Error::internal("the system has no random numbers", source))
}

/// Several texts as one, such that no other list of texts makes the same bytes.
pub(super) fn associated(parts: &[&str]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        joined.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        joined.extend(part.as_bytes());
    }
    joined
}

/// A key for what the program hands out and wants back unchanged and unread. Cheap to clone.
#[derive(Clone)]
pub struct SealingKey {
    inner: Arc<Sealing>,
}

struct Sealing {
    key: Key,
    prefix: [u8; NONCE_PREFIX_BYTES],
    count: AtomicU64,
}

impl SealingKey {
    /// A key that nobody else has and that ends with the process.
    ///
    /// # Errors
    /// `internal` if the system has no random numbers.
    pub fn random() -> Result<Self> {
        Self::new(Key::random()?)
    }

    pub(super) fn new(key: Key) -> Result<Self> {
        let mut prefix = [0; NONCE_PREFIX_BYTES];
        fill(&mut prefix)?;
        Ok(Self { inner: Arc::new(Sealing { key, prefix, count: AtomicU64::new(0) }) })
    }

    /// Encrypts `plain`, bound to `associated`: 40 bytes longer.
    ///
    /// Beyond the cipher's 256 GiB the result is empty, which nothing opens.
    #[must_use]
    pub fn seal(&self, associated: &[u8], plain: &[u8]) -> Vec<u8> {
        // Counted, not drawn, so that sealing cannot fail for want of random numbers.
        let count = self.inner.count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut nonce = [0; NONCE_BYTES];
        let (prefix, rest) = nonce.split_at_mut(NONCE_PREFIX_BYTES);
        prefix.copy_from_slice(&self.inner.prefix);
        rest.copy_from_slice(&count);
        self.inner.key.seal_with(nonce, associated, plain)
    }

    /// None if it was not sealed by this key with this associated data.
    #[must_use]
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.inner.key.open(associated, sealed).map(|plain| plain.to_vec())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealingKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn the_cipher_is_the_one_of_the_draft() {
        let key =
            Key::from_bytes(&hex::decode("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f").unwrap());
        let nonce = hex::decode("404142434445464748494a4b4c4d4e4f5051525354555657").unwrap();
        let associated = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
        let plain: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let sealed = key.unwrap().seal_with(nonce.clone().try_into().unwrap(), &associated, plain);
        let expected = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";
        assert_eq!(hex::encode(sealed), format!("{}{expected}", hex::encode(nonce)));
    }

    #[test]
    fn what_was_sealed_opens_with_the_same_key_and_words_alone() {
        let key = SealingKey::random().unwrap();
        let sealed = key.seal(b"plan", b"value");
        assert_eq!(key.open(b"plan", &sealed).unwrap(), b"value");
        assert_eq!(key.clone().open(b"plan", &key.seal(b"plan", b"")).unwrap(), b"");
        assert_eq!(key.open(b"plot", &sealed), None);
        assert_eq!(SealingKey::random().unwrap().open(b"plan", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(b"plan", &changed), None, "byte {at}");
            assert_eq!(key.open(b"plan", &sealed[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn the_same_words_are_never_sealed_alike() {
        let key = SealingKey::random().unwrap();
        let again = SealingKey::new(key.inner.key.clone()).unwrap();
        let seals: std::collections::HashSet<_> =
            (0..100).flat_map(|_| [key.seal(b"", b"x"), key.clone().seal(b"", b"x"), again.seal(b"", b"x")]).collect();
        assert_eq!(seals.len(), 300);
    }

    #[test]
    fn lists_of_texts_are_told_apart() {
        assert_ne!(associated(&["ab", "c"]), associated(&["a", "bc"]));
        assert_ne!(associated(&["a"]), associated(&["a", ""]));
    }

    #[test]
    fn keys_do_not_show() {
        let key = Key::from_bytes(&[7; KEY_BYTES]).unwrap();
        assert_eq!(format!("{key:?} {:?}", SealingKey::new(key.clone()).unwrap()), "Key(..) SealingKey(..)");
    }
}
