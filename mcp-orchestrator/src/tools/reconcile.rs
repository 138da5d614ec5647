//! Compares the CRM with events and runs, shows what was found, and repairs it after a yes.

use common::error::{Error, Result};
use common::page::Page;
use common::tool::{Access, Call, Plan, Tool, Untrusted, UntrustedData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::reconciler::Order;
use crate::reconciliation::GapKind;
use crate::store::reconciliations::{self, Found, Reading, Report, ReportState};
use crate::tools::{instant, toolset};

pub(crate) struct Reconcile;

const HOUR_MS: i64 = 3_600_000;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The CRM's location, name or id.
    location: Option<String>,
    /// How far back. Default: since the last time.
    #[schemars(range(min = 1, max = 720))]
    hours: Option<u32>,
    /// Instead of comparing: id of a report to show.
    report: Option<String>,
    /// Repair what `report` has found.
    #[serde(default)]
    repair: bool,
    /// From `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
    /// Most gaps shown.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
}

fn limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// For `report`.
    report: String,
    state: ReportState,
    /// RFC 3339.
    since: String,
    /// RFC 3339.
    until: String,
    /// How many were compared.
    contacts: i64,
    /// How many were compared.
    events: i64,
    /// How many there are of each kind.
    gaps: Vec<GapCount>,
    /// What could not be seen, or went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    #[serde(flatten)]
    page: Page<GapRow>,
    /// How they are made up for.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<String>,
}

/// Gaps of a kind.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GapCount {
    /// What is missing.
    kind: String,
    /// found, repaired, failed
    state: String,
    /// How many.
    count: i64,
}

/// Something that is missing.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GapRow {
    kind: GapKind,
    /// Id of the contact, the event or the run.
    subject: Untrusted,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: Option<String>,
    /// found, repaired, failed
    state: String,
    detail: UntrustedData,
}

impl GapRow {
    fn of(found: Found) -> Self {
        Self {
            kind: found.gap.kind,
            subject: Untrusted::new(found.gap.subject, "CRM"),
            workflow: found.gap.workflow,
            state: found.state,
            detail: UntrustedData::new(found.gap.detail, "CRM"),
        }
    }
}

impl Tool for Reconcile {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "reconcile";
    const TITLE: &'static str = "Reconcile";
    const DESCRIPTION: &'static str = "Compare the CRM with events and runs: contacts no event told of, events without \
        their run, lost success tags. With report and repair: make up for them.";
    const ACCESS: Access = Access::Send;
    const ACCESS_MIN: Access = Access::Write;
    const TOOLSET: &'static str = toolset::RUNS;
    const IS_IDEMPOTENT: bool = true;
    const IS_LONG: bool = true;

    async fn access_of(_deps: &Deps, _call: &Call, args: &Args) -> Result<Access> {
        // The workflows that follow may reach people; comparing only writes a report.
        Ok(if args.repair { Access::Send } else { Access::Write })
    }

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let report = deps.reconciler.report(call.tenant(), report_of(args)?).await?;
        let counts = reconciliations::counts(deps.reconciler.db(), call.tenant(), &report.id).await?;
        let open = counts.into_iter().filter(|(_, state, _)| state != "repaired");
        let (mut count, mut targets) = (0, Vec::new());
        for (kind, _, gaps) in open {
            count += gaps;
            targets.push(format!("{gaps} × {kind}"));
        }
        Ok(Plan {
            summary: format!("make up for {count} gaps: send missing events, start missing runs, set missing tags"),
            targets,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            is_reversible: false,
            cost: None,
        })
    }

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let behind = given.map(|given| behind(&asked, &given)).transpose()?;
        let behind = behind.and_then(|number| number.parse::<i64>().ok()).unwrap_or(0);
        let tenant = call.tenant();
        let id = if args.repair {
            let id = report_of(&args)?;
            deps.reconciler.repair(tenant, id).await?;
            id.to_owned()
        } else {
            match &args.report {
                Some(id) => id.clone(),
                None => deps.reconciler.compare(&call.caller, &order(deps, &args)).await?,
            }
        };
        let report = deps.reconciler.report(tenant, &id).await?;
        let (db, more) = (deps.reconciler.db(), i64::from(args.limit).saturating_add(1));
        let reading = Reading { id: &id, behind, only_open: false };
        let mut found = reconciliations::gaps(db, tenant, reading, more).await?;
        let shown = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > shown;
        found.truncate(shown);
        let last = found.last().filter(|_| has_more);
        let next_cursor = last.map(|last| cursor(&asked, &last.number.to_string())).transpose()?;
        let counts = reconciliations::counts(db, tenant, &id).await?;
        let page = Page { items: found.into_iter().map(GapRow::of).collect(), next_cursor };
        Ok(output(report, counts, page))
    }
}

fn order(deps: &Deps, args: &Args) -> Order {
    let now_ms = deps.clock.now_ms();
    let since_ms = args.hours.map(|hours| now_ms.saturating_sub(i64::from(hours) * HOUR_MS));
    Order { location: args.location.clone(), since_ms }
}

fn output(report: Report, counts: Vec<(String, String, i64)>, page: Page<GapRow>) -> Output {
    let is_open = counts.iter().any(|(_, state, _)| state != "repaired");
    let next_step = is_open.then(|| format!("reconcile with report: {} and repair: true", report.id));
    Output {
        state: report.state,
        since: instant(report.since_ms),
        until: instant(report.until_ms),
        contacts: report.contacts,
        events: report.events,
        gaps: counts.into_iter().map(|(kind, state, count)| GapCount { kind, state, count }).collect(),
        remark: report.remark,
        page,
        next_step,
        report: report.id,
    }
}

fn report_of(args: &Args) -> Result<&str> {
    args.report.as_deref().ok_or_else(|| {
        let expected = "the id of the report whose gaps are repaired";
        Error::invalid_argument("report", "is missing beside `repair`", expected, None)
    })
}
