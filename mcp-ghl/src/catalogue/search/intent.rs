//! What is to be done, as the words of a question and the facts of an operation tell it.

mod turns;
mod verbs;

use common::audit::Access;
use http::Method;

use super::super::operation::{Operation, Place};
use super::words::{stem, words};
use turns::{is_put_off, turned};
use verbs::{AMBIGUOUS, COMMON, OBJECTS, VERBS};

/// A kind of doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Several records, or whatever there is.
    List,
    /// One record.
    Look,
    Make,
    Change,
    Remove,
    Send,
}

/// Whether a word is said of anything.
pub(super) fn is_common(word: &str) -> bool {
    COMMON.contains(&word)
}

/// How questions begin to which something is the answer.
const QUESTIONS: &[&str] = &[
    "what", "whats", "which", "who", "whose", "when", "where", "why", "did", "does", "is", "are", "was", "were", "has",
    "have", "how",
];

/// How questions go on that want to know how something is done.
const HOW_TO: &[&str] = &["do i", "do we", "to", "can i", "can we", "would i", "would we", "could i", "should i"];

/// Words of those who want to see one record.
const ABOUT_ONE: &[&str] = &["everything about", "info about", "information about", "details of", "details on"];

/// What a question wants, if its words say so: by its first verb, unless that tells what has been done already.
fn wanted(question: &str) -> Option<Intent> {
    let plain = question.to_lowercase();
    match said(&plain) {
        None if is_for_something(&plain) => Some(Intent::Make),
        None | Some(Intent::Look) if is_about_several(&plain) => Some(Intent::List),
        None if is_about_one(&plain) => Some(Intent::Look),
        intent => intent,
    }
}

/// Whether a word is in the plural, as far as an `s` tells.
fn is_about_several(plain: &str) -> bool {
    plain.split(|letter: char| !letter.is_alphanumeric() && letter != '\'').any(|word| {
        word.len() > 3
            && word.ends_with('s')
            && !["ss", "us", "is", "'s"].iter().any(|ending| word.ends_with(ending))
            && !NO_PLURALS.contains(&word)
    })
}

fn is_about_one(plain: &str) -> bool {
    let words: Vec<&str> = plain.split(' ').collect();
    ["one", "single", "this", "that", "a", "an"].iter().any(|one| words.contains(one))
}

/// Whether something is named and what it is to be for: `a coupon for the fair`.
fn is_for_something(plain: &str) -> bool {
    let named = [" for a ", " for the ", " for our "].iter().find_map(|words| plain.split_once(words));
    named.is_some_and(|(named, _)| !is_about_several(named))
}

/// Phrases of what shall end.
const ENDINGS: &[&str] =
    &["get rid", "any more", "no more ", "anymore", "no longer", "end the ", "take it away", "give back"];

/// Words that end like a plural and are none.
const NO_PLURALS: &[&str] = &[
    "does", "sales", "details", "always", "sms", "news", "says", "wants", "needs", "has", "was", "perhaps", "days",
    "weeks", "months", "years", "hours", "minutes", "dates",
];

/// Times that name no record.
const TIMES: &[&str] =
    &[" this week", " this month", " this year", " this quarter", " this morning", " this afternoon"];

/// What the words say, whatever their number.
fn said(plain: &str) -> Option<Intent> {
    let (first, rest) = plain.split_once(' ').unwrap_or((plain, ""));
    let is_how_to = first == "how" && HOW_TO.iter().any(|words| rest.starts_with(words));
    let first = first.strip_suffix("'s").unwrap_or(first);
    if (QUESTIONS.contains(&first) && !is_how_to) || plain.starts_with("give me") {
        let asks_whether = ["did", "does", "is", "are", "was", "were", "has", "have"].contains(&first);
        let timeless = TIMES.iter().fold(plain.to_owned(), |plain, time| plain.replace(time, ""));
        let is_one = [" this ", " that ", " one ", " single "].iter().any(|word| timeless.contains(word))
            || (asks_whether && !is_about_several(plain));
        return Some(if is_one { Intent::Look } else { Intent::List });
    }
    let is_undone = plain.contains(" back") && (plain.starts_with("take ") || plain.starts_with("get "));
    if is_undone {
        return Some(Intent::Remove);
    }
    let spoken = spoken(plain);
    if let Some(intent) = turned(plain, &spoken) {
        return Some(intent);
    }
    if ENDINGS.iter().any(|words| plain.contains(words))
        || (plain.contains("pull ") && [" from ", " out "].iter().any(|it| plain.contains(it)))
    {
        return Some(Intent::Remove);
    }
    if ABOUT_ONE.iter().any(|words| plain.contains(words)) {
        return Some(Intent::Look);
    }
    spoken.iter().enumerate().filter(|(_, word)| !is_no_verb(word)).find_map(|(at, word)| {
        let among = |verbs: &[(Intent, &[&str])]| {
            let word = stem(word);
            verbs.iter().find(|(_, verbs)| verbs.contains(&word.as_str())).map(|(intent, _)| *intent)
        };
        let has_object = spoken.get(at + 1).is_some_and(|next| OBJECTS.contains(next));
        // What is taken live is not taken away.
        if *word == "take" && spoken.contains(&"live") {
            return Some(Intent::Make);
        }
        let is_plain = !word.ends_with('s') || word.ends_with("ss");
        among(VERBS).or_else(|| if has_object && is_plain { among(AMBIGUOUS) } else { None })
    })
}

/// The words of a question, without marks.
fn spoken(plain: &str) -> Vec<&str> {
    plain.split(|letter: char| !letter.is_alphanumeric()).filter(|it| !it.is_empty()).collect()
}

/// Whether a word tells what has been done (`sent`, `planned`), or is a name for the doing (`posting`).
fn is_no_verb(word: &str) -> bool {
    const PAST: &[&str] = &["sent", "left", "made", "paid", "wrote", "written", "built", "took", "taken", "told"];
    let is_bent = word.len() > 4 && (word.ends_with("ed") || word.ends_with("ing"));
    is_bent || PAST.contains(&word)
}

/// What a question wants done, and whether with many records at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Want {
    intent: Option<Intent>,
    is_bulk: bool,
    is_put_off: bool,
}

/// What an operation does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doing {
    intent: Intent,
    /// Somebody may hear of it.
    sends: bool,
    is_bulk: bool,
}

/// Words of doing something with many at once.
const BULK: &[&str] = &["bulk", "mass", "batch", "several", "multiple", "these ", "at once", "in one go", "together"];

/// Numbers from which on one would rather not do it one by one.
const NUMBERS: &[&str] =
    &["five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty", "thirty", "fifty", "hundred"];

/// Whether many are counted: `these 200 posts`, `ten posts`, but not `20 euros` nor `10 hours`.
fn says_number(plain: &str) -> bool {
    let spoken: Vec<&str> = plain.split(' ').collect();
    spoken.windows(2).any(|pair| {
        let [number, counted] = pair else { return false };
        let is_many = NUMBERS.contains(number) || number.parse::<u32>().is_ok_and(|number| number > 4);
        is_many && !NO_PLURALS.contains(counted) && !UNITS.contains(counted)
    })
}

/// What is counted and is no record.
const UNITS: &[&str] =
    &["euro", "euros", "dollars", "percent", "o'clock", "am", "pm", "usd", "eur", "off", "characters"];

impl Want {
    pub(super) fn of(question: &str) -> Self {
        let plain = question.to_lowercase();
        let is_many = plain.contains("many") && !plain.contains("how many");
        let is_bulk = is_many || says_number(&plain) || BULK.iter().any(|words| plain.contains(words));
        Self { intent: wanted(question), is_bulk, is_put_off: is_put_off(&spoken(&plain)) }
    }

    /// Whether something is to be moved to another time.
    pub(super) fn is_put_off(self) -> bool {
        self.is_put_off
    }

    /// Whether somebody is to hear something.
    pub(super) fn is_sending(self) -> bool {
        self.intent == Some(Intent::Send)
    }

    /// What is to be made, and what it is for; all of it and nothing where that is not said.
    pub(super) fn purpose(self, question: &str) -> (&str, &str) {
        let parts = question.split_once(" for ").filter(|_| self.intent == Some(Intent::Make));
        parts.unwrap_or((question, ""))
    }

    /// How much better or worse what an operation does fits what is wanted, in percent.
    pub(super) fn fit_percent(self, doing: Doing) -> u32 {
        let plain = fit_percent(self.intent, doing.intent);
        let fit = if doing.sends { plain.max(fit_percent(self.intent, Intent::Send)) } else { plain };
        match (self.is_bulk, doing.is_bulk) {
            (true, true) => fit * BULK_WANTED / 100,
            (false, true) => fit * BULK_UNWANTED / 100,
            (_, false) => fit,
        }
    }
}

/// How much it counts that an operation takes many records, where that is wanted and where it is not; in percent.
const BULK_WANTED: u32 = 115;
const BULK_UNWANTED: u32 = 78;

impl Doing {
    pub(super) fn of(operation: &Operation) -> Self {
        let is_bulk = [operation.local_id(), &operation.path].iter().any(|name| {
            let named = words(name);
            ["bulk", "batch"].iter().any(|word| named.iter().any(|name| name == word))
        });
        Self { intent: done(operation), sends: operation.access == Access::Send, is_bulk }
    }
}

/// What an operation does, whoever hears of it.
fn done(operation: &Operation) -> Intent {
    let names = words(operation.local_id());
    let says = |intent: Intent| {
        VERBS.iter().any(|(it, verbs)| *it == intent && names.iter().any(|name| verbs.contains(&name.as_str())))
    };
    if operation.access.is_read() {
        let ends_with_record = operation.path.trim_end_matches('/').ends_with('}')
            && operation.parameters_in(Place::Path).any(|it| it.name != "locationId" && it.name != "companyId");
        return if ends_with_record { Intent::Look } else { Intent::List };
    }
    if operation.method == Method::DELETE || says(Intent::Remove) {
        Intent::Remove
    } else if operation.method == Method::POST && !says(Intent::Change) {
        Intent::Make
    } else {
        Intent::Change
    }
}

/// How much better or worse one kind of doing fits another, in percent.
fn fit_percent(wanted: Option<Intent>, done: Intent) -> u32 {
    use Intent::{Change, List, Look, Make, Remove, Send};
    match (wanted, done) {
        (None, List) => 128,
        (None, Look) => 105,
        (None, Make | Change | Remove | Send) => 88,
        (Some(wanted), done) if wanted == done => 125,
        (Some(List), Look) | (Some(Look), List) => 107,
        (Some(Make), Change | Send) | (Some(Change | Send), Make) => 100,
        (Some(Send), _) | (_, Send) => 90,
        (Some(Remove), _) | (_, Remove) => 80,
        (Some(List | Look), Make | Change) | (Some(Make | Change), List | Look) => 85,
        (Some(_), List | Look | Make | Change) => 95,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_kept_in_their_stems() {
        let verbs = VERBS.iter().chain(AMBIGUOUS).flat_map(|(_, verbs)| *verbs).chain(COMMON);
        for verb in verbs {
            assert!([*verb, &format!("{verb}e")].iter().any(|word| stem(word) == *verb), "{verb}");
        }
    }

    #[test]
    fn questions_tell_what_is_to_be_done() {
        for (question, intent) in [
            ("void the invoice", None),
            ("email templates", Some(Intent::List)),
            ("email a customer", Some(Intent::Send)),
            ("how do I add a field", Some(Intent::Make)),
            ("how many fields are there", Some(Intent::List)),
            ("what is in this order", Some(Intent::Look)),
            ("quotes we sent", Some(Intent::List)),
            ("take the ad live", Some(Intent::Make)),
            ("take my like back", Some(Intent::Remove)),
            ("please rename the tag", Some(Intent::Change)),
            ("the phone number is wrong", Some(Intent::Change)),
            ("get rid of a task", Some(Intent::Remove)),
            ("pull him out of the campaign", Some(Intent::Remove)),
            ("what's in the calendar this week", Some(Intent::List)),
            ("has the message been read", Some(Intent::Look)),
            ("a coupon for the fair", Some(Intent::Make)),
            ("free times for a demo", Some(Intent::List)),
            ("make the bot friendlier", Some(Intent::Change)),
            ("make a bot", Some(Intent::Make)),
            ("push the call to friday", Some(Intent::Change)),
            ("push the draft live", Some(Intent::Make)),
            ("we won the deal", Some(Intent::Change)),
            ("pull everyone from the list", Some(Intent::List)),
            ("don't let the email go out", Some(Intent::Remove)),
            ("she wants no more emails", Some(Intent::Remove)),
        ] {
            assert_eq!(wanted(question), intent, "{question}");
        }
    }

    #[test]
    fn what_takes_many_at_once_fits_those_who_say_so() {
        let many = Doing { intent: Intent::Remove, sends: false, is_bulk: true };
        let one = Doing { is_bulk: false, ..many };
        let better = |question: &str| Want::of(question).fit_percent(many) > Want::of(question).fit_percent(one);
        assert!(better("delete several posts") && better("delete these posts"));
        assert!(!better("delete a post") && !better("how many posts are there"));
    }
}
