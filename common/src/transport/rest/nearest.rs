//! Which known names somebody may have meant.

/// The nearest of the known names, nearest first; none that differ in more than half of what was asked for.
pub(super) fn nearest<'a>(asked: &str, known: impl Iterator<Item = &'a str>, names_max: usize) -> Vec<&'a str> {
    // Nobody misspells a name of this length; the comparison is quadratic.
    const LENGTH_MAX: usize = 100;
    if asked.len() > LENGTH_MAX {
        return Vec::new();
    }
    let mut ranked: Vec<(usize, &str)> = known.map(|name| (edits(asked, name), name)).collect();
    ranked.retain(|(edits, name)| *edits * 2 <= name.len().max(asked.len()));
    ranked.sort_by_key(|(edits, _)| *edits);
    ranked.into_iter().map(|(_, name)| name).take(names_max).collect()
}

/// How many characters have to be put in, taken out or replaced (Levenshtein distance).
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, one) in from.bytes().enumerate() {
        let mut diagonal = above;
        let mut left = above + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(to.bytes()) {
            let replaced = diagonal + usize::from(one != other);
            diagonal = *cell;
            left = replaced.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or(from.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (from, to, distance) in
            [("kitten", "sitting", 3), ("flaw", "lawn", 2), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0)]
        {
            assert_eq!(edits(from, to), distance, "{from} {to}");
        }
    }

    #[test]
    fn close_names_are_offered_and_others_are_not() {
        let known = ["search_contacts", "get_contact", "upsert_contact", "list_locations"];
        assert_eq!(nearest("get_contacts", known.into_iter(), 3), ["get_contact", "search_contacts", "upsert_contact"]);
        assert_eq!(nearest("frobnicate", known.into_iter(), 3), [""; 0]);
    }
}
