//! What a location calls its social accounts and their groups.

use std::sync::Arc;

use common::error::Result;

use super::Directory;
use crate::client::Site;
use crate::names::{Named, Wanted, exact, find};
use crate::social::{SocialAccount, SocialAccounts, SocialGroup};

impl Directory {
    /// The accounts and groups that the location can post to.
    pub(crate) async fn social_accounts(&self, site: &Site) -> Result<Arc<SocialAccounts>> {
        let (tenant, key) = (&site.session.tenant, site.location.id.as_str());
        self.social.get(tenant, key, || self.client.social_accounts(site)).await
    }
}

/// The accounts that names, ids or groups mean, each once.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates.
pub(crate) fn social_accounts_called(all: &SocialAccounts, texts: &[String]) -> Result<Vec<SocialAccount>> {
    let mut found: Vec<SocialAccount> = Vec::new();
    for text in texts {
        let group = exact(Wanted { noun: "group", text }, &all.groups)?;
        let of_group = |group: &SocialGroup| {
            all.accounts.iter().filter(|account| group.account_ids.contains(&account.id)).collect::<Vec<_>>()
        };
        let meant = match group {
            Some(group) => of_group(group),
            None => vec![account_called(all, text)?],
        };
        for account in meant {
            if !found.iter().any(|one| one.id == account.id) {
                found.push(account.clone());
            }
        }
    }
    Ok(found)
}

/// A platform's only account goes by the platform's name too.
fn account_called<'all>(all: &'all SocialAccounts, text: &str) -> Result<&'all SocialAccount> {
    let platform = text.trim().to_lowercase();
    let on_platform: Vec<&SocialAccount> = all.accounts.iter().filter(|one| one.platform == platform).collect();
    if let [only] = on_platform.as_slice() {
        return Ok(*only);
    }
    find(Wanted { noun: "social account", text }, &all.accounts)
}

impl Named for SocialAccount {
    fn id(&self) -> &str {
        &self.id
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for SocialGroup {
    fn id(&self) -> &str {
        &self.id
    }
    fn name(&self) -> &str {
        &self.name
    }
}
