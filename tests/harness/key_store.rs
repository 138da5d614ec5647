//! A key store in memory that can be locked, absent, broken, or gone before its answer. All clones are one store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use common::secrets::{KeyStore, Refusal};

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    #[default]
    Works,
    Absent,
    Locked,
    /// Keeps what it is given, then never answers well again: as if the asking process had died.
    DiesAfterWriting,
    RefusesToRemove,
}

/// Accounts and keys, as the store of a desktop would hold them for several processes.
#[derive(Debug, Clone, Default)]
pub struct MemoryKeyStore {
    entries: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    mood: Arc<Mutex<Mood>>,
}

impl MemoryKeyStore {
    pub fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// The names of what it holds.
    #[must_use]
    pub fn accounts(&self) -> Vec<String> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Changes every key in it.
    pub fn scramble(&self) {
        for key in self.entries.lock().unwrap_or_else(PoisonError::into_inner).values_mut() {
            key.reverse();
        }
    }

    pub fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn answer<T>(
        &self,
        does: impl FnOnce(&mut BTreeMap<String, Vec<u8>>, Mood) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        match mood {
            Mood::Absent => Err(Refusal::Absent("no store".into())),
            Mood::Locked => Err(Refusal::Locked("locked".into())),
            Mood::Works | Mood::DiesAfterWriting | Mood::RefusesToRemove => {
                does(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner), mood)
            }
        }
    }
}

impl KeyStore for MemoryKeyStore {
    fn read(&self, account: &str) -> Result<Option<Vec<u8>>, Refusal> {
        self.answer(|entries, _| Ok(entries.get(account).cloned()))
    }

    fn write(&self, account: &str, key: &[u8]) -> Result<(), Refusal> {
        self.answer(|entries, mood| {
            entries.insert(account.to_owned(), key.to_vec());
            if mood == Mood::DiesAfterWriting { Err(Refusal::Silent) } else { Ok(()) }
        })
    }

    fn remove(&self, account: &str) -> Result<(), Refusal> {
        self.answer(|entries, mood| {
            if matches!(mood, Mood::RefusesToRemove | Mood::DiesAfterWriting) {
                return Err(Refusal::Silent);
            }
            entries.remove(account);
            Ok(())
        })
    }
}
