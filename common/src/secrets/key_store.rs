//! The key store of the system: Secret Service, Keychain, Credential Manager. What it refuses is told apart.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use super::seal::Key;
use crate::error::{Error, ErrorCode};

/// The name under which the key store shows our entries.
const SERVICE: &str = "luminar";

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a key store did not do what it was asked.
#[derive(Debug)]
pub enum Refusal {
    /// There is none on this machine, or none is running.
    Absent(Cause),
    /// It is locked, or this program may not use it.
    Locked(Cause),
    /// It did not answer in time: it may be asking a person.
    Silent,
    Failed(Cause),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let error = |message: &str, hint: &str| Self::new(ErrorCode::FailedPrecondition, message).with_hint(hint);
        match refusal {
            Refusal::Absent(cause) => error(
                "there is no key store of the system here",
                "start one (on Linux: a Secret Service such as gnome-keyring, in the same session), or give the key otherwise: `secrets.key`",
            )
            .with_source(cause),
            Refusal::Locked(cause) => {
                error("the key store of the system is locked", "unlock it, then try again").with_source(cause)
            }
            Refusal::Silent => error(
                "the key store of the system did not answer in time",
                "it may be asking for its password in a window: answer there, then try again",
            ),
            Refusal::Failed(cause) => {
                error("the key store of the system failed", "the log has the cause; try again").with_source(cause)
            }
        }
    }
}

/// Where keys are kept by account. Every call may block. A trait because tests need one that locks, hangs and dies.
pub trait KeyStore: fmt::Debug + Send + Sync {
    /// None if it has no such account: the one answer after which a key may be made.
    ///
    /// # Errors
    /// Why it does not say.
    fn read(&self, account: &str) -> Result<Option<Vec<u8>>, Refusal>;

    /// Keeps a key.
    ///
    /// # Errors
    /// Why it does not; it may have.
    fn write(&self, account: &str, key: &[u8]) -> Result<(), Refusal>;

    /// Forgets a key; one that it does not have is forgotten.
    ///
    /// # Errors
    /// Why it does not.
    fn remove(&self, account: &str) -> Result<(), Refusal>;
}

/// The one of this machine. Connects anew for each call: there are few, and a store that comes up later is found.
#[derive(Debug)]
pub(super) struct SystemKeyStore;

impl SystemKeyStore {
    fn entry(account: &str) -> Result<keyring_core::Entry, Refusal> {
        #[cfg(target_os = "macos")]
        use apple_native_keyring_store::keychain::Store;
        use keyring_core::api::CredentialStoreApi;
        #[cfg(windows)]
        use windows_native_keyring_store::Store;
        #[cfg(all(unix, not(target_os = "macos")))]
        use zbus_secret_service_keyring_store::Store;

        let store = Store::new().map_err(|cause| Refusal::Absent(cause.into()))?;
        store.build(SERVICE, account, None).map_err(refusal)
    }
}

impl KeyStore for SystemKeyStore {
    fn read(&self, account: &str) -> Result<Option<Vec<u8>>, Refusal> {
        match Self::entry(account)?.get_secret() {
            Ok(key) => Ok(Some(key)),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(cause) => Err(refusal(cause)),
        }
    }

    fn write(&self, account: &str, key: &[u8]) -> Result<(), Refusal> {
        Self::entry(account)?.set_secret(key).map_err(refusal)
    }

    fn remove(&self, account: &str) -> Result<(), Refusal> {
        match Self::entry(account)?.delete_credential() {
            Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
            Err(cause) => Err(refusal(cause)),
        }
    }
}

fn refusal(cause: keyring_core::Error) -> Refusal {
    match cause {
        keyring_core::Error::NoStorageAccess(cause) => Refusal::Locked(cause),
        // These two carry what was read, which may be a key: their cause must not reach the log.
        keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
            Refusal::Failed("the entry is not a key".into())
        }
        other => Refusal::Failed(other.into()),
    }
}

/// A key store that answers within bounds, one question at a time.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    store: Arc<dyn KeyStore>,
    patience: Duration,
    turn: Arc<Semaphore>,
}

impl Keys {
    pub(super) fn new(store: Arc<dyn KeyStore>, patience: Duration) -> Self {
        Self { store, patience, turn: Arc::new(Semaphore::new(1)) }
    }

    pub(super) async fn read(&self, account: String) -> Result<Option<Key>, Refusal> {
        let read = self.ask(move |store| store.read(&account).map(|key| key.map(zeroize::Zeroizing::new))).await?;
        match read {
            Some(bytes) => match Key::from_bytes(&bytes) {
                Some(key) => Ok(Some(key)),
                None => Err(Refusal::Failed("the entry is not a key".into())),
            },
            None => Ok(None),
        }
    }

    pub(super) async fn write(&self, account: String, key: Key) -> Result<(), Refusal> {
        self.ask(move |store| store.write(&account, key.bytes())).await
    }

    pub(super) async fn remove(&self, account: String) -> Result<(), Refusal> {
        self.ask(move |store| store.remove(&account)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn KeyStore) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        // A question without an answer keeps its turn, so that a dead store holds one thread and not one per call.
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.turn).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(Refusal::Silent) };
        let store = Arc::clone(&self.store);
        let answer = beside(self.patience, move || {
            let _turn = turn;
            question(store.as_ref())
        });
        answer.await.unwrap_or(Err(Refusal::Silent))
    }
}

/// Does what blocks on a thread of its own and waits for it, at most `patience`.
///
/// Not on the runtime's blocking threads: the process could not end before one that hangs.
pub(super) async fn beside<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::Builder::new().name("luminar-keys".to_owned());
    thread.spawn(move || drop(sender.send(work()))).ok()?;
    tokio::time::timeout(patience, receiver).await.ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Hangs(std::sync::Mutex<std::sync::mpsc::Receiver<()>>);

    impl KeyStore for Hangs {
        fn read(&self, _account: &str) -> Result<Option<Vec<u8>>, Refusal> {
            let _ended = self.0.lock().unwrap().recv();
            Ok(None)
        }

        fn write(&self, _account: &str, _key: &[u8]) -> Result<(), Refusal> {
            Ok(())
        }

        fn remove(&self, _account: &str) -> Result<(), Refusal> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_store_that_hangs_is_silent_until_it_answers_again() {
        let (release, hang) = std::sync::mpsc::channel();
        let keys = Keys::new(Arc::new(Hangs(hang.into())), Duration::from_millis(50));
        assert!(matches!(keys.read("a".to_owned()).await, Err(Refusal::Silent)));
        assert!(matches!(keys.remove("a".to_owned()).await, Err(Refusal::Silent)), "it waits for its turn");
        release.send(()).unwrap();
        while keys.remove("a".to_owned()).await.is_err() {}
    }
}
