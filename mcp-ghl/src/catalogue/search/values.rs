//! What of a question is a value to act with, not a word for what is to be done: names in quotes, addresses, numbers.

/// Fewest digits of a phone number.
const PHONE_DIGITS: usize = 7;

/// Participles that only say that something is there.
const BEING_THERE: &[&str] = &["added", "called", "changed", "created", "made", "named", "titled", "updated"];

/// Who does something before a participle that tells more.
const ACTORS: &[&str] = &["been", "got", "has", "have", "he", "i", "she", "they", "was", "we", "were", "who", "you"];

/// Countries that people name most, besides those of several words. Sorted.
const COUNTRIES: &[&str] = &[
    "argentina",
    "australia",
    "austria",
    "belgium",
    "brazil",
    "canada",
    "chile",
    "china",
    "colombia",
    "croatia",
    "denmark",
    "egypt",
    "england",
    "finland",
    "france",
    "germany",
    "greece",
    "hungary",
    "iceland",
    "india",
    "indonesia",
    "ireland",
    "israel",
    "italy",
    "japan",
    "kenya",
    "malaysia",
    "mexico",
    "morocco",
    "netherlands",
    "nigeria",
    "norway",
    "pakistan",
    "peru",
    "philippines",
    "poland",
    "portugal",
    "romania",
    "scotland",
    "singapore",
    "spain",
    "sweden",
    "switzerland",
    "thailand",
    "turkey",
    "uk",
    "ukraine",
    "usa",
    "vietnam",
    "wales",
];

/// A question without values: each is left out, or said by what it is. Unchanged where nothing else would be left.
pub(super) fn without_values(text: &str) -> String {
    let quoteless = without_quotes(text);
    let spoken: Vec<&str> = quoteless.split_whitespace().collect();
    let mut kept: Vec<&str> = Vec::new();
    for (at, word) in spoken.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| spoken.get(before)).copied();
        kept.extend(said(word, before));
    }
    if kept.is_empty() { text.to_owned() } else { kept.join(" ") }
}

/// What a word says after another: itself, what kind of value it is, or nothing.
fn said<'a>(word: &'a str, before: Option<&str>) -> Option<&'a str> {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    if word.contains('@') && word.contains('.') {
        Some("email address")
    } else if word.starts_with("http") || word.starts_with("www.") {
        Some("url")
    } else if digits >= PHONE_DIGITS && !word.contains(char::is_alphabetic) {
        Some("phone")
    } else if COUNTRIES.binary_search(&&*word.to_lowercase()).is_ok() {
        Some("country")
    } else if before.is_some_and(|before| !ACTORS.contains(&before)) && BEING_THERE.contains(&word) {
        None
    } else {
        Some(word)
    }
}

/// A text without what stands between quotation marks.
fn without_quotes(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once(['"', '\u{201c}', '\u{201e}']) {
        let Some((_, after)) = after.split_once(['"', '\u{201d}', '\u{201c}']) else { break };
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countries_are_sorted() {
        assert!(COUNTRIES.is_sorted());
    }

    #[test]
    fn values_are_left_out_or_said_by_their_kind() {
        for (question, plain) in [
            ("everyone tagged \"vip\" in \u{201c}Berlin\u{201d}", "everyone tagged in"),
            ("is bob@acme.com known", "is email address known"),
            ("text +1-555-010-9988", "text phone"),
            ("crawl https://acme.com/faq", "crawl url"),
            ("contacts created in 2026", "contacts in 2026"),
            ("created contacts", "created contacts"),
            ("what we changed", "what we changed"),
            ("\"vip\"", "\"vip\""),
            ("a 5\" pipe", "a 5\" pipe"),
            ("ship to Norway", "ship to country"),
        ] {
            assert_eq!(without_values(question), plain, "{question}");
        }
    }
}
