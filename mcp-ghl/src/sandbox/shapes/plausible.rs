//! Values that look like what their name promises.

use serde_json::{Number, Value};

use crate::catalogue::{Bounds, Text};
use crate::sandbox::ids::{self, Scramble};
use crate::sandbox::instants;

/// 2026-01-05T09:00:00Z: invented instants lie in the months after it, whatever the clock says, so that the same request
/// has the same answer.
const EPOCH_MS: i64 = 1_767_603_600_000;
const DAY_MS: i64 = 86_400_000;

/// Invents single values; those of one answer belong together.
#[derive(Debug)]
pub(super) struct Plausible {
    seed: String,
    /// When the record was made.
    made_at_ms: i64,
    dice: Scramble,
    count: u32,
    /// The number of the item of a list that is being invented, from 0.
    pub(super) item: u64,
}

impl Plausible {
    pub(super) fn new(seed: &str) -> Self {
        let mut dice = Scramble::of(seed);
        let day = i64::try_from(dice.below(270)).unwrap_or(0);
        Self { seed: seed.to_owned(), made_at_ms: EPOCH_MS + day * DAY_MS, dice, count: 0, item: 0 }
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        let lower = name.to_lowercase();
        if ["success", "succe", "ok", "active", "enabled"].iter().any(|good| lower.contains(good)) {
            return true;
        }
        let is_bad = ["delet", "error", "archiv", "fail", "test"].iter().any(|bad| lower.contains(bad));
        !is_bad && self.dice.chance(50)
    }

    /// A whole number where `is_whole`.
    pub(super) fn number(&mut self, name: &str, bounds: &Bounds) -> Value {
        let lower = name.to_lowercase();
        let is_money = ["amount", "price", "value", "cost", "balance"].iter().any(|money| lower.contains(money));
        let wanted: u64 = if is_money {
            20 + self.dice.below(480)
        } else if ["total", "count"].iter().any(|count| lower.contains(count)) {
            1
        } else {
            1 + self.dice.below(20)
        };
        let wanted = Number::from(wanted);
        let as_f64 = |number: &Number| number.as_f64().unwrap_or(0.0);
        if let Some(min) = bounds.min.as_ref().filter(|min| as_f64(&wanted) < as_f64(min)) {
            return Value::Number(min.clone());
        }
        if let Some(max) = bounds.max.as_ref().filter(|max| as_f64(&wanted) > as_f64(max)) {
            return Value::Number(max.clone());
        }
        Value::Number(wanted)
    }

    pub(super) fn text(&mut self, name: &str, expected: &Text) -> String {
        let text = match expected.format.as_deref() {
            Some("date-time") => self.instant(name),
            Some("date") => self.date(name),
            Some("email") => email(),
            Some("uuid") => self.uuid(),
            Some("uri" | "url") => url(name),
            Some(_) | None => self.by_pattern(name, expected.pattern.as_deref().unwrap_or_default()),
        };
        fitted(text, expected)
    }

    /// An id that no other value of the answer has.
    pub(super) fn id(&mut self) -> String {
        self.count += 1;
        ids::named(&format!("{}/{}", self.seed, self.count))
    }

    fn uuid(&mut self) -> String {
        self.count += 1;
        ids::named_uuid(&format!("{}/{}", self.seed, self.count))
    }

    /// The vendor's patterns are of dates, of times of day and of what a name says.
    fn by_pattern(&mut self, name: &str, pattern: &str) -> String {
        if pattern.contains(r"\d{4}-\d{2}-\d{2}") {
            return self.date(name);
        }
        if pattern.contains("[0-5][0-9]") {
            return "09:00".to_owned();
        }
        self.by_name(name)
    }

    fn by_name(&mut self, name: &str) -> String {
        let lower = name.to_lowercase();
        let has = |part: &str| lower.contains(part);
        if lower == "traceid" || has("uuid") {
            return self.uuid();
        }
        if lower == "id"
            || name.ends_with("Id")
            || name.ends_with("_id")
            || name.ends_with("ID")
            || name.ends_with("Ids")
        {
            return self.id();
        }
        if has("date") || name.ends_with("At") || name.ends_with("Time") || lower == "timestamp" {
            return self.instant(name);
        }
        if has("email") {
            return email();
        }
        if has("phone") {
            return "+12025550142".to_owned();
        }
        if ["url", "website", "link", "logo", "image", "avatar", "picture", "domain"].iter().any(|part| has(part)) {
            return url(name);
        }
        let known = KNOWN.iter().find(|(part, _)| has(part)).map(|(_, text)| (*text).to_owned());
        known.unwrap_or_else(|| {
            let number = if self.item == 0 { String::new() } else { format!(" {}", self.item + 1) };
            format!("Sample {}{number}", words(name))
        })
    }

    /// What ends or is due lies after what begins.
    fn instant(&self, name: &str) -> String {
        instants::iso(self.instant_ms(name))
    }

    fn date(&self, name: &str) -> String {
        self.instant(name).split('T').next().unwrap_or_default().to_owned()
    }

    fn instant_ms(&self, name: &str) -> i64 {
        let lower = name.to_lowercase();
        let days = if ["end", "due", "expir", "until"].iter().any(|late| lower.contains(late)) {
            30
        } else if ["start", "schedul", "issue"].iter().any(|soon| lower.contains(soon)) {
            7
        } else {
            i64::from(lower.contains("updat"))
        };
        self.made_at_ms + days * DAY_MS
    }
}

/// Parts of names and what stands there; the first that fits.
const KNOWN: &[(&str, &str)] = &[
    ("firstname", "Ada"),
    ("first_name", "Ada"),
    ("lastname", "Moreno"),
    ("last_name", "Moreno"),
    ("company", "Brightside"),
    ("currency", "USD"),
    ("country", "US"),
    ("timezone", "America/New_York"),
    ("language", "en"),
    ("locale", "en_US"),
    ("city", "Springfield"),
    ("state", "IL"),
    ("postal", "62701"),
    ("address", "12 Main Street"),
    ("color", "#1f6feb"),
    ("html", "<p>Sample text</p>"),
    ("status", "active"),
    ("slug", "sample"),
    ("alttype", "location"),
];

fn email() -> String {
    "ada.moreno@example.com".to_owned()
}

fn url(name: &str) -> String {
    format!("https://example.com/{}", words(name).replace(' ', "-"))
}

/// `pipelineStage` in words: `pipeline stage`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(if letter == '_' || letter == '-' { ' ' } else { letter.to_ascii_lowercase() });
    }
    words
}

fn fitted(mut text: String, expected: &Text) -> String {
    if let Some(min) = expected.length_min.and_then(|min| usize::try_from(min).ok()) {
        let missing = min.saturating_sub(text.chars().count());
        text.extend(std::iter::repeat_n('x', missing));
    }
    if let Some(max) = expected.length_max.and_then(|max| usize::try_from(max).ok()) {
        text = text.chars().take(max).collect();
    }
    text
}
