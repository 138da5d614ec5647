//! Draws arguments from the JSON Schema of a tool.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::habits;

/// Chances that an optional field is given, in per cent, one for each mixture.
const MIXTURES: [u8; 3] = [20, 50, 85];

/// What is not drawn: a plan's id comes from whoever approves, a cursor from the page before.
const LEFT_OUT: [&str; 2] = ["approval_plan_id", "cursor"];

pub(super) struct Sampler {
    random: Rng,
    pools: BTreeMap<String, Vec<Value>>,
}

impl Sampler {
    pub(super) fn new(seed: u64, pools: BTreeMap<String, Vec<Value>>) -> Self {
        Self { random: Rng::with_seed(seed), pools }
    }

    /// Round 0 gives what is required, round 1 everything, then comes each optional field alone, then mixtures. Words are
    /// looked up for the owner (a tool's name) first. From round 2 on a tool's habits are kept.
    pub(super) fn arguments(&mut self, owner: &str, schema: &Value, round: usize) -> Value {
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let is_required =
            |name: &str| schema["required"].as_array().is_some_and(|required| required.iter().any(|item| item == name));
        let optional: Vec<&String> =
            properties.keys().filter(|name| !is_required(name) && !LEFT_OUT.contains(&name.as_str())).collect();
        let mixture = MIXTURES[round % MIXTURES.len()];
        let alone = round.checked_sub(2).and_then(|position| optional.get(position)).map(|name| name.as_str());
        let habit = habits::of(owner);
        let mut names: Vec<&str> = optional
            .iter()
            .map(|name| name.as_str())
            .filter(|name| match (round, alone) {
                (0, _) => false,
                (1, _) => true,
                (_, Some(alone)) => *name == alone || habit.always.contains(name),
                (_, None) => habit.always.contains(name) || self.random.u8(0..100) < mixture,
            })
            .collect();
        for either in habit.either.iter().filter(|_| round > 1) {
            let rivals: Vec<&str> = names.iter().copied().filter(|name| either.contains(name)).collect();
            let kept = alone.filter(|alone| rivals.contains(alone)).or_else(|| self.random.choice(&rivals).copied());
            names.retain(|name| !rivals.contains(name) || Some(*name) == kept);
        }
        for (name, needed) in habit.with.iter().filter(|_| round > 1) {
            if names.contains(name) && !names.contains(needed) {
                names.push(needed);
            }
        }
        let mut given = Map::new();
        for (name, field) in &properties {
            if is_required(name) || names.contains(&name.as_str()) {
                given.insert(name.clone(), self.value(owner, name, field));
            }
        }
        if alone == Some("limit") {
            // The smallest page has a next one.
            given.insert("limit".to_owned(), json!(1));
        }
        Value::Object(given)
    }

    fn value(&mut self, owner: &str, name: &str, field: &Value) -> Value {
        if let Some(constant) = field.get("const") {
            return constant.clone();
        }
        let own = format!("{owner}.{name}");
        if let Some(choices) = field["enum"].as_array().filter(|_| !self.pools.contains_key(&own)) {
            return self.choice(choices);
        }
        for several in ["anyOf", "oneOf"] {
            if let Some(kinds) = field[several].as_array() {
                let kind = self.choice(kinds);
                return self.value(owner, name, &kind);
            }
        }
        let pool = self.pools.get(&own).or_else(|| self.pools.get(name)).cloned();
        match field["type"].as_str().unwrap_or("string") {
            "array" => {
                let items_min = usize::try_from(field["minItems"].as_u64().unwrap_or(1)).unwrap().max(1);
                let items_max = usize::try_from(field["maxItems"].as_u64().unwrap_or(2))
                    .unwrap()
                    .clamp(items_min, 2.max(items_min));
                let count = self.random.usize(items_min..=items_max);
                let mut items: Vec<Value> = Vec::new();
                for _ in 0..count {
                    let item = self.value(owner, name, &field["items"]);
                    if !items.contains(&item) {
                        items.push(item);
                    }
                }
                json!(items)
            }
            "object" if field.get("properties").is_some() => {
                let round = self.random.usize(0..20);
                self.arguments(&format!("{owner}.{name}"), field, round)
            }
            "object" => pool.map_or_else(|| json!({}), |pool| self.choice(&pool)),
            "boolean" => json!(self.random.bool()),
            "integer" if pool.is_some() => pool.map_or(Value::Null, |pool| self.choice(&pool)),
            "integer" => {
                let least = field["minimum"].as_i64().unwrap_or(0);
                let most = field["maximum"].as_i64().unwrap_or(least + 100).min(least + 100);
                json!(self.random.i64(least..=most))
            }
            "number" => json!(f64::from(self.random.u32(0..100_000)) / 100.0),
            _ => match pool {
                Some(pool) => self.choice(&pool),
                None => self.text(name, field),
            },
        }
    }

    fn choice(&mut self, choices: &[Value]) -> Value {
        self.random.choice(choices).cloned().unwrap_or(Value::Null)
    }

    fn text(&mut self, name: &str, field: &Value) -> Value {
        let text = match field["format"].as_str() {
            Some("date") => "2026-11-16".to_owned(),
            Some("date-time") => "2026-11-16T10:00:00Z".to_owned(),
            Some("uri") => "https://example.com/a".to_owned(),
            Some("email") => "sample@example.com".to_owned(),
            _ if name == "idempotency_key" => format!("sample-{:016x}", self.random.u64(..)),
            _ => format!("Sample {}", self.random.u16(..)),
        };
        let longest = field["maxLength"].as_u64().map_or(usize::MAX, |length| usize::try_from(length).unwrap());
        json!(text.chars().take(longest).collect::<String>())
    }
}
