//! `delete_dataset`: after a yes, with every row.

use common::audit::Decision;
use common::auth::{Caller, Role};
use common::tool::{PlanId, Voice};
use serde_json::json;
use tests::database::on_each_database;

use crate::stage::{CUSTOMERS, ORDERS, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_yes_nothing_of_it_is_left() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("shop", "customers", CUSTOMERS).await;
        stage.import("shop", "transactions", ORDERS).await;
        stage.import("web", "transactions", ORDERS).await;
        let members = stage.call("delete_dataset", json!({"dataset": "shop"})).await;
        assert_eq!(members["error"]["code"], "permission_denied", "{members:#}");
        let ada = Stage::caller("acme", Role::Admin);
        let proposed = stage.call_as(&ada, "delete_dataset", json!({"dataset": "shop"})).await;
        assert_eq!(proposed["error"]["code"], "approval_required", "{proposed:#}");
        let plan = &proposed["error"]["details"]["plan"];
        assert!(plan["plan"]["summary"].as_str().unwrap().contains("6 records"), "{plan:#}");
        let plan_id = plan["plan_id"].as_str().unwrap();
        let boss = Caller::local("boss", "acme".parse().unwrap(), Role::Admin);
        let id = PlanId::parse(plan_id).unwrap();
        stage.foundation.approvals.decide(&boss, Voice::Request, id, Decision::Approved).await.unwrap();
        let named = json!({"dataset": "shop", "approval_plan_id": plan_id});
        let done = stage.call_as(&ada, "delete_dataset", named).await;
        assert_eq!(done["deleted"], true, "{done:#}");
        let pool = stage.database.bypass().await;
        for (table, left) in [("analytics_customers", 0), ("analytics_transactions", 3), ("analytics_people", 2)] {
            let statement = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
            let rows: i64 = sqlx::query_scalar(statement).fetch_one(&pool).await.unwrap();
            assert_eq!(rows, left, "{table}");
        }
        stage.import("shop", "transactions", ORDERS).await;
    })
    .await;
}
