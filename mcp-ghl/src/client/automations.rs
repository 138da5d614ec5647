//! Workflows and campaigns, and who is put into them and taken out.

use common::error::Result;
use common::http::Repeat;
use http::Method;
use serde::de::IgnoredAny;

use super::operation::Operation;
use super::request::Request;
use super::wire::automation::{Campaigns, Enrol, Read, Workflows};
use super::{Client, Site};
use crate::automation::{Automation, AutomationKind};
use crate::record_id::RecordId;

pub(super) static WORKFLOWS: Operation = Operation::read(Method::GET, "/workflows/", "workflows.readonly");
pub(super) static CAMPAIGNS: Operation = Operation::read(Method::GET, "/campaigns/", "campaigns.readonly");
// Never repeated blindly: whoever is put in twice may be written to twice.
pub(super) static ADD_TO_WORKFLOW: Operation =
    Operation::write(Method::POST, "/contacts/{}/workflow/{}", "contacts.write", Repeat::Never)
        .on("contact or workflow");
pub(super) static ADD_TO_CAMPAIGN: Operation =
    Operation::write(Method::POST, "/contacts/{}/campaigns/{}", "contacts.write", Repeat::Never)
        .on("contact or campaign");
pub(super) static REMOVE_FROM_WORKFLOW: Operation =
    Operation::write(Method::DELETE, "/contacts/{}/workflow/{}", "contacts.write", Repeat::Idempotent)
        .on("contact or workflow");
pub(super) static REMOVE_FROM_CAMPAIGN: Operation =
    Operation::write(Method::DELETE, "/contacts/{}/campaigns/{}", "contacts.write", Repeat::Idempotent)
        .on("contact or campaign");
pub(super) static REMOVE_FROM_CAMPAIGNS: Operation =
    Operation::write(Method::DELETE, "/contacts/{}/campaigns/remove-all", "contacts.write", Repeat::Idempotent)
        .on("contact")
        .only_v3();

impl Client {
    /// All of a location's workflows.
    pub(crate) async fn workflows(&self, site: &Site) -> Result<Vec<Automation>> {
        let query = [("locationId", site.location.id.as_str())];
        let read: Workflows = self.send(&site.session, &WORKFLOWS, &Request::default().with_query(&query)).await?;
        Ok(of_kind(AutomationKind::Workflow, read.workflows))
    }

    /// All of a location's campaigns: series of messages, not those of the email builder.
    pub(crate) async fn campaigns(&self, site: &Site) -> Result<Vec<Automation>> {
        let query = [("locationId", site.location.id.as_str())];
        let read: Campaigns = self.send(&site.session, &CAMPAIGNS, &Request::default().with_query(&query)).await?;
        Ok(of_kind(AutomationKind::Campaign, read.campaigns))
    }

    /// Puts a contact into a workflow or campaign. `starts_at` is for workflows: RFC 3339 with its offset.
    pub(crate) async fn enrol(
        &self,
        site: &Site,
        contact_id: &RecordId,
        automation: &Automation,
        starts_at: Option<&str>,
    ) -> Result<()> {
        let ids = [contact_id, &automation.id];
        let request = Request::of(&ids).with_body(&Enrol { event_start_time: starts_at })?;
        let operation = match automation.kind {
            AutomationKind::Workflow => &ADD_TO_WORKFLOW,
            AutomationKind::Campaign => &ADD_TO_CAMPAIGN,
        };
        let _: IgnoredAny = self.send(&site.session, operation, &request).await?;
        Ok(())
    }

    /// Takes a contact out of a workflow or campaign; nothing happens if they are not in it.
    pub(crate) async fn unenrol(&self, site: &Site, contact_id: &RecordId, automation: &Automation) -> Result<()> {
        let ids = [contact_id, &automation.id];
        let (operation, request) = match automation.kind {
            // A delete with a body, which is required.
            AutomationKind::Workflow => {
                (&REMOVE_FROM_WORKFLOW, Request::of(&ids).with_body(&Enrol { event_start_time: None })?)
            }
            AutomationKind::Campaign => (&REMOVE_FROM_CAMPAIGN, Request::of(&ids)),
        };
        let _: IgnoredAny = self.send(&site.session, operation, &request).await?;
        Ok(())
    }

    /// Takes a contact out of all campaigns.
    pub(crate) async fn unenrol_from_campaigns(&self, site: &Site, contact_id: &RecordId) -> Result<()> {
        let _: IgnoredAny = self.send(&site.session, &REMOVE_FROM_CAMPAIGNS, &Request::of(&[contact_id])).await?;
        Ok(())
    }
}

fn of_kind(kind: AutomationKind, read: Vec<Read>) -> Vec<Automation> {
    read.into_iter().filter_map(|one| one.into_automation(kind)).collect()
}
