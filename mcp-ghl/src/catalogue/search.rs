//! Finds operations by what people want: BM25 over names, paths, summaries, fields and people's own words, with synonyms,
//! light stems and a little patience with typing.

mod hints;
mod intent;
mod synonyms;
mod values;
mod words;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use super::operation::{Generation, Operation};
use super::{Catalogue, Shape};
use hints::Hints;
use intent::{Doing, Want};
use synonyms::{Meanings, PHRASE_WORDS_MAX};
use words::{is_nearly, words};

/// How much a word counts in each place; once per place, however often it stands there.
const OWN_WORDS: f64 = 2.8;
const ID: f64 = 2.4;
const SUMMARY: f64 = 1.4;
const FAMILY: f64 = 1.4;
const PATH: f64 = 0.4;
const SHARED_WORDS: f64 = 0.7;
const FIELDS: f64 = 0.25;
/// Words of operations on the same records, but for what they do.
const SIBLINGS: f64 = 0.5;

/// How much a word counts that people use less often: those behind the first few.
const FAR_WORDS: f64 = 2.0;

/// How much of what a word counts in one place is added to what it counts in a better one.
const AGAIN: f64 = 0.4;

/// Where more of the same counts no more (BM25, `k1`).
const SATURATION: f64 = 1.2;

/// How much a synonym, and a word that is nearly one, count against the word itself.
const SYNONYM: f64 = 0.5;
const NEARLY: f64 = 0.75;

/// How much what people call a thing counts against what the vendor calls it.
const SAME: f64 = 0.95;

/// How much a verb that is said of anything counts against other words.
const COMMON_VERB: f64 = 0.45;

/// How much a word counts that says what something new is for: `a tag for leads` is a tag.
const PURPOSE: f64 = 0.6;

/// How much it counts to have all that was asked for, and to be asked for all that one is named by.
const WHOLE: f64 = 0.75;
const NAMED: f64 = 0.2;

/// What only older versions have, and what the vendor advises against, comes after what is not so.
const OLDER: f64 = 0.82;
const DEPRECATED: f64 = 0.6;

/// Families that are hardly meant by people who do not say so, though they use everybody's words.
const RARELY_MEANT: [&str; 6] = ["ad-publishing", "custom-fields", "marketplace", "oauth", "saas", "voice-ai"];
const RARE: f64 = 0.88;

/// Fewest and most operations in an answer.
pub const LIMIT_MAX: usize = 20;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// In plain words.
    pub text: &'a str,
    /// Only operations of this family.
    pub family: Option<&'a str>,
    /// Only those that change nothing, or only those that do.
    pub reads: Option<bool>,
    /// Most operations.
    pub limit: usize,
}

impl<'a> Wanted<'a> {
    /// Five operations of any kind.
    #[must_use]
    pub const fn text(text: &'a str) -> Self {
        Self { text, family: None, reads: None, limit: 5 }
    }
}

/// What a search looks into.
pub struct Index {
    /// For each word, the operations that have it and how much.
    postings: HashMap<String, Vec<Posting>>,
    doings: Vec<Doing>,
    /// What the id and the path of each operation are made of, but for verbs that are said of anything.
    names: Vec<[Vec<String>; 2]>,
    meanings: Meanings,
    same: Meanings,
}

#[derive(Debug, Clone, Copy)]
struct Posting {
    document: usize,
    weight: f64,
}

/// One word of a question with all that it may mean, each with what it counts.
type Meant = Vec<(Vec<String>, f64)>;

impl Index {
    /// An index over all operations of a catalogue, to be asked with the same one.
    #[must_use]
    pub fn over(catalogue: &Catalogue) -> Self {
        let mut postings: HashMap<String, Vec<Posting>> = HashMap::new();
        let (mut doings, mut names) = (Vec::new(), Vec::new());
        let hints = Hints::of(catalogue);
        for (document, operation) in catalogue.operations().enumerate() {
            for (word, weight) in weights(operation, &hints) {
                postings.entry(word).or_default().push(Posting { document, weight });
            }
            doings.push(Doing::of(operation));
            names.push([nouns(operation.local_id()), nouns(&path(operation))]);
        }
        Self { postings, doings, names, meanings: synonyms::meanings(), same: synonyms::same() }
    }

    /// The operations that fit best, the best first.
    #[must_use]
    pub fn search<'c>(&self, catalogue: &'c Catalogue, wanted: &Wanted<'_>) -> Vec<&'c Operation> {
        let text = values::without_values(wanted.text);
        let intent = Want::of(&text);
        let (thing, purpose) = intent.purpose(&text);
        let mut question = words(thing);
        let beside = question.len();
        question.extend(words(purpose));
        let beside = beside..question.len();
        question.extend(synonyms::parted(&text));
        if intent.is_sending() {
            // Who emails somebody sends him something.
            question.push(words::stem("send"));
        }
        if intent.is_put_off() {
            question.push(words::stem("reschedule"));
        }
        let scores = self.scores(&question, &beside);
        let mut ranked: Vec<(f64, &Operation)> = catalogue
            .operations()
            .zip(scores)
            .zip(&self.doings)
            .filter(|((operation, score), _)| *score > 0.0 && is_admitted(operation, wanted))
            .map(|((operation, score), doing)| (score * fit(operation, intent, *doing), operation))
            .collect();
        ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        ranked.into_iter().take(wanted.limit.min(LIMIT_MAX)).map(|(_, operation)| operation).collect()
    }

    /// How well each operation fits the words, of which those `beside` say what it is for.
    fn scores(&self, question: &[String], beside: &Range<usize>) -> Vec<f64> {
        let mut scores = vec![0.0; self.doings.len()];
        let mut most = 0.0;
        let mut said: HashMap<String, f64> = HashMap::new();
        for (at, meant) in self.meant(question).into_iter().enumerate() {
            let weight = if beside.contains(&at) { PURPOSE } else { 1.0 };
            let mut best: HashMap<usize, f64> = HashMap::new();
            let mut most_of_word: f64 = 0.0;
            for (phrase, share) in &meant {
                for word in phrase {
                    let known = said.entry(word.clone()).or_default();
                    *known = known.max(if intent::is_common(word) { 1.0 } else { *share });
                }
                most_of_word =
                    most_of_word.max(weight * share * phrase.iter().map(|word| self.rarity(word)).sum::<f64>());
                for (document, score) in self.phrase(phrase) {
                    let best = best.entry(document).or_default();
                    *best = best.max(weight * share * score);
                }
            }
            most += most_of_word;
            for (document, score) in best {
                if let Some(total) = scores.get_mut(document) {
                    *total += score;
                }
            }
        }
        // An operation that has all that was asked for beats one that has much of a part of it.
        if most > 0.0 {
            for (score, name) in scores.iter_mut().zip(&self.names) {
                let [id, _] = name;
                if id.iter().any(|word| PARTS.contains(&word.as_str()) && !said.contains_key(word)) {
                    *score *= UNSAID_PART;
                }
                let share = name.iter().map(|words| share(words, &said)).fold(0.0, f64::max);
                *score *= (1.0 - WHOLE + WHOLE * (*score / most).min(1.0)) * (1.0 - NAMED + NAMED * share);
            }
        }
        scores
    }

    /// The operations that have every word of a phrase.
    fn phrase(&self, phrase: &[String]) -> Vec<(usize, f64)> {
        let mut found: Option<HashMap<usize, f64>> = None;
        for word in phrase {
            let rarity = self.rarity(word);
            let postings = self.postings.get(word).map(Vec::as_slice).unwrap_or_default();
            let scores = postings.iter().map(|it| (it.document, rarity * it.weight / (it.weight + SATURATION)));
            found = Some(match found {
                None => scores.collect(),
                Some(before) => scores.filter_map(|(it, score)| Some((it, score + before.get(&it)?))).collect(),
            });
        }
        found.unwrap_or_default().into_iter().collect()
    }

    /// What each word of a question may mean. Words that mean something together are taken together, too.
    fn meant(&self, question: &[String]) -> Vec<Meant> {
        let mut meant: Vec<Meant> = question.iter().map(|word| self.forms(word)).collect();
        for length in 2..=PHRASE_WORDS_MAX {
            for (at, phrase) in question.windows(length).enumerate() {
                let others = self.others(phrase);
                // Each of its words may be fulfilled by what the whole means.
                for word in meant.iter_mut().skip(at).take(length) {
                    word.extend(others.iter().cloned());
                }
            }
        }
        meant
    }

    fn forms(&self, word: &str) -> Meant {
        let is_known = self.postings.contains_key(word);
        let as_phrase = |word: &str| vec![word.to_owned()];
        let share = if intent::is_common(word) { COMMON_VERB } else { 1.0 };
        let mut forms: Meant = vec![(as_phrase(word), share)];
        let mut spellings = vec![word.to_owned()];
        if !is_known && !self.meanings.contains_key(&as_phrase(word)) {
            let near = self.postings.keys().filter(|known| is_nearly(word, known)).cloned();
            spellings = near.collect();
            forms = spellings.iter().map(|near| (as_phrase(near), NEARLY)).collect();
        }
        for spelling in spellings {
            forms.extend(self.others(&as_phrase(&spelling)));
        }
        forms
    }

    /// Other words for a phrase.
    fn others(&self, phrase: &[String]) -> Meant {
        let of = |meanings: &Meanings, share: f64| -> Meant {
            meanings.get(phrase).into_iter().flatten().map(|other| (other.clone(), share)).collect()
        };
        let mut others = of(&self.same, SAME);
        others.extend(of(&self.meanings, SYNONYM));
        others
    }

    /// BM25's inverse document frequency; 0 for a word that nothing has.
    fn rarity(&self, word: &str) -> f64 {
        let Some(postings) = self.postings.get(word) else { return 0.0 };
        let (all, with) = (count(self.doings.len()), count(postings.len()));
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln().powf(0.7)
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Index").field("operations", &self.doings.len()).finish_non_exhaustive()
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn is_admitted(operation: &Operation, wanted: &Wanted<'_>) -> bool {
    wanted.family.is_none_or(|family| operation.family == family)
        && wanted.reads.is_none_or(|reads| operation.access.is_read() == reads)
}

fn fit(operation: &Operation, want: Want, doing: Doing) -> f64 {
    let age = if operation.generation == Generation::V2 { OLDER } else { 1.0 };
    let advice = if operation.is_deprecated || operation.id.ends_with("-deprecated") { DEPRECATED } else { 1.0 };
    let reach = if RARELY_MEANT.contains(&&*operation.family) { RARE } else { 1.0 };
    f64::from(want.fit_percent(doing)) / 100.0 * age * advice * reach
}

/// Stems of what belongs to other records. It is not meant by those who only say what it belongs to.
const PARTS: [&str; 12] = [
    "attachment",
    "folder",
    "follower",
    "not",
    "notification",
    "pag",
    "recording",
    "redirect",
    "resourc",
    "review",
    "templat",
    "transcription",
];
const UNSAID_PART: f64 = 0.85;

/// Words of ids that tell operations of one noun apart, not their nouns.
const NOT_NOUNS: [&str; 9] = ["by", "id", "location", "advanc", "v2", "deprecat", "key", "for", "from"];

fn nouns(name: &str) -> Vec<String> {
    let named = words(name).into_iter();
    named.filter(|word| !intent::is_common(word) && !NOT_NOUNS.contains(&word.as_str())).collect()
}

/// A path without what stands for values.
fn path(operation: &Operation) -> String {
    operation.path.split('/').filter(|part| !part.starts_with('{')).collect::<Vec<_>>().join(" ")
}

/// How much of a name has been said.
fn share(name: &[String], said: &HashMap<String, f64>) -> f64 {
    let named: f64 = name.iter().filter_map(|word| said.get(word)).sum();
    if name.is_empty() { 0.0 } else { named / count(name.len()) }
}

/// The words of an operation with their weights.
fn weights(operation: &Operation, hints: &Hints) -> HashMap<String, f64> {
    let mut weights: HashMap<String, f64> = HashMap::new();
    let mut add = |weight: f64, texts: &[&str]| {
        let once: HashSet<String> = texts.iter().flat_map(|text| words(text)).collect();
        for word in once {
            let known = weights.entry(word).or_insert(0.0);
            *known = known.max(weight) + AGAIN * known.min(weight);
        }
    };
    let fields = fields(operation);
    let (near, far) = hints.own(operation);
    add(OWN_WORDS, &near);
    add(FAR_WORDS, &far);
    add(ID, &[operation.local_id()]);
    add(SUMMARY, &[&operation.summary]);
    add(FAMILY, &[&operation.family]);
    add(PATH, &[&path(operation)]);
    add(SHARED_WORDS, &hints.shared(operation));
    add(SIBLINGS, &hints.siblings(operation));
    add(FIELDS, &fields.iter().map(String::as_str).collect::<Vec<_>>());
    weights
}

/// Names of parameters and of the body's fields, two levels deep.
fn fields(operation: &Operation) -> Vec<String> {
    let mut names: Vec<String> = operation.parameters.iter().map(|parameter| parameter.name.to_string()).collect();
    let mut level: Vec<&Shape> = operation.body.iter().map(|body| &body.shape).collect();
    for _ in 0..2 {
        let mut below = Vec::new();
        for shape in level {
            let shape = match shape.resolved() {
                Shape::List(list) => list.item.resolved(),
                shape => shape,
            };
            names.extend(shape.fields().iter().map(|field| field.name.to_string()));
            below.extend(shape.fields().iter().map(|field| &field.shape));
        }
        level = below;
    }
    names
}
