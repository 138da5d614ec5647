//! What an operator may decide about approvals.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::ApprovalMode;
use crate::tenant::TenantId;
use crate::tool::Access;

/// `[approvals]`: who has to say yes, and how much is let through in a day.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApprovalSettings {
    /// For tools that change records.
    pub write: ApprovalMode,
    /// For tools that reach a person.
    pub send: ApprovalMode,
    /// For tools that remove what cannot be brought back.
    pub destroy: ApprovalMode,
    /// For tools that cost money.
    pub spend: ApprovalMode,
    /// Whether the person in front of the client may say yes, where the client can ask them. A program that plays the
    /// client could answer for them: without this, only the inbox counts.
    pub ask_at_client: bool,
    /// How long a plan can be approved and executed, in milliseconds.
    pub plan_lasts_ms: u64,
    /// Most open plans of one caller; more are refused.
    pub open_plans_max: u32,
    /// How many days a plan is kept after its end, so that one can look up who said yes.
    pub kept_for_days: u32,
    /// Most people that may be reached in a day (UTC) of one tenant; 0 stops sending.
    pub send_people_per_day_max: u32,
    /// Most money that may be spent in a day (UTC) of one tenant, in minor units of each currency.
    pub spend_minor_per_day_max: u64,
    /// Most spending calls that do not say what they cost, in a day (UTC) of one tenant.
    pub spend_calls_per_day_max: u32,
    /// What differs for single tenants.
    pub tenants: Vec<TenantApprovalSettings>,
}

/// `[[approvals.tenants]]`: what differs for one tenant; what is absent is as for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantApprovalSettings {
    /// Whose settings these are.
    pub tenant: TenantId,
    pub write: Option<ApprovalMode>,
    pub send: Option<ApprovalMode>,
    pub destroy: Option<ApprovalMode>,
    pub spend: Option<ApprovalMode>,
    pub send_people_per_day_max: Option<u32>,
    pub spend_minor_per_day_max: Option<u64>,
    pub spend_calls_per_day_max: Option<u32>,
}

impl TenantApprovalSettings {
    /// Nothing differs.
    #[must_use]
    pub const fn none(tenant: TenantId) -> Self {
        Self {
            tenant,
            write: None,
            send: None,
            destroy: None,
            spend: None,
            send_people_per_day_max: None,
            spend_minor_per_day_max: None,
            spend_calls_per_day_max: None,
        }
    }
}

impl Default for ApprovalSettings {
    fn default() -> Self {
        Self {
            write: ApprovalMode::Auto,
            send: ApprovalMode::Ask,
            destroy: ApprovalMode::Ask,
            spend: ApprovalMode::Ask,
            ask_at_client: true,
            plan_lasts_ms: 900_000,
            open_plans_max: 50,
            kept_for_days: 30,
            send_people_per_day_max: 500,
            spend_minor_per_day_max: 10_000,
            spend_calls_per_day_max: 20,
            tenants: Vec::new(),
        }
    }
}

/// What a tenant may let through in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caps {
    pub(super) people: i64,
    pub(super) minor: i64,
    pub(super) spend_calls: i64,
}

impl ApprovalSettings {
    /// Who has to say yes for a tenant. Reading is never asked for.
    pub(super) fn mode(&self, tenant: &TenantId, access: Access) -> ApprovalMode {
        let own = self.of(tenant);
        let (ours, theirs) = match access {
            Access::Read => return ApprovalMode::Auto,
            Access::Write => (self.write, own.and_then(|own| own.write)),
            Access::Send => (self.send, own.and_then(|own| own.send)),
            Access::Destroy => (self.destroy, own.and_then(|own| own.destroy)),
            Access::Spend => (self.spend, own.and_then(|own| own.spend)),
        };
        theirs.unwrap_or(ours)
    }

    pub(super) fn caps(&self, tenant: &TenantId) -> Caps {
        let own = self.of(tenant);
        let people = own.and_then(|own| own.send_people_per_day_max).unwrap_or(self.send_people_per_day_max);
        let minor = own.and_then(|own| own.spend_minor_per_day_max).unwrap_or(self.spend_minor_per_day_max);
        let calls = own.and_then(|own| own.spend_calls_per_day_max).unwrap_or(self.spend_calls_per_day_max);
        Caps {
            people: i64::from(people),
            minor: i64::try_from(minor).unwrap_or(i64::MAX),
            spend_calls: i64::from(calls),
        }
    }

    fn of(&self, tenant: &TenantId) -> Option<&TenantApprovalSettings> {
        self.tenants.iter().find(|own| own.tenant == *tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_its_own_modes_and_caps_and_otherwise_those_of_all() {
        let acme: TenantId = "acme".parse().unwrap();
        let own = TenantApprovalSettings {
            send: Some(ApprovalMode::Plan),
            send_people_per_day_max: Some(3),
            ..TenantApprovalSettings::none(acme.clone())
        };
        let settings = ApprovalSettings { tenants: vec![own], ..ApprovalSettings::default() };
        assert_eq!(settings.mode(&acme, Access::Send), ApprovalMode::Plan);
        assert_eq!(settings.mode(&acme, Access::Spend), ApprovalMode::Ask);
        assert_eq!(settings.mode(&TenantId::local(), Access::Send), ApprovalMode::Ask);
        assert_eq!(settings.mode(&acme, Access::Read), ApprovalMode::Auto);
        assert_eq!(settings.caps(&acme).people, 3);
        assert_eq!(settings.caps(&acme).spend_calls, 20);
        assert_eq!(settings.caps(&TenantId::local()).people, 500);
    }
}
