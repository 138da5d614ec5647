//! What contacts have paid, ordered or subscribed to, with totals.

use common::error::{Error, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::entry::{EntryRow, TotalRow};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::payment::Book;
use crate::references::books::{self, Ask};
use crate::tools::toolset;

pub(crate) struct ListPayments;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Transactions: money that moved.
    #[serde(default)]
    kind: Kind,
    /// Id, email, phone or name.
    contact: Option<String>,
    /// Such as succeeded, refunded, completed or active.
    #[schemars(length(min = 1, max = 40))]
    status: Option<String>,
    /// Orders only.
    payment: Option<Payment>,
    /// Local date.
    since: Option<String>,
    /// Local date, included.
    until: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

/// Of what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Transactions,
    Orders,
    Subscriptions,
}

impl From<Kind> for Book {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Transactions => Self::Transactions,
            Kind::Orders => Self::Orders,
            Kind::Subscriptions => Self::Subscriptions,
        }
    }
}

/// How an order is paid.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Payment {
    Paid,
    Unpaid,
    Refunded,
    PartiallyPaid,
}

impl Payment {
    /// The vendor's word, the same as ours.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Unpaid => "unpaid",
            Self::Refunded => "refunded",
            Self::PartiallyPaid => "partially_paid",
        }
    }
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<EntryRow>,
    /// How many match in all.
    total: usize,
    /// What all that match come to, tests left out.
    totals: Vec<TotalRow>,
    /// True if there are more than were looked at: ask for fewer days.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
}

impl Tool for ListPayments {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_payments";
    const TITLE: &'static str = "List payments";
    const DESCRIPTION: &'static str =
        "Transactions, orders or subscriptions by contact, status and days, newest first, with totals by status.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::COMMERCE;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        if args.payment.is_some() && args.kind != Kind::Orders {
            let expected = "`kind` orders, or no `payment`";
            return Err(Error::invalid_argument("payment", "is for orders only", expected, None));
        }
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let ask = Ask {
            contact: args.contact.as_deref(),
            status: args.status.as_deref(),
            since: args.since.as_deref(),
            until: args.until.as_deref(),
            payment_status: args.payment.map(Payment::as_str),
        };
        let entries = books::read(deps, &site, args.kind.into(), &ask).await?;
        let found = books::found(entries, &question, cursor.as_deref(), args.limit)?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            page: found.page,
            total: found.total,
            totals: found.totals,
            partial: found.is_partial,
        })
    }
}
