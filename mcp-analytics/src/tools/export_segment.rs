//! Makes a plan of a segment: tags for the CRM, or an audience for advertisers. Changes nothing itself.

use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::answer::{Grid, Scalar};
use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::segment_choice::{name_of, segment_of};
use crate::segment_report::SegmentReport;
use crate::store::{datasets, results};
use crate::tools::toolset;

pub(crate) struct ExportSegment;

/// The most contacts that the CRM's tool takes at once.
const BATCH: usize = 200;

/// Longest tag made, in characters.
const TAG_LENGTH_MAX: usize = 60;

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Tags in the CRM.
    Tags,
    /// Hashed emails for advertisers.
    Audience,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// From `segment_customers`.
    result: String,
    /// Number or name.
    segment: String,
    purpose: Purpose,
    /// Default: from the name.
    tag: Option<String>,
    /// Also of a result that did not pass.
    #[serde(default)]
    despite_gate: bool,
    /// From `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Its name.
    segment: String,
    /// For `bulk_update_contacts` of the CRM, as they are; nothing is done before that is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_plan: Option<TagPlan>,
    /// For an advertiser's customer list: SHA-256 of each email in lower case, of people who gave their consent alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<Grid>,
    /// People of this page who are not in the plan: no email, or no consent given.
    left_out: usize,
    /// Whether there are more than these.
    truncated: bool,
    /// Pass it back as `cursor`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// What comes next.
    next_step: String,
}

/// Arguments of a tool of the CRM.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TagPlan {
    /// Ids of contacts, as the data set has them.
    contacts: Vec<String>,
    /// One.
    add_tags: Vec<String>,
}

impl Tool for ExportSegment {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "export_segment";
    const TITLE: &'static str = "Export segment";
    const DESCRIPTION: &'static str = "Plan for a segment, 200 people a page: tags for the CRM, or an audience of hashed emails (consent given only). \
        Changes nothing.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::EYES;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let after = given.map(|given| behind(&asked, &given)).transpose()?.and_then(|after| after.parse().ok());
        let kept = results::find::<SegmentReport>(&deps.db, call.tenant(), &args.result).await?;
        let segment = segment_of(&kept.body, &args.segment)?;
        if !kept.body.gate_passed && !args.despite_gate {
            return Err(Error::new(ErrorCode::FailedPrecondition, "these segments did not pass the gates")
                .with_hint("segment_customers says which; despite_gate: true exports them all the same"));
        }
        // Who has withdrawn since then is not in the plan.
        let current = datasets::current(&deps.db, call.tenant(), &kept.dataset_id).await?;
        let version = current.map_or(kept.version, |current| current.version);
        let of = (kept.result_id.as_str(), kept.dataset_id.as_str(), version, segment);
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX).saturating_add(1);
        let mut found = results::reachable(&deps.db, call.tenant(), of, after.unwrap_or(-1), limit).await?;
        let truncated = found.len() > BATCH;
        found.truncate(BATCH);
        let last = found.last().filter(|_| truncated).map(|last| last.customer_no.to_string());
        let next_cursor = last.map(|last| cursor(&asked, &last)).transpose()?;
        let name = name_of(&kept.body, segment);
        let mut output = Output {
            tag_plan: None,
            audience: None,
            left_out: 0,
            truncated,
            next_cursor,
            next_step: String::new(),
            segment: name.clone(),
        };
        match args.purpose {
            Purpose::Tags => {
                let tag = args.tag.clone().unwrap_or_else(|| tag_of(&name));
                let contacts = found.into_iter().map(|person| person.customer_id).collect();
                output.tag_plan = Some(TagPlan { contacts, add_tags: vec![tag] });
                output.next_step =
                    String::from("bulk_update_contacts of the CRM with tag_plan; apply: true after a look");
            }
            Purpose::Audience => {
                let mut grid = Grid::new(&["email_sha256"]);
                for person in &found {
                    match person.email.as_deref().filter(|_| person.has_consented) {
                        Some(email) => grid.push(vec![Scalar::text(hashed(email))]),
                        None => output.left_out += 1,
                    }
                }
                output.audience = Some(grid);
                output.next_step = String::from("upload it as a customer list");
            }
        }
        Ok(output)
    }
}

/// A tag in the CRM's lower case.
fn tag_of(name: &str) -> String {
    let word = |sign: char| if sign.is_alphanumeric() { sign } else { '-' };
    let tag: String = name.to_lowercase().chars().map(word).take(TAG_LENGTH_MAX).collect();
    let parts: Vec<&str> = tag.split('-').filter(|part| !part.is_empty()).collect();
    format!("segment-{}", parts.join("-"))
}

/// As Google, Meta and others want it: without space around it, in lower case, SHA-256 in hexadecimal digits.
fn hashed(email: &str) -> String {
    hex::encode(Sha256::digest(email.trim().to_lowercase()))
}
