//! Which known name somebody may have meant.

/// The nearest of the known names, nearest first, each once; none that differ in more than a third.
pub(crate) fn nearest<'a>(asked: &str, known: impl Iterator<Item = &'a str>, names_max: usize) -> Vec<&'a str> {
    // Nobody misspells a name of this length; the comparison is quadratic.
    const LENGTH_MAX: usize = 60;
    if asked.len() > LENGTH_MAX {
        return Vec::new();
    }
    let asked = asked.to_lowercase();
    let mut ranked: Vec<(usize, &str)> = known.map(|name| (edits(&asked, &name.to_lowercase()), name)).collect();
    ranked.retain(|(edits, name)| *edits * 3 <= name.len().max(asked.len()) + 1);
    ranked.sort_unstable();
    ranked.dedup_by_key(|(_, name)| *name);
    ranked.into_iter().map(|(_, name)| name).take(names_max).collect()
}

/// How many characters have to be put in, taken out, replaced or swapped with the next (Damerau, optimal alignment).
fn edits(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (line, one) in from.iter().enumerate() {
        let mut row = vec![line + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = at(&above, column) + usize::from(one != other);
            let mut cell = replaced.min(at(&row, column) + 1).min(at(&above, column + 1) + 1);
            let is_swap =
                line > 0 && column > 0 && from.get(line - 1) == Some(other) && to.get(column - 1) == Some(one);
            if is_swap {
                cell = cell.min(at(&before, column - 1) + 1);
            }
            row.push(cell);
        }
        before = above;
        above = row;
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_offered_and_others_are_not() {
        let known = ["input", "output", "export", "timeout", "then", "metadata"];
        for (asked, meant) in [("ouput", "output"), ("tehn", "then"), ("timeOut", "timeout"), ("metadatas", "metadata")]
        {
            assert_eq!(nearest(asked, known.into_iter(), 1), [meant], "{asked}");
        }
        assert_eq!(nearest("frobnicate", known.into_iter(), 1), [""; 0]);
    }
}
