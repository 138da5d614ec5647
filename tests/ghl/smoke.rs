use crate::bench::Bench;
use serde_json::json;

#[tokio::test]
async fn look() {
    let bench = Bench::new().await;
    for (tool, args) in [
        ("get_account_context", json!({})),
        ("list_locations", json!({})),
        ("search_contacts", json!({"limit": 2})),
        ("search_contacts", json!({"limit": 2, "query":"ali"})),
        ("search_opportunities", json!({"limit": 2})),
        ("get_pipeline_board", json!({})),
    ] {
        let t = std::time::Instant::now();
        let (e, v, text) = bench.run("acme", tool, args).await;
        println!("{tool} {e} {:?}\n{text}\n", t.elapsed());
        drop(v);
    }
    println!("{:#?}", bench.requests().await);
}
