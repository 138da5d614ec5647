//! Which template, email campaign or acting user a text means. Looked up each time: they change while people write them.

use common::error::{Error, ErrorCode, Result};

use super::Directory;
use crate::client::{CampaignQuery, Site};
use crate::email_campaign::{CampaignKind, EmailCampaign, Step};
use crate::email_template::EmailTemplate;
use crate::names::{Named, Wanted, exact, find, undecided};
use crate::record_id::RecordId;

/// Rows of one request: the vendor's most (specification of both lists).
const PER_PAGE: u32 = 20;

/// Most pages looked through for a name.
const PAGES_MAX: usize = 5;

impl Directory {
    /// The template that a name or id means.
    ///
    /// # Errors
    /// `not_found` or `invalid_argument`, with candidates.
    pub(crate) async fn email_template(&self, site: &Site, text: &str) -> Result<EmailTemplate> {
        if let Some(id) = id_of(text) {
            return self.client.email_template(site, &id).await;
        }
        let found = self.templates_called(site, text).await?;
        find(Wanted { noun: "email template", text }, &found).cloned()
    }

    /// The template of exactly this name or id.
    ///
    /// # Errors
    /// `invalid_argument` with candidates if several are called so; `not_found` for an unknown id.
    pub(crate) async fn email_template_exactly(&self, site: &Site, text: &str) -> Result<Option<EmailTemplate>> {
        if let Some(id) = id_of(text) {
            return self.client.email_template(site, &id).await.map(Some);
        }
        let found = self.templates_called(site, text).await?;
        Ok(exact(Wanted { noun: "email template", text }, &found)?.cloned())
    }

    async fn templates_called(&self, site: &Site, text: &str) -> Result<Vec<EmailTemplate>> {
        let mut all = Vec::new();
        let mut position = None;
        for _ in 0..PAGES_MAX {
            let page = self.client.email_templates(site, text.trim(), position.as_ref(), PER_PAGE).await?;
            all.extend(page.records);
            position = page.next;
            if position.is_none() {
                break;
            }
        }
        Ok(all)
    }

    /// What a name or id means among the emails to many of a kind, with all that is known of it.
    ///
    /// # Errors
    /// `not_found` or `invalid_argument`, with candidates.
    pub(crate) async fn email_campaign(&self, site: &Site, kind: CampaignKind, text: &str) -> Result<EmailCampaign> {
        let id = if let Some(id) = id_of(text) {
            id
        } else {
            let found = self.campaigns_called(site, kind, text).await?;
            find(Wanted { noun: kind.noun(), text }, &found)?.id.clone()
        };
        self.client.email_campaign(site, kind, &id).await
    }

    /// The campaign of the email builder of exactly this name or id.
    ///
    /// # Errors
    /// `invalid_argument` with candidates if several are called so; `not_found` for an unknown id.
    pub(crate) async fn email_campaign_exactly(&self, site: &Site, text: &str) -> Result<Option<EmailCampaign>> {
        let kind = CampaignKind::Email;
        if let Some(id) = id_of(text) {
            return self.client.email_campaign(site, kind, &id).await.map(Some);
        }
        let found = self.campaigns_called(site, kind, text).await?;
        Ok(exact(Wanted { noun: kind.noun(), text }, &found)?.cloned())
    }

    async fn campaigns_called(&self, site: &Site, kind: CampaignKind, text: &str) -> Result<Vec<EmailCampaign>> {
        let query = CampaignQuery { kind, text: Some(text.trim()), status: None };
        let mut all = Vec::new();
        let mut position = None;
        for _ in 0..PAGES_MAX {
            let page = self.client.email_campaigns(site, &query, position.as_ref(), PER_PAGE).await?;
            all.extend(page.records);
            position = page.next;
            if position.is_none() {
                break;
            }
        }
        Ok(all)
    }

    /// The user in whose name something is made: the one named, else the only one.
    ///
    /// # Errors
    /// `invalid_argument` or `not_found` with candidates; `permission_denied` if users cannot be read and none is named.
    pub(crate) async fn acting_user(&self, site: &Site, text: Option<&str>) -> Result<RecordId> {
        if let Some(text) = text {
            return self.owner(site, text).await;
        }
        match self.users(site).await?.as_deref() {
            Some([only]) => Ok(only.id.clone()),
            Some(several) => Err(undecided("user", several)),
            None => Err(Error::new(ErrorCode::PermissionDenied, "the connection's token may not read users")
                .with_hint("give the id of the acting user as `user`")),
        }
    }
}

fn id_of(text: &str) -> Option<RecordId> {
    let text = text.trim();
    if RecordId::looks_like(text) { text.parse().ok() } else { None }
}

impl Named for EmailTemplate {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for EmailCampaign {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Step {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> Option<&str> {
        self.subject.as_deref()
    }
}
