//! Keys and passphrases that people and operators hold: asked for or read when needed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::key_store::beside;
use super::passphrase::{Derivation, check_strength};
use super::seal::Key;
use super::source::{self, KeySource};
use super::store;
use crate::error::{Error, ErrorCode, Result};

/// How long deriving a key from a passphrase may take: some tenths of a second on an idle machine.
const DERIVATION_PATIENCE: Duration = Duration::from_mins(1);
/// How long a person may take to type a passphrase.
const TYPING_PATIENCE: Duration = Duration::from_mins(5);

/// Whether a passphrase is to be remembered or thought up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Known,
    New,
}

impl Asking {
    fn at_terminal(self) -> Result<SecretString> {
        match self {
            Self::Known => source::ask("Passphrase of the vault: "),
            Self::New => {
                let passphrase = source::ask("New passphrase for the vault: ")?;
                let again = source::ask("Once more: ")?;
                if passphrase.expose_secret() == again.expose_secret() {
                    return Ok(passphrase);
                }
                Err(Error::new(ErrorCode::FailedPrecondition, "the two passphrases differ").with_hint("try again"))
            }
        }
    }
}

/// What was given at the start, and the person at the terminal.
#[derive(Debug)]
pub(super) struct Given {
    source: KeySource,
    patience: Duration,
    /// Whether there is a person at the terminal who expects to be asked.
    may_ask: AtomicBool,
    /// What the descriptor of `source` held: it can be read once.
    passphrase: Mutex<Option<SecretString>>,
    key: Mutex<Option<Key>>,
}

impl Given {
    pub(super) fn new(source: KeySource, patience: Duration) -> Self {
        let may_ask = AtomicBool::new(false);
        Self { source, patience, may_ask, passphrase: Mutex::default(), key: Mutex::default() }
    }

    pub(super) fn set_may_ask(&self, may_ask: bool) {
        self.may_ask.store(may_ask, Ordering::Relaxed);
    }

    pub(super) fn may_ask(&self) -> bool {
        self.may_ask.load(Ordering::Relaxed)
    }

    /// The key that a passphrase makes.
    pub(super) async fn derived(&self, source: &KeySource, asking: Asking, derivation: Derivation) -> Result<Key> {
        let passphrase = match source {
            KeySource::PassphraseFd(number) => self.passphrase_in_descriptor(source, *number).await?,
            _ => self.typed(asking).await?,
        };
        if asking == Asking::New {
            check_strength(&passphrase)?;
        }
        let derived = beside(DERIVATION_PATIENCE, move || derivation.derive(&passphrase)).await;
        derived.ok_or_else(|| Error::new(ErrorCode::DeadlineExceeded, "deriving the key took too long"))?
    }

    /// The key that a descriptor or a file holds.
    pub(super) async fn key(&self, source: &KeySource) -> Result<Key> {
        match source {
            KeySource::Fd(number) if *source == self.source => {
                let mut key = self.key.lock().await;
                if key.is_none() {
                    *key = Some(self.read(*number, source::key_in_descriptor).await?);
                }
                key.clone().ok_or_else(store::damaged)
            }
            // Another one than the vault's own: that of a rotation.
            KeySource::Fd(number) => self.read(*number, source::key_in_descriptor).await,
            KeySource::File(path) => self.read(path.clone(), |path| source::key_in_file(&path)).await,
            KeySource::Auto | KeySource::None | KeySource::Os | KeySource::Passphrase | KeySource::PassphraseFd(_) => {
                Err(store::damaged())
            }
        }
    }

    async fn passphrase_in_descriptor(&self, source: &KeySource, number: u32) -> Result<SecretString> {
        if *source != self.source {
            return self.read(number, source::passphrase_in_descriptor).await;
        }
        let mut passphrase = self.passphrase.lock().await;
        if passphrase.is_none() {
            *passphrase = Some(self.read(number, source::passphrase_in_descriptor).await?);
        }
        passphrase.clone().ok_or_else(store::damaged)
    }

    async fn typed(&self, asking: Asking) -> Result<SecretString> {
        if !self.may_ask() {
            let hint =
                "start the program with `secrets.key = \"passphrase-fd:3\"` and the passphrase on that file descriptor";
            return Err(
                Error::new(ErrorCode::FailedPrecondition, "the vault is locked by a passphrase").with_hint(hint)
            );
        }
        let typed = beside(TYPING_PATIENCE, move || asking.at_terminal()).await;
        typed.ok_or_else(|| Error::new(ErrorCode::FailedPrecondition, "nobody typed a passphrase"))?
    }

    async fn read<From: Send + 'static, T: Send + 'static>(
        &self,
        from: From,
        read: fn(From) -> Result<T>,
    ) -> Result<T> {
        let silent = || {
            Error::new(ErrorCode::FailedPrecondition, "nobody wrote to where the key of the vault is to be read")
                .with_hint("the other end of the pipe has to write it and close")
        };
        beside(self.patience, move || read(from)).await.ok_or_else(silent)?
    }
}
