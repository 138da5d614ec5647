//! Products with their prices.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use futures_util::{StreamExt, TryStreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::money::MoneyAnswer;
use crate::answer::{LocationAnswer, line};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::product::{Price, Product};
use crate::tools::toolset;

pub(crate) struct ListProducts;

/// Products whose prices are read at once: each is a request of its own.
const AT_ONCE: usize = 4;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in the name.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 25))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

const fn default_limit() -> u32 {
    10
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<Row>,
    /// How many match in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Row {
    /// Opaque id.
    id: String,
    /// What it is called.
    name: String,
    /// Such as digital, physical or service.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// Whether the online store offers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_store: Option<bool>,
    /// What it costs.
    prices: Vec<PriceRow>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PriceRow {
    /// Opaque id.
    id: String,
    /// What it is called.
    name: String,
    #[serde(flatten)]
    money: Option<MoneyAnswer>,
    /// How often it is paid; absent for once.
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<String>,
}

impl Tool for ListProducts {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_products";
    const TITLE: &'static str = "List products";
    const DESCRIPTION: &'static str = "Products of a location with all their prices.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::COMMERCE;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let slice = deps.client.products(&site, args.query.as_deref(), position.as_ref(), args.limit).await?;
        let reads: Vec<_> = slice.records.iter().map(|product| deps.client.prices(&site, &product.id)).collect();
        let prices: Vec<Vec<Price>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        let items = slice.records.iter().zip(&prices).map(|(product, prices)| Row::of(product, prices)).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output { location: LocationAnswer::of(&site), page: Page { items, next_cursor }, total: slice.total })
    }
}

impl Row {
    fn of(product: &Product, prices: &[Price]) -> Self {
        let price = |price: &Price| PriceRow {
            id: price.id.to_string(),
            name: line(&price.name),
            money: price.money.as_ref().map(MoneyAnswer::of),
            every: price.every.as_deref().map(line),
        };
        Self {
            id: product.id.to_string(),
            name: line(&product.name),
            kind: product.kind.as_deref().map(line),
            in_store: product.is_in_store,
            prices: prices.iter().map(price).collect(),
        }
    }
}
