//! What a call takes from its tenant's day, and what is said when the day is used up.

use std::time::Duration;

use crate::clock::UnixMillis;
use crate::db::Tx;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::Plan;
use crate::store::approvals::{self as store, Allowance};
use crate::tenant::TenantId;
use crate::tool::Access;
use crate::tool::approval::settings::Caps;

const DAY_MS: i64 = 86_400_000;

/// What a plan takes: people where it sends, money where it says what it costs, otherwise a call.
pub(super) fn allowances(access: Access, plan: &Plan, caps: Caps) -> Vec<Allowance> {
    match (access, &plan.cost) {
        (Access::Read | Access::Write | Access::Destroy, _) => Vec::new(),
        (Access::Send, _) => {
            vec![Allowance { unit: "people".to_owned(), amount: i64::from(plan.count), amount_max: caps.people }]
        }
        // A negative amount would give allowance back.
        (Access::Spend, Some(cost)) => vec![Allowance {
            unit: format!("minor:{}", cost.currency.to_ascii_uppercase()),
            amount: cost.amount_minor.max(0),
            amount_max: caps.minor,
        }],
        (Access::Spend, None) => {
            vec![Allowance { unit: "spend_calls".to_owned(), amount: 1, amount_max: caps.spend_calls }]
        }
    }
}

/// Counts what a call takes, as part of the transaction that lets it through.
///
/// # Errors
/// `rate_limited` until the day is over.
pub(super) async fn take(tx: &mut Tx, tenant: &TenantId, wanted: &[Allowance], now_ms: UnixMillis) -> Result<()> {
    for allowance in wanted {
        if !store::count(tx, tenant, day_number(now_ms), allowance).await? {
            return Err(used_up(allowance, now_ms));
        }
    }
    Ok(())
}

/// The UTC day of an instant.
pub(super) const fn day_number(now_ms: UnixMillis) -> i64 {
    now_ms.div_euclid(DAY_MS)
}

/// Says that a day is used up, and when the next begins.
pub(super) fn used_up(allowance: &Allowance, now_ms: UnixMillis) -> Error {
    let what = match allowance.unit.as_str() {
        "people" => "people that may be reached".to_owned(),
        "spend_calls" => "spending calls without a stated cost".to_owned(),
        unit => format!("minor units of {} that may be spent", unit.trim_start_matches("minor:")),
    };
    let message = format!(
        "{} more would be over the {} {what} in a day (UTC) of this tenant",
        allowance.amount, allowance.amount_max
    );
    let left_ms = DAY_MS - now_ms.rem_euclid(DAY_MS);
    Error::new(ErrorCode::RateLimited, message)
        .with_hint("wait for the next day, do less at once, or ask the operator to raise the cap in `[approvals]`")
        .with_retry_after(Duration::from_millis(u64::try_from(left_ms).unwrap_or(0)))
}
