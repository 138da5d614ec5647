//! Invoices by contact and status, those that are overdue, or one with its lines; with totals.

use std::collections::BTreeMap;

use common::error::{Error, ErrorCode, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::money::MoneyAnswer;
use crate::answer::{LocationAnswer, RecordRef, line};
use crate::client::{INVOICES_MAX, InvoiceQuery, Site};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::invoice::{Invoice, InvoiceStatus, Item};
use crate::references;
use crate::tools::toolset;

pub(crate) struct ListInvoices;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Number or id: this one, with its lines.
    invoice: Option<String>,
    /// Id, email, phone or name.
    contact: Option<String>,
    /// How it stands.
    status: Option<InvoiceStatus>,
    /// Only those past their day.
    #[serde(default)]
    overdue: bool,
    /// Words in name, email or phone.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
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
    /// What all that match come to, tests left out.
    totals: Vec<TotalRow>,
    /// True if there are more than were looked at.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Row {
    /// Opaque id.
    id: String,
    /// What it is counted as.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Who is to pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<RecordRef>,
    /// How it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<InvoiceStatus>,
    /// What it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<MoneyAnswer>,
    /// What is still to be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<MoneyAnswer>,
    /// Local date.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<String>,
    /// Present and true if its day is over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    overdue: bool,
    /// Present and true if nobody is to pay anything.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    test: bool,
    /// Its lines, where one was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<ItemRow>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ItemRow {
    /// What it is.
    name: String,
    /// How many.
    quantity: f64,
    /// For one.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<MoneyAnswer>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TotalRow {
    /// How they stand.
    status: InvoiceStatus,
    /// ISO 4217.
    currency: String,
    /// How many.
    count: usize,
    /// What they ask for, in minor units.
    sum_minor: i64,
    /// What is still to be paid, in minor units.
    due_minor: i64,
}

impl Tool for ListInvoices {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_invoices";
    const TITLE: &'static str = "List invoices";
    const DESCRIPTION: &'static str =
        "Invoices by contact, status or overdue, latest first, with totals; or one with its lines.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::COMMERCE;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let mut invoices = deps.client.invoices(&site, &query(deps, &site, &args).await?).await?;
        let is_partial = invoices.len() >= INVOICES_MAX;
        let today = today(deps, &site)?;
        if let Some(text) = &args.invoice {
            let is_it = |invoice: &Invoice| is_called(invoice, text.trim());
            invoices.retain(is_it);
            if invoices.is_empty() {
                return Err(unknown());
            }
        }
        invoices.retain(|invoice| !args.overdue || invoice.is_overdue(today));
        let row = |invoice| Row::of(invoice, today, args.invoice.is_some());
        Ok(Output {
            location: LocationAnswer::of(&site),
            page: question.cut(&invoices, cursor.as_deref(), args.limit)?.map(row),
            total: invoices.len(),
            totals: totals(&invoices),
            partial: is_partial,
        })
    }
}

async fn query(deps: &Deps, site: &Site, args: &Args) -> Result<InvoiceQuery> {
    let contact_id = match &args.contact {
        Some(text) => Some(references::contact(deps, site, text).await?.id),
        None => None,
    };
    Ok(InvoiceQuery { contact_id, status: args.status, text: args.query.clone() })
}

/// The location's day.
fn today(deps: &Deps, site: &Site) -> Result<Date> {
    let now = Timestamp::from_millisecond(deps.clock.now_ms())
        .map_err(|source| Error::internal("the clock is out of range", source))?;
    Ok(site.zone().unwrap_or(TimeZone::UTC).to_datetime(now).date())
}

fn is_called(invoice: &Invoice, text: &str) -> bool {
    let plain = |number: &str| number.trim_start_matches('#').to_lowercase();
    invoice.id.as_str() == text || invoice.number.as_deref().is_some_and(|number| plain(number) == plain(text))
}

fn unknown() -> Error {
    Error::new(ErrorCode::NotFound, "no invoice of this number or id in this location")
        .with_hint("leave `invoice` out and look by `contact` or `query`, or name another `location`")
}

impl Row {
    fn of(invoice: &Invoice, today: Date, with_items: bool) -> Self {
        let contact = invoice.contact_id.as_ref().map(|id| {
            let name = invoice.contact_name.as_deref().unwrap_or(id);
            RecordRef::new(&line(id), name)
        });
        let item = |item: &Item| ItemRow {
            name: line(&item.name),
            quantity: item.quantity,
            price: item.price.as_ref().map(MoneyAnswer::of),
        };
        let items = if with_items { invoice.items.iter().map(item).collect() } else { Vec::new() };
        Self {
            id: invoice.id.to_string(),
            number: invoice.number.as_deref().map(line),
            name: invoice.name.as_deref().map(line),
            contact,
            status: invoice.status,
            sum: invoice.total.as_ref().map(MoneyAnswer::of),
            due: invoice.due.as_ref().map(MoneyAnswer::of),
            due_on: invoice.due_on.map(|day| day.to_string()),
            overdue: invoice.is_overdue(today),
            test: invoice.is_test,
            items,
        }
    }
}

fn totals(invoices: &[Invoice]) -> Vec<TotalRow> {
    let mut rows: BTreeMap<(String, InvoiceStatus), TotalRow> = BTreeMap::new();
    for invoice in invoices.iter().filter(|invoice| !invoice.is_test) {
        let (Some(sum), Some(status)) = (&invoice.total, invoice.status) else { continue };
        let row = rows.entry((sum.currency.clone(), status)).or_insert_with(|| TotalRow {
            status,
            currency: line(&sum.currency),
            count: 0,
            sum_minor: 0,
            due_minor: 0,
        });
        row.count += 1;
        row.sum_minor = row.sum_minor.saturating_add(sum.amount_minor);
        let due = invoice.due.as_ref().map_or(0, |due| due.amount_minor);
        row.due_minor = row.due_minor.saturating_add(due);
    }
    rows.into_values().collect()
}
