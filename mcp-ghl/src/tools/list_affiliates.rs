//! Affiliates and what they bring, or one of them with commissions and payouts.

use std::collections::BTreeMap;

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::affiliate::{Affiliate, Earning};
use crate::answer::money::MoneyAnswer;
use crate::answer::{LocationAnswer, line};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::names::{Named, Wanted, find};
use crate::tools::toolset;

pub(crate) struct ListAffiliates;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in name or email.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Name, email or id: this one, with commissions and payouts.
    affiliate: Option<String>,
    /// Only those that are, or are not.
    active: Option<bool>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<Row>,
    /// How many match in all.
    total: usize,
    /// What all that match come to.
    totals: Vec<TotalRow>,
    /// The latest fifty, where one affiliate was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    commissions: Option<Vec<EarningRow>>,
    /// The latest fifty, where one affiliate was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    payouts: Option<Vec<EarningRow>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Row {
    /// Opaque id.
    id: String,
    /// What people call it.
    name: String,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The contact who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_id: Option<String>,
    /// Whether the partnership goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    /// On its links.
    #[serde(skip_serializing_if = "Option::is_none")]
    clicks: Option<u64>,
    /// People it brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    leads: Option<u64>,
    /// Those of them who bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    customers: Option<u64>,
    /// What they have paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue: Option<MoneyAnswer>,
    /// What is still to be paid to the affiliate.
    #[serde(skip_serializing_if = "Option::is_none")]
    owed: Option<MoneyAnswer>,
    /// What the affiliate has got.
    #[serde(skip_serializing_if = "Option::is_none")]
    paid: Option<MoneyAnswer>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct EarningRow {
    /// Opaque id.
    id: String,
    /// Name of the campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<String>,
    /// What was sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    /// What the affiliate gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    money: Option<MoneyAnswer>,
    /// GoHighLevel's word, such as pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    /// When it came about, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TotalRow {
    /// ISO 4217.
    currency: String,
    /// What customers have paid, in minor units.
    revenue_minor: i64,
    /// What is still to be paid to affiliates, in minor units.
    owed_minor: i64,
    /// What affiliates have got, in minor units.
    paid_minor: i64,
}

impl Tool for ListAffiliates {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_affiliates";
    const TITLE: &'static str = "List affiliates";
    const DESCRIPTION: &'static str =
        "Affiliates (partners) with clicks, leads, customers, revenue and what they are owed; or one with its payouts.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::AFFILIATES;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let mut all = deps.client.affiliates(&site).await?;
        all.retain(|affiliate| args.active.is_none_or(|active| affiliate.is_active == Some(active)));
        let (mut commissions, mut payouts) = (None, None);
        if let Some(text) = &args.affiliate {
            let affiliate = find(Wanted { noun: "affiliate", text: text.trim() }, &all)?.clone();
            let (earned, paid) = tokio::try_join!(
                deps.client.commissions(&site, &affiliate.id),
                deps.client.payouts(&site, &affiliate.id),
            )?;
            let rows = |earnings: &[Earning]| Some(earnings.iter().map(EarningRow::of).collect());
            (commissions, payouts) = (rows(&earned), rows(&paid));
            all = vec![affiliate];
        }
        if let Some(words) = &args.query {
            let words = words.trim().to_lowercase();
            let holds = |text: &String| text.to_lowercase().contains(&words);
            all.retain(|affiliate| holds(&affiliate.name) || affiliate.email.as_ref().is_some_and(holds));
        }
        Ok(Output {
            location: LocationAnswer::of(&site),
            page: question.cut(&all, cursor.as_deref(), args.limit)?.map(Row::of),
            total: all.len(),
            totals: totals(&all),
            commissions,
            payouts,
        })
    }
}

impl Row {
    fn of(affiliate: &Affiliate) -> Self {
        Self {
            id: affiliate.id.to_string(),
            name: line(&affiliate.name),
            email: affiliate.email.as_deref().map(line),
            contact_id: affiliate.contact_id.as_deref().map(line),
            active: affiliate.is_active,
            clicks: affiliate.clicks,
            leads: affiliate.leads,
            customers: affiliate.customers,
            revenue: affiliate.revenue.as_ref().map(MoneyAnswer::of),
            owed: affiliate.owed.as_ref().map(MoneyAnswer::of),
            paid: affiliate.paid.as_ref().map(MoneyAnswer::of),
        }
    }
}

impl EarningRow {
    fn of(earning: &Earning) -> Self {
        Self {
            id: earning.id.to_string(),
            campaign: earning.campaign.as_deref().map(line),
            product: earning.product.as_deref().map(line),
            money: earning.money.as_ref().map(MoneyAnswer::of),
            status: earning.status.as_deref().map(line),
            due_at: earning.due_at.clone(),
            at: earning.at.clone(),
        }
    }
}

fn totals(affiliates: &[Affiliate]) -> Vec<TotalRow> {
    let mut sums: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
    for affiliate in affiliates {
        let parts = [&affiliate.revenue, &affiliate.owed, &affiliate.paid];
        for (position, money) in parts.into_iter().enumerate() {
            let Some(money) = money else { continue };
            let sum = sums.entry(&money.currency).or_default();
            if let Some(sum) = sum.get_mut(position) {
                *sum = sum.saturating_add(money.amount_minor);
            }
        }
    }
    let row = |(currency, [revenue_minor, owed_minor, paid_minor]): (&str, [i64; 3])| TotalRow {
        currency: line(currency),
        revenue_minor,
        owed_minor,
        paid_minor,
    };
    sums.into_iter().map(row).collect()
}

impl Named for Affiliate {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> Option<&str> {
        self.email.as_deref()
    }
}
