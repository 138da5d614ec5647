//! What a location calls its workflows, campaigns, forms and surveys.

use std::sync::Arc;
use std::time::Duration;

use common::clock::Clock;
use common::error::Result;

use super::Directory;
use crate::automation::{Automation, AutomationKind};
use crate::client::Site;
use crate::form::{Form, FormKind};
use crate::names::{Named, Wanted, find};
use crate::recent::Recent;
use crate::trigger_link::TriggerLink;

/// The part of the directory for what runs by itself.
#[derive(Debug)]
pub(super) struct Automations {
    workflows: Recent<Vec<Automation>>,
    campaigns: Recent<Vec<Automation>>,
    forms: Recent<Vec<Form>>,
    surveys: Recent<Vec<Form>>,
}

impl Automations {
    pub(super) fn new(clock: &Clock, fresh_for: Duration) -> Self {
        Self {
            workflows: Recent::new(clock.clone(), fresh_for),
            campaigns: Recent::new(clock.clone(), fresh_for),
            forms: Recent::new(clock.clone(), fresh_for),
            surveys: Recent::new(clock.clone(), fresh_for),
        }
    }
}

impl Directory {
    /// The location's workflows or campaigns.
    pub(crate) async fn automations(&self, site: &Site, kind: AutomationKind) -> Result<Arc<Vec<Automation>>> {
        let (tenant, key) = (&site.session.tenant, site.location.id.as_str());
        match kind {
            AutomationKind::Workflow => {
                self.automations.workflows.get(tenant, key, || self.client.workflows(site)).await
            }
            AutomationKind::Campaign => {
                self.automations.campaigns.get(tenant, key, || self.client.campaigns(site)).await
            }
        }
    }

    /// The workflow or campaign that a name or id means.
    ///
    /// # Errors
    /// `not_found` or `invalid_argument`, with candidates.
    pub(crate) async fn automation(&self, site: &Site, kind: AutomationKind, text: &str) -> Result<Automation> {
        let all = self.automations(site, kind).await?;
        find(Wanted { noun: kind.noun(), text }, &all).cloned()
    }

    /// The location's forms or surveys.
    pub(crate) async fn forms(&self, site: &Site, kind: FormKind) -> Result<Arc<Vec<Form>>> {
        let kept = match kind {
            FormKind::Form => &self.automations.forms,
            FormKind::Survey => &self.automations.surveys,
        };
        kept.get(&site.session.tenant, site.location.id.as_str(), || self.client.forms(site, kind)).await
    }
}

impl Named for Automation {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Form {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for TriggerLink {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}
