//! The jobs of the menu, as a client on stdio sees them in the demo account.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::stdio::Server;

/// What stands in backticks beside the tools: arguments, tags and fields of answers.
const WORDS: [&str; 8] = [
    "added_after",
    "added_before",
    "call_no_show",
    "new_to_location",
    "reactivate_2026_11",
    "src_paid",
    "stage_new",
    "stale_days",
];

struct Demo {
    server: Server,
    _data: tempfile::TempDir,
}

impl Demo {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start("mcp-ghl", data.path(), &["--toolsets", "all"]);
        server.initialize().await;
        Self { server, _data: data }
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.server.call(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn names(&mut self, method: &str, list: &str) -> BTreeSet<String> {
        let listed = self.ask(method, json!({})).await;
        let items = listed[list].as_array().unwrap();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    }

    async fn text(&mut self, prompt: &str, arguments: Value) -> String {
        let rendered = self.ask("prompts/get", json!({"name": prompt, "arguments": arguments})).await;
        rendered["messages"][0]["content"]["text"].as_str().unwrap().to_owned()
    }

    async fn complete(&mut self, prompt: &str, blank: (&str, &str), others: Value) -> Value {
        let argument = json!({"name": blank.0, "value": blank.1});
        let params = json!({
            "ref": {"type": "ref/prompt", "name": prompt}, "argument": argument, "context": {"arguments": others},
        });
        self.ask("completion/complete", params).await["completion"]["values"].clone()
    }
}

#[tokio::test]
async fn every_prompt_names_tools_that_there_are() {
    let mut demo = Demo::start().await;
    let tools = demo.names("tools/list", "tools").await;
    for prompt in demo.names("prompts/list", "prompts").await {
        let text = demo.text(&prompt, json!({"location": "gym"})).await;
        assert!(text.contains("- location: Iron Harbor Gym\n"), "{text}");
        let quoted = text.split('`').skip(1).step_by(2).filter(|word| word.contains('_') && !word.ends_with('_'));
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            quoted.filter(|word| !WORDS.contains(word)).partition(|word| tools.contains(*word));
        assert!(known.len() >= 6 && unknown.is_empty(), "{prompt} names {known:?}, and unknown {unknown:?}");
    }
}

#[tokio::test]
async fn every_prompt_is_a_skill_too() {
    let mut demo = Demo::start().await;
    let listed = demo.ask("skills/list", json!({})).await;
    let folder = |skill: &Value| skill["uri"].as_str().unwrap().split('/').nth(2).unwrap().to_owned();
    let skills: BTreeSet<String> = listed["skills"].as_array().unwrap().iter().map(folder).collect();
    let prompts = demo.names("prompts/list", "prompts").await;
    let as_skills: BTreeSet<String> = prompts.iter().map(|name| name.replace('_', "-")).collect();
    assert_eq!(as_skills, skills);
    let jobs = ["lead_intake", "no_show_recovery", "pipeline_review", "reactivation_campaign", "weekly_report"];
    assert_eq!(prompts, jobs.map(str::to_owned).into());
}

#[tokio::test]
async fn blanks_are_filled_and_offered() {
    let mut demo = Demo::start().await;
    let lead = json!({"location": "gym", "email": "ada@example.com", "source": "paid"});
    let text = demo.text("lead_intake", lead).await;
    assert!(text.contains("- location: Iron Harbor Gym\n- email: ada@example.com\n- source: paid\n"), "{text}");
    assert_eq!(demo.complete("lead_intake", ("location", "iron"), json!({})).await, json!(["Iron Harbor Gym"]));
    assert_eq!(
        demo.complete("weekly_report", ("location", "bright"), json!({})).await,
        json!(["Brightside Dental Group"])
    );
    let gym = json!({"location": "Iron Harbor Gym"});
    assert_eq!(demo.complete("pipeline_review", ("pipeline", "corp"), gym).await, json!(["Corporate wellness"]));
    let unknown =
        demo.server.call("prompts/get", json!({"name": "weekly_report", "arguments": {"location": "moon"}})).await;
    assert!(unknown.get("error").is_some(), "{unknown}");
}
