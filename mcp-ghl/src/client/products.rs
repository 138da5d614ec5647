//! Products and prices.

use common::error::Result;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::product::{Many, Prices, Read, ReadPrice};
use super::{Client, Site, Slice};
use crate::cursor::Position;
use crate::product::{Price, Product};
use crate::record_id::RecordId;

pub(super) static LIST: Operation = Operation::read(Method::GET, "/products/", "products.readonly");
pub(super) static PRICES: Operation =
    Operation::read(Method::GET, "/products/{}/price", "products/prices.readonly").on("product");

/// Prices of one product that are read. Ours: the vendor documents no limit.
const PRICES_MAX: &str = "100";

impl Client {
    /// Products whose name holds the words; all of them without words.
    pub(crate) async fn products(
        &self,
        site: &Site,
        words: Option<&str>,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<Product>> {
        let skip = Position::skipped(position)?;
        let (limit_text, offset) = (limit.to_string(), skip.to_string());
        let mut parameters =
            vec![("locationId", site.location.id.as_str()), ("limit", &limit_text), ("offset", &offset)];
        parameters.extend(words.map(|words| ("search", words)));
        let many: Many = self.send(&site.session, &LIST, &Request::default().with_query(&parameters)).await?;
        let seen = skip.saturating_add(many.products.len());
        let is_full = u32::try_from(many.products.len()).is_ok_and(|received| received >= limit);
        let total = many.total.first().map(|total| total.total);
        let is_all = total.is_some_and(|total| u64::try_from(seen).is_ok_and(|seen| seen >= total));
        let records = many.products.into_iter().filter_map(Read::into_product).collect();
        Ok(Slice { records, total, next: (is_full && !is_all).then_some(Position::Skip(seen)) })
    }

    /// What a product costs.
    pub(crate) async fn prices(&self, site: &Site, product_id: &RecordId) -> Result<Vec<Price>> {
        let query = [("locationId", site.location.id.as_str()), ("limit", PRICES_MAX), ("offset", "0")];
        let ids = [product_id];
        let prices: Prices = self.send(&site.session, &PRICES, &Request::of(&ids).with_query(&query)).await?;
        Ok(prices.prices.into_iter().filter_map(ReadPrice::into_price).collect())
    }
}
