//! What is sold, on which pages, and by which partners.

use serde_json::json;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "payments.list-transactions"),
    ("v3", "payments.list-orders"),
    ("v3", "payments.list-subscriptions"),
    ("v3", "invoices.list-invoices"),
    ("v3", "products.list-invoices"),
    ("v3", "products.list-prices-for-product"),
    ("v3", "funnels.getFunnels"),
    ("v3", "funnels.getPagesByFunnelId"),
    ("v3", "affiliate-manager.list-affiliates"),
    ("v3", "affiliate-manager.list-commissions"),
    ("v3", "affiliate-manager.list-payouts"),
];

pub(super) async fn drive(session: &Session) {
    for kind in ["transactions", "orders", "subscriptions"] {
        let page = session.call("list_payments", json!({"kind": kind, "limit": 1})).await;
        let row = &page["items"][0];
        let narrow = json!({
            "kind": kind, "contact": row["contact"]["id"], "status": row["status"], "since": "2020-01-01",
            "until": "2100-12-31",
        });
        assert!(session.call("list_payments", narrow).await["total"].as_u64().unwrap() > 0, "{kind}");
    }
    session.call("list_payments", json!({"kind": "orders", "payment": "partially_paid"})).await;
    let page = session.call("list_invoices", json!({"overdue": true, "limit": 1})).await;
    let row = &page["items"][0];
    session.call("list_invoices", json!({"invoice": row["number"]})).await;
    let narrow = json!({"contact": row["contact"]["id"], "status": "sent", "query": "a"});
    session.call("list_invoices", narrow).await;
    let mut products = json!({"query": "k", "limit": 1});
    let page = session.call("list_products", products.clone()).await;
    products["cursor"] = page["next_cursor"].clone();
    session.call("list_products", products).await;
    session.call("list_funnels", json!({"query": "o", "limit": 1})).await;
    session.call("list_funnels", json!({"funnel": "Booking"})).await;
    let page = session.call("list_affiliates", json!({"active": true, "query": "a", "limit": 1})).await;
    session.call("list_affiliates", json!({"affiliate": page["items"][0]["id"]})).await;
}
