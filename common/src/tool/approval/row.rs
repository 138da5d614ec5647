//! Plans and audit records from and to what a row holds.

use crate::audit::{self, ArgumentsDigest};
use crate::error::{Error, ErrorCode, Result};
use crate::plan::{Plan, PlanId};
use crate::store::approvals::PlanRow;
use crate::tool::Access;

/// What the audit trail keeps of a decided call.
pub(super) fn decided_call(kept: &PlanRow, plan_id: PlanId) -> Result<audit::Call> {
    let digest = <[u8; 32]>::try_from(hex::decode(&kept.arguments_digest).unwrap_or_default());
    let (Ok(digest), Some(access)) = (digest, Access::parse(&kept.access)) else { return Err(unreadable()) };
    let call = audit::Call::new(kept.tool.clone(), access, ArgumentsDigest::from_bytes(digest));
    Ok(audit::Call { plan: Some(plan_id), ..call })
}

/// SHA-256 of a plan, as hex: two plans that say the same have the same.
pub(super) fn digest(plan: &Plan) -> Result<String> {
    let plan = serde_json::to_value(plan).map_err(|source| Error::internal("the plan could not be encoded", source))?;
    Ok(ArgumentsDigest::of(&plan).to_string())
}

pub(super) fn encoded(plan: &Plan) -> Result<String> {
    serde_json::to_string(plan).map_err(|source| Error::internal("the plan could not be encoded", source))
}

pub(super) fn decoded(kept: &PlanRow) -> Result<Plan> {
    serde_json::from_str(&kept.plan).map_err(|source| Error::internal("a stored plan cannot be read", source))
}

pub(super) fn unreadable() -> Error {
    Error::new(ErrorCode::Internal, "a stored plan cannot be read")
}
