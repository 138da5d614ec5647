//! What the definitions cost a model, counted by a real tokenizer.

use serde::Serialize;
use serde_json::Value;
use tiktoken_rs::CoreBPE;

/// The part of a definition that clients show to the model.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    name: &'a Value,
    title: &'a Value,
    description: &'a Value,
    input_schema: &'a Value,
}

/// Tokens of one definition (o200k), and of its output schema, which few clients show.
pub(crate) struct Cost {
    pub(crate) name: String,
    pub(crate) shown: usize,
    pub(crate) output: usize,
}

pub(crate) fn costs(tools: &[Value]) -> Vec<Cost> {
    let tokenizer = tiktoken_rs::o200k_base().expect("the vocabulary is built in");
    tools.iter().map(|tool| cost(&tokenizer, tool)).collect()
}

fn cost(tokenizer: &CoreBPE, tool: &Value) -> Cost {
    let shown = Shown {
        name: &tool["name"],
        title: &tool["title"],
        description: &tool["description"],
        input_schema: &tool["inputSchema"],
    };
    let count = |text: &str| tokenizer.encode_ordinary(text).len();
    Cost {
        name: tool["name"].as_str().unwrap_or_default().to_owned(),
        shown: count(&serde_json::to_string(&shown).expect("JSON can be written")),
        output: count(&tool["outputSchema"].to_string()),
    }
}

/// What a whole list costs.
pub(crate) struct Bill {
    pub(crate) tools: usize,
    pub(crate) total: usize,
    pub(crate) median: usize,
    pub(crate) output: usize,
}

pub(crate) fn bill(costs: &[Cost]) -> Bill {
    let mut shown: Vec<usize> = costs.iter().map(|cost| cost.shown).collect();
    shown.sort_unstable();
    Bill {
        tools: costs.len(),
        total: shown.iter().sum(),
        median: shown.get(shown.len() / 2).copied().unwrap_or_default(),
        output: costs.iter().map(|cost| cost.output).sum(),
    }
}
