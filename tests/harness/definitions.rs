//! The tool definitions of a server as it really sends them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::stdio::Server;

/// Pages that a list of tools may have before the test gives up.
const PAGES_MAX: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    tools: Vec<Value>,
    next_cursor: Option<String>,
}

/// The tools that a server shows at first, over a session on stdio.
///
/// # Panics
/// If the server does not list its tools.
pub async fn of(program: &str) -> Vec<Value> {
    listed(program, &[]).await
}

/// The tools of all toolsets.
///
/// # Panics
/// As [`of`].
pub async fn of_all_toolsets(program: &str) -> Vec<Value> {
    listed(program, &["--toolsets", "all"]).await
}

async fn listed(program: &str, flags: &[&str]) -> Vec<Value> {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut server = Server::start(program, data.path(), flags);
    server.initialize().await;
    let (mut tools, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let params = cursor.take().map_or_else(|| json!({}), |cursor: String| json!({"cursor": cursor}));
        let answer = server.call("tools/list", params).await;
        let page: Page = serde_json::from_value(answer["result"].clone()).expect("a page of tools");
        tools.extend(page.tools);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return tools;
        }
    }
    panic!("the list of tools does not end")
}
