//! Text as the words that a search compares: split, in lower case, without endings.

/// Words that say nothing about what is wanted. Sorted.
const EMPTY: &[&str] = &[
    "a",
    "about",
    "after",
    "afternoon",
    "again",
    "ago",
    "already",
    "also",
    "am",
    "an",
    "and",
    "another",
    "any",
    "anybody",
    "anyone",
    "april",
    "are",
    "as",
    "at",
    "august",
    "away",
    "back",
    "be",
    "because",
    "been",
    "before",
    "being",
    "between",
    "bit",
    "but",
    "by",
    "can",
    "cant",
    "could",
    "couldnt",
    "currently",
    "day",
    "days",
    "december",
    "did",
    "didnt",
    "do",
    "does",
    "doesnt",
    "doing",
    "dont",
    "down",
    "during",
    "each",
    "else",
    "even",
    "evening",
    "ever",
    "everybody",
    "everyone",
    "everything",
    "exactly",
    "february",
    "for",
    "friday",
    "from",
    "give",
    "go",
    "goes",
    "going",
    "got",
    "had",
    "has",
    "have",
    "having",
    "he",
    "hello",
    "help",
    "her",
    "here",
    "hi",
    "him",
    "his",
    "how",
    "hows",
    "i",
    "if",
    "im",
    "in",
    "into",
    "is",
    "isnt",
    "it",
    "its",
    "ive",
    "january",
    "july",
    "june",
    "just",
    "keep",
    "kind",
    "kindly",
    "last",
    "lately",
    "later",
    "less",
    "let",
    "like",
    "lot",
    "lots",
    "march",
    "may",
    "me",
    "might",
    "mine",
    "monday",
    "month",
    "months",
    "more",
    "morning",
    "most",
    "much",
    "must",
    "my",
    "need",
    "never",
    "next",
    "nobody",
    "not",
    "nothing",
    "november",
    "now",
    "october",
    "of",
    "ok",
    "okay",
    "old",
    "on",
    "ones",
    "onto",
    "or",
    "other",
    "otherwise",
    "our",
    "ours",
    "own",
    "per",
    "please",
    "really",
    "recently",
    "s",
    "same",
    "saturday",
    "september",
    "shall",
    "she",
    "should",
    "since",
    "so",
    "some",
    "somebody",
    "someone",
    "something",
    "sort",
    "still",
    "sunday",
    "t",
    "than",
    "thanks",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "things",
    "this",
    "those",
    "three",
    "thursday",
    "to",
    "today",
    "tomorrow",
    "tonight",
    "too",
    "tuesday",
    "two",
    "unless",
    "until",
    "up",
    "upon",
    "us",
    "use",
    "used",
    "using",
    "very",
    "via",
    "want",
    "wants",
    "was",
    "way",
    "we",
    "wednesday",
    "week",
    "weeks",
    "were",
    "what",
    "whats",
    "when",
    "where",
    "wheres",
    "whether",
    "which",
    "while",
    "whose",
    "will",
    "with",
    "within",
    "without",
    "wont",
    "would",
    "year",
    "years",
    "yesterday",
    "yet",
    "you",
    "your",
    "yours",
];

/// Forms that no ending tells. Sorted.
const IRREGULAR: &[(&str, &str)] = &[
    ("added", "add"),
    ("adding", "add"),
    ("became", "become"),
    ("began", "begin"),
    ("begun", "begin"),
    ("bought", "buy"),
    ("came", "come"),
    ("chose", "choose"),
    ("chosen", "choose"),
    ("feet", "foot"),
    ("forgot", "forget"),
    ("forgotten", "forget"),
    ("found", "find"),
    ("gave", "give"),
    ("given", "give"),
    ("gone", "go"),
    ("gotten", "get"),
    ("heard", "hear"),
    ("held", "hold"),
    ("hid", "hide"),
    ("hidden", "hide"),
    ("kept", "keep"),
    ("left", "leave"),
    ("listing", "listing"),
    ("listings", "listing"),
    ("lost", "lose"),
    ("made", "make"),
    ("mailing", "mailing"),
    ("mailings", "mailing"),
    ("men", "man"),
    ("menus", "menu"),
    ("met", "meet"),
    ("news", "news"),
    ("opening", "opening"),
    ("openings", "opening"),
    ("overdue", "overdue"),
    ("owed", "owe"),
    ("paid", "pay"),
    ("ran", "run"),
    ("rating", "rating"),
    ("ratings", "rating"),
    ("recording", "recording"),
    ("recordings", "recording"),
    ("said", "say"),
    ("sale", "sale"),
    ("seen", "see"),
    ("sent", "send"),
    ("setting", "setting"),
    ("settings", "setting"),
    ("shown", "show"),
    ("signed", "sign"),
    ("sold", "sell"),
    ("spent", "spend"),
    ("taken", "take"),
    ("taught", "teach"),
    ("threw", "throw"),
    ("tied", "tie"),
    ("told", "tell"),
    ("took", "take"),
    ("went", "go"),
    ("women", "woman"),
    ("won", "win"),
    ("written", "write"),
    ("wrote", "write"),
];

/// Words that are one, however they are written; some of their parts would be empty.
const JOINED: &[(&str, &str)] = &[
    ("do not disturb", "dnd"),
    ("e-mail", "email"),
    ("have to do", "todo"),
    ("follow up", "followup"),
    ("follow-up", "followup"),
    ("log in", "login"),
    ("no show", "noshow"),
    ("not paid", "unpaid"),
    ("not send", "unschedule"),
    ("on hold", "pause"),
    ("no longer", "unused"),
    ("no-show", "noshow"),
    ("my like", "my heart"),
    ("opt in", "optin"),
    ("opt out", "optout"),
    ("opt-in", "optin"),
    ("opt-out", "optout"),
    ("sign up", "signup"),
    ("sign-up", "signup"),
    ("sub account", "subaccount"),
    ("sub-account", "subaccount"),
    ("t-shirt", "tshirt"),
    ("time zone", "timezone"),
    ("to-do", "todo"),
];

/// The words of a text, in their order, empty ones left out.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut text = text.to_owned();
    for (apart, joined) in JOINED {
        // Names of the vendor have humps, not these.
        if text.contains(apart) {
            text = text.replace(apart, joined);
        }
    }
    let mut words = Vec::new();
    for part in text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'') {
        for piece in pieces(part) {
            let plain = piece.to_lowercase();
            let plain = plain.strip_suffix("'s").unwrap_or(&plain).replace('\'', "");
            if !plain.is_empty() && EMPTY.binary_search(&plain.as_str()).is_err() {
                words.push(stem(&plain));
            }
        }
    }
    words
}

/// `getPagesCount` is three words, `SMS` and `v2` one each.
fn pieces(part: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut before: Option<char> = None;
    for (at, letter) in part.char_indices() {
        if letter.is_uppercase() && before.is_some_and(char::is_lowercase) {
            pieces.extend(part.get(from..at));
            from = at;
        }
        before = Some(letter);
    }
    pieces.extend(part.get(from..));
    pieces
}

/// A word without the endings that only bend it. Light on purpose: what stays need not be a word, only the same for all
/// its forms.
pub(super) fn stem(word: &str) -> String {
    if let Ok(at) = IRREGULAR.binary_search_by_key(&word, |(bent, _)| bent) {
        let plain = IRREGULAR.get(at).map_or(word, |(_, plain)| plain);
        return plain.strip_suffix('e').filter(|rest| rest.len() >= 3).unwrap_or(plain).to_owned();
    }
    let without = |ending: &str, least: usize| word.strip_suffix(ending).filter(|rest| rest.len() >= least);
    if word.len() <= 3 || !word.is_ascii() {
        return word.to_owned();
    }
    if let Some(rest) = without("ies", 3).or_else(|| without("ied", 3)) {
        return format!("{rest}y");
    }
    for ending in ["sses", "xes", "ches", "shes", "zes"] {
        if let Some(rest) = word.strip_suffix(ending) {
            return format!("{rest}{}", ending.strip_suffix("es").unwrap_or_default());
        }
    }
    if let Some(rest) = without("ing", 3).or_else(|| without("ed", 3)) {
        return unbent(rest);
    }
    if let Some(rest) = without("s", 3)
        && !rest.ends_with(['s', 'u', 'i'])
    {
        return stem(rest);
    }
    word.strip_suffix('e').unwrap_or(word).to_owned()
}

/// `stopp` is `stop`, `schedul` stays.
fn unbent(rest: &str) -> String {
    let mut letters = rest.chars().rev();
    match (letters.next(), letters.next()) {
        (Some(last), Some(before)) if last == before && !matches!(last, 'l' | 's' | 'e' | 'o') => {
            rest.strip_suffix(last).unwrap_or(rest).to_owned()
        }
        _ => rest.strip_suffix('e').unwrap_or(rest).to_owned(),
    }
}

/// Whether two words differ by little: one letter from four letters on, two from eight on; neighbours may be swapped.
pub(super) fn is_nearly(one: &str, other: &str) -> bool {
    let (longer, shorter) =
        (one.chars().count().max(other.chars().count()), one.chars().count().min(other.chars().count()));
    let most = match shorter {
        0..4 => return false,
        4..8 => 1,
        _ => 2,
    };
    longer - shorter <= most && one.chars().next() == other.chars().next() && distance(one, other) <= most
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    let mut two_above = above.clone();
    let mut previous = None;
    for (row, letter) in one.chars().enumerate() {
        let mut here = vec![row + 1];
        let mut left = None;
        for (column, against) in other.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let change = at(&above, column) + usize::from(letter != *against);
            let mut best = change.min(at(&above, column + 1) + 1).min(at(&here, column) + 1);
            if column > 0 && previous == Some(*against) && left == Some(letter) {
                best = best.min(at(&two_above, column - 1) + 1);
            }
            here.push(best);
            left = Some(*against);
        }
        two_above = std::mem::replace(&mut above, here);
        previous = Some(letter);
    }
    above.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_words_are_sorted() {
        assert!(EMPTY.is_sorted());
        assert!(IRREGULAR.is_sorted());
    }

    #[test]
    fn texts_are_split_at_marks_and_humps_and_lose_endings() {
        for (text, expected) in [
            ("getPagesCountByFunnelId", vec!["get", "pag", "count", "funnel", "id"]),
            ("How do I add-tags to a contact's card?", vec!["add", "tag", "contact", "card"]),
            ("SMS, opportunities; companies", vec!["sms", "opportunity", "company"]),
            ("stopped scheduling invoices", vec!["stop", "schedul", "invoic"]),
            ("schedule an invoice", vec!["schedul", "invoic"]),
            ("boxes classes statuses", vec!["box", "class", "status"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn slips_of_the_finger_are_near_and_other_words_are_not() {
        for (one, other) in [("feild", "field"), ("calender", "calendar"), ("opportunty", "opportunity")] {
            assert!(is_nearly(one, other), "{one} {other}");
        }
        for (one, other) in [("tag", "tax"), ("form", "store"), ("contact", "contract")] {
            assert_eq!(is_nearly(one, other), one == "contact", "{one} {other}");
        }
    }
}
