//! Draws arguments from the JSON Schema of a tool.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Chances that an optional field is given, in per cent, one for each mixture.
const MIXTURES: [u8; 3] = [20, 50, 85];

/// Fields that steer the floor or the walk through pages, not the vendor.
const LEFT_OUT: [&str; 5] = ["approval_plan_id", "cursor", "dry_run", "idempotency_key", "force"];

pub(super) struct Sampler {
    random: Rng,
    pools: BTreeMap<String, Vec<Value>>,
}

impl Sampler {
    pub(super) fn new(seed: u64, pools: BTreeMap<String, Vec<Value>>) -> Self {
        Self { random: Rng::with_seed(seed), pools }
    }

    /// Round 0 gives what is required, then come each optional field alone, then all of them, then mixtures.
    pub(super) fn arguments(&mut self, schema: &Value, round: usize) -> Value {
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let is_required =
            |name: &str| schema["required"].as_array().is_some_and(|required| required.iter().any(|item| item == name));
        let optional: Vec<&String> =
            properties.keys().filter(|name| !is_required(name) && !LEFT_OUT.contains(&name.as_str())).collect();
        let mixture = MIXTURES[round % MIXTURES.len()];
        let mut given = Map::new();
        for (name, field) in &properties {
            let is_given = is_required(name)
                || optional.iter().position(|other| *other == name).is_some_and(|position| match round {
                    0 => false,
                    _ if round <= optional.len() => position + 1 == round,
                    _ if round == optional.len() + 1 => true,
                    _ => self.random.u8(0..100) < mixture,
                });
            if is_given {
                given.insert(name.clone(), self.value(name, field));
            }
        }
        Value::Object(given)
    }

    fn value(&mut self, name: &str, field: &Value) -> Value {
        if let Some(constant) = field.get("const") {
            return constant.clone();
        }
        if let Some(choices) = field["enum"].as_array() {
            return self.choice(choices);
        }
        for several in ["anyOf", "oneOf"] {
            if let Some(kinds) = field[several].as_array() {
                let kind = self.choice(kinds);
                return self.value(name, &kind);
            }
        }
        let pool = self.pools.get(name).cloned();
        match field["type"].as_str().unwrap_or("string") {
            "array" => {
                let items_min = usize::try_from(field["minItems"].as_u64().unwrap_or(1)).unwrap().max(1);
                let items_max = usize::try_from(field["maxItems"].as_u64().unwrap_or(2))
                    .unwrap()
                    .clamp(items_min, 2.max(items_min));
                let count = self.random.usize(items_min..=items_max);
                let mut items: Vec<Value> = Vec::new();
                for _ in 0..count {
                    let item = self.value(name, &field["items"]);
                    if !items.contains(&item) {
                        items.push(item);
                    }
                }
                json!(items)
            }
            "object" if field.get("properties").is_some() => {
                let round = self.random.usize(0..20);
                self.arguments(field, round)
            }
            "object" => pool.map_or_else(|| json!({}), |pool| self.choice(&pool)),
            "boolean" => json!(self.random.bool()),
            "integer" => {
                let least = field["minimum"].as_i64().unwrap_or(0);
                let most = field["maximum"].as_i64().unwrap_or(least + 100).min(least + 100);
                json!(self.random.i64(least..=most))
            }
            "number" => json!(f64::from(self.random.u32(0..100_000)) / 100.0),
            _ => match pool {
                Some(pool) => self.choice(&pool),
                None => self.text(field),
            },
        }
    }

    fn choice(&mut self, choices: &[Value]) -> Value {
        self.random.choice(choices).cloned().unwrap_or(Value::Null)
    }

    fn text(&mut self, field: &Value) -> Value {
        let text = match field["format"].as_str() {
            Some("date") => "2026-11-16".to_owned(),
            Some("date-time") => "2026-11-16T10:00:00Z".to_owned(),
            Some("uri") => "https://example.com/a".to_owned(),
            Some("email") => "sample@example.com".to_owned(),
            _ => format!("Sample {}", self.random.u16(..)),
        };
        let longest = field["maxLength"].as_u64().map_or(usize::MAX, |length| usize::try_from(length).unwrap());
        json!(text.chars().take(longest).collect::<String>())
    }
}

/// Values by the name of their field, in words that the demo location understands.
pub(super) fn words() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("location", vec![json!("Brightside"), json!("RtzBzEQ3Hh0tAFjfNGAq")]),
        ("owner", vec![json!("Tom"), json!("priya")]),
        ("assigned_to", vec![json!("Tom"), json!("unassigned")]),
        ("pipeline", vec![json!("New patients")]),
        ("stage", vec![json!("Contacted"), json!("Accepted")]),
        ("calendar", vec![json!("Consultation")]),
        ("tags", vec![json!("src_paid"), json!("sampled")]),
        ("add", vec![json!("src_paid"), json!("sampled")]),
        ("remove", vec![json!("sampled")]),
        ("replace_with", vec![json!("src_paid")]),
        ("custom_fields", vec![json!({"lead_score": "7"}), json!({"company_size": "2-10"})]),
        ("email", vec![json!("sample@example.com"), json!("other+sample@example.com")]),
        ("phone", vec![json!("+12025550143"), json!("+12025550199")]),
        ("query", vec![json!("a"), json!("dent")]),
        ("timezone", vec![json!("America/New_York"), json!("UTC")]),
        ("added_after", vec![json!("2020-01-01")]),
        ("added_before", vec![json!("2100-01-01T00:00:00Z")]),
        ("since", vec![json!("2020-01-01")]),
        ("due", vec![json!("2027-01-04T15:00"), json!("2027-01-05")]),
        ("send_at", vec![json!("2027-01-04T15:00")]),
        ("from", vec![json!("2026-12-01"), json!("2026-12-02T09:00")]),
        ("to", vec![json!("2026-12-10")]),
        ("title", vec![json!("Call back"), json!("Send offer")]),
        ("task", vec![json!("Call back")]),
        ("add_tags", vec![json!("src_paid"), json!("sampled")]),
        ("remove_tags", vec![json!("unsampled")]),
        ("set_owner", vec![json!("Tom"), json!("priya")]),
        ("set_fields", vec![json!({"lead_score": "7"}), json!({"company_size": "2-10"})]),
        ("due_after", vec![json!("2020-01-01")]),
        ("due_before", vec![json!("2100-01-01")]),
        ("at", vec![json!("2026-01-05T09:00")]),
        ("start", vec![json!("2026-12-16T10:00"), json!("2026-12-17T11:00"), json!("2026-12-02T09:00")]),
        ("lost_reason", vec![json!("Price"), json!("No reply")]),
    ]
}
