//! Shows who is in a segment.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{Grid, Scalar};
use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::segment_choice::{name_of, segment_of};
use crate::segment_report::SegmentReport;
use crate::store::results;
use crate::tools::toolset;

pub(crate) struct GetSegmentMembers;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// From `segment_customers`.
    result: String,
    /// Number or name; `none`: people in no segment.
    segment: String,
    /// From `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
    /// Most rows.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 500))]
    limit: u32,
}

const fn limit() -> u32 {
    50
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Its name.
    segment: String,
    /// Of money, in minor units.
    currency: String,
    #[serde(flatten)]
    grid: Grid,
    /// Whether there are more than these.
    truncated: bool,
    /// Pass it back as `cursor`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Tool for GetSegmentMembers {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_segment_members";
    const TITLE: &'static str = "Get segment members";
    const DESCRIPTION: &'static str = "People of a segment, those who spent most first.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::EYES;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let after = given.map(|given| behind(&asked, &given)).transpose()?.and_then(|after| place(&after));
        let kept = results::find::<SegmentReport>(&deps.db, call.tenant(), &args.result).await?;
        let segment = segment_of(&kept.body, &args.segment)?;
        let of = (kept.result_id.as_str(), kept.dataset_id.as_str(), segment);
        // One more than is shown says whether there is another page.
        let more = i64::from(args.limit).saturating_add(1);
        let mut found = results::members(&deps.db, call.tenant(), of, after.unwrap_or((i64::MAX, -1)), more).await?;
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let truncated = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| truncated).map(|last| last.member);
        let next_cursor =
            last.map(|last| cursor(&asked, &format!("{}/{}", last.spent_minor, last.customer_no))).transpose()?;
        let mut grid = Grid::new(&["customer_id", "orders", "spent_minor", "last_order_at"]);
        for person in &found {
            grid.push(vec![
                Scalar::outside(&person.customer_id),
                Scalar::Integer(person.member.orders),
                Scalar::Integer(person.member.spent_minor),
                Scalar::instant(person.member.last_ms),
            ]);
        }
        let (segment, currency) = (name_of(&kept.body, segment), kept.body.currency);
        Ok(Output { segment, currency, grid, truncated, next_cursor })
    }
}

fn place(after: &str) -> Option<(i64, i64)> {
    let (spent, number) = after.split_once('/')?;
    Some((spent.parse().ok()?, number.parse().ok()?))
}
