//! How the vault is, in a sentence.

use super::Secrets;
use super::key_store::Refusal;
use super::source::KeySource;
use super::store::{self, KeptIn};
use crate::error::Result;
use crate::health::Check;

impl Secrets {
    /// How the vault is: where its key is and how much it holds. Makes nothing and asks nobody.
    ///
    /// # Errors
    /// `failed_precondition` if a key that there should be cannot be had, or is a wrong one.
    pub async fn status(&self) -> Result<String> {
        let vault = &self.inner.vault;
        let Some(row) = store::vault(&vault.db).await? else { return self.status_without_vault().await };
        let (count, strays) = (store::count_values(&vault.db).await?, store::strays(&vault.db).await?.len());
        let is_asked = matches!(vault.source, KeySource::Auto | KeySource::Passphrase);
        let place = if row.kept_in == KeptIn::Passphrase && is_asked && !vault.given.may_ask() {
            "behind a passphrase, which was not asked for"
        } else {
            vault.open().await?;
            match row.kept_in {
                KeptIn::Os => "in the key store of the system",
                KeptIn::Passphrase => "behind a passphrase",
                KeptIn::Given => "given at the start",
            }
        };
        let strays =
            if strays == 0 { String::new() } else { format!("; {strays} old keys to remove by `secrets rotate`") };
        Ok(format!("{count} sealed; the key is {place}{strays}"))
    }

    async fn status_without_vault(&self) -> Result<String> {
        let vault = &self.inner.vault;
        let none = |reason: &str| {
            Ok(format!("no key, because {reason}: logins will be refused until `secrets.key` says where to keep one"))
        };
        Ok(match &vault.source {
            KeySource::None => return none("`secrets.key` is `none`"),
            source @ (KeySource::Auto | KeySource::Os) => match vault.keys.read("probe".to_owned()).await {
                Ok(_) => "none yet; the key store of the system will keep the key".to_owned(),
                Err(Refusal::Absent(_)) if *source == KeySource::Auto => {
                    return none("the system has no key store here");
                }
                Err(refusal) => return Err(refusal.into()),
            },
            KeySource::Passphrase | KeySource::PassphraseFd(_) => "none yet; a passphrase will lock them".to_owned(),
            KeySource::Fd(_) | KeySource::File(_) => "none yet; the key that is given will lock them".to_owned(),
        })
    }

    /// [`Secrets::status`] as a line of `doctor`.
    #[must_use]
    pub fn check(&self) -> Check {
        let secrets = self.clone();
        Check::new("secrets", move || {
            let secrets = secrets.clone();
            async move { secrets.status().await }
        })
    }
}
