//! Turns of speech that say what is to be done whatever their verb says elsewhere: `make it shorter`, `push the call to
//! Friday`, `we won the deal`.

use super::Intent;

/// What follows `pull` where somebody wants to see it.
const WHOLE: &[&str] = &["all", "every", "everyone", "everybody", "everything", "up", "together", "me", "us"];

/// What follows `make` where it is there already.
const THERE: &[&str] =
    &["the", "our", "my", "his", "her", "its", "their", "this", "that", "these", "those", "it", "them"];

/// Verbs that move something to another time.
const MOVERS: &[&str] = &["push", "move", "shift", "put", "bring", "take"];

/// What comes after `to` or `by` in a new time.
const TIMES: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "today",
    "tonight",
    "tomorrow",
    "next",
    "noon",
    "midday",
    "later",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Those of whom something is told, and what they have done where it changes a record.
const TELLERS: &[&str] = &["we", "i", "he", "she", "they"];
const DONE: &[&str] = &["won", "lost", "paid", "sold", "moved", "closed", "changed", "finished", "completed", "signed"];

/// Ends of what is told and was otherwise before.
const ENDS: &[&str] = &[" is finished", " is done", " is completed", " is over", " are done", " from now on"];

/// What a turn of speech wants done; none where the words say it one by one. `spoken` are the words of `plain`.
pub(super) fn turned(plain: &str, spoken: &[&str]) -> Option<Intent> {
    let is_refused =
        ["don't let ", "do not let ", "don't send ", "do not send "].iter().any(|it| plain.starts_with(it));
    if is_refused {
        return Some(Intent::Remove);
    }
    if plain.starts_with("let ") || ["open a new ", "open another ", "open up "].iter().any(|it| plain.contains(it)) {
        return Some(Intent::Make);
    }
    if ENDS.iter().any(|it| plain.contains(it)) {
        return Some(Intent::Change);
    }
    if let [teller, done, ..] = spoken
        && TELLERS.contains(teller)
        && DONE.contains(done)
    {
        return Some(Intent::Change);
    }
    for pair in spoken.windows(2) {
        match pair {
            ["pull", next] if WHOLE.contains(next) => return Some(Intent::List),
            ["make", next] if THERE.contains(next) => return Some(Intent::Change),
            ["make", "sure"] => return Some(Intent::Make),
            _ => {}
        }
    }
    is_put_off(spoken).then_some(Intent::Change)
}

/// Whether something is moved to another time.
pub(super) fn is_put_off(spoken: &[&str]) -> bool {
    let Some(at) = spoken.iter().position(|word| MOVERS.contains(word)) else { return false };
    let after = spoken.get(at + 1..).unwrap_or_default();
    if spoken.get(at) == Some(&"put") && after.first() == Some(&"off") {
        return true;
    }
    after.windows(2).any(|pair| match pair {
        ["to" | "till" | "until", time] => TIMES.contains(time),
        ["by", size] => ["an", "a", "one", "two", "half"].contains(size),
        [_, "forward" | "later" | "earlier"] => true,
        _ => false,
    })
}
