//! Payments, invoices, products, funnels and affiliates.

use serde_json::Value;

use super::{LOCATION, expect, text};
use crate::plain_http::Client;

pub(super) const OPERATIONS: &[&str] = &[
    "payments.list-transactions",
    "payments.get-transaction-by-id",
    "payments.list-orders",
    "payments.list-subscriptions",
    "payments.get-subscription-by-id",
    "invoices.list-invoices",
    "invoices.get-invoice",
    "products.list-invoices",
    "products.get-product-by-id",
    "products.list-prices-for-product",
    "products.get-price-by-id-for-product",
    "funnels.getFunnels",
    "funnels.getPagesByFunnelId",
    "funnels.getPagesCountByFunnelId",
    "affiliate-manager.list-affiliates",
    "affiliate-manager.get-affiliate",
    "affiliate-manager.list-commissions",
    "affiliate-manager.list-payouts",
];

pub(super) async fn drive(client: &Client) {
    drive_books(client).await;
    drive_products(client).await;
    drive_funnels(client).await;
    drive_affiliates(client).await;
}

async fn get(client: &Client, path: &str) -> Value {
    expect(client, 200, "GET", path, Value::Null).await
}

async fn drive_books(client: &Client) {
    let owner = format!("altId={}&altType=location", LOCATION.id);
    let found = get(client, &format!("/payments/transactions?{owner}&limit=2&offset=1&startAt=2020-01-01")).await;
    get(client, &format!("/payments/transactions/{}?{owner}", text(&found, "/data/0/_id"))).await;
    let paid = format!("/payments/orders?altId={}&limit=2&paymentStatus=paid&search=a", LOCATION.id);
    get(client, &paid).await;
    let found = get(client, &format!("/payments/subscriptions?{owner}&limit=2")).await;
    get(client, &format!("/payments/subscriptions/{}?{owner}", text(&found, "/data/0/_id"))).await;
    let invoices = format!("/invoices/?{owner}&limit=2&offset=0&status=sent&sortField=issueDate&sortOrder=descend");
    let found = get(client, &invoices).await;
    get(client, &format!("/invoices/{}?{owner}", text(&found, "/invoices/0/_id"))).await;
    let elsewhere = "/payments/transactions?altId=nowhere&altType=location";
    expect(client, 403, "GET", elsewhere, Value::Null).await;
}

async fn drive_products(client: &Client) {
    let location = format!("locationId={}", LOCATION.id);
    let found = get(client, &format!("/products/?{location}&limit=2&search=kit")).await;
    let product = format!("/products/{}", text(&found, "/products/0/_id"));
    get(client, &format!("{product}?{location}")).await;
    let prices = get(client, &format!("{product}/price?{location}&limit=5&offset=0")).await;
    get(client, &format!("{product}/price/{}?{location}", text(&prices, "/prices/0/_id"))).await;
}

async fn drive_funnels(client: &Client) {
    let location = format!("locationId={}", LOCATION.id);
    let found = get(client, &format!("/funnels/funnel/list?{location}&type=funnel&limit=1&offset=1&name=o")).await;
    let funnel = format!("{location}&funnelId={}", text(&found, "/funnels/0/_id"));
    get(client, &format!("/funnels/page?{funnel}&limit=10&offset=0")).await;
    get(client, &format!("/funnels/page/count?{funnel}")).await;
}

async fn drive_affiliates(client: &Client) {
    let family = format!("/affiliate-manager/{}", LOCATION.id);
    let found = get(client, &format!("{family}/affiliates?active=true&limit=2&skip=0")).await;
    let id = text(&found, "/affiliates/0/_id");
    get(client, &format!("{family}/affiliates/{id}")).await;
    get(client, &format!("{family}/commissions?affiliateId={id}&limit=5")).await;
    get(client, &format!("{family}/payouts?affiliateId={id}&status=paid&limit=5")).await;
}
