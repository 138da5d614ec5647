//! Which texts are expressions: the DSL's strict mode, `${ … }` around the whole of it.

use common::error::Fault;

/// What a text is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Constant,
    /// The jq between the braces.
    Whole(&'a str),
    /// There is an expression in the middle of it, which the DSL does not have.
    Embedded,
}

pub(super) fn kind_of(text: &str) -> Kind<'_> {
    let trimmed = text.trim();
    let Some(begin) = trimmed.find("${") else { return Kind::Constant };
    let (before, opened) = trimmed.split_at(begin);
    match closing(opened) {
        None => Kind::Constant,
        Some(end) if before.is_empty() && end + 1 == opened.len() => {
            Kind::Whole(opened.get(2..end).unwrap_or_default())
        }
        Some(_) => Kind::Embedded,
    }
}

/// What to say of an expression in the middle of a text, with the jq that does the same.
pub(super) fn embedded(text: &str, at: &str) -> Fault {
    Fault {
        field: at.to_owned(),
        problem: "an expression stands in the middle of a text; the DSL has them as whole texts only".to_owned(),
        expected: "one `${ … }` around everything; jq puts values into texts with `\\( … )`".to_owned(),
        example: serde_json::to_string(&interpolated(text)).ok(),
    }
}

/// `a ${ .b } c` as `${ "a \(.b) c" }`.
fn interpolated(text: &str) -> String {
    let mut rest = text;
    let mut inner = String::new();
    while let Some(begin) = rest.find("${") {
        let (before, opened) = rest.split_at(begin);
        let Some(end) = closing(opened) else { break };
        inner.push_str(&quoted(before));
        inner.push_str("\\(");
        inner.push_str(opened.get(2..end).unwrap_or_default().trim());
        inner.push(')');
        rest = opened.get(end + 1..).unwrap_or_default();
    }
    inner.push_str(&quoted(rest));
    format!("${{ \"{inner}\" }}")
}

/// A text as it stands between the quotes of a jq string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted
}

/// Where the brace closes that a text begins with (`${`); braces in jq strings do not count, but those of what is
/// interpolated in them do.
fn closing(opened: &str) -> Option<usize> {
    #[derive(PartialEq)]
    enum Within {
        Braces,
        Text,
        Parentheses,
    }
    let mut within = vec![Within::Braces];
    let mut characters = opened.char_indices().skip(2);
    while let Some((place, character)) = characters.next() {
        match (within.last()?, character) {
            (Within::Text, '"') | (Within::Parentheses, ')') => {
                within.pop();
            }
            (Within::Text, '\\') => {
                if matches!(characters.next(), Some((_, '('))) {
                    within.push(Within::Parentheses);
                }
            }
            (Within::Text, _) => {}
            (_, '"') => within.push(Within::Text),
            (_, '{') => within.push(Within::Braces),
            (_, '(') => within.push(Within::Parentheses),
            (Within::Braces, '}') => {
                within.pop();
                if within.is_empty() {
                    return Some(place);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_embedded_and_constant_texts_are_told_apart() {
        for (text, kind) in [
            ("plain", Kind::Constant),
            ("costs $5 {each}", Kind::Constant),
            ("never closed ${ .a", Kind::Constant),
            ("${ .a }", Kind::Whole(" .a ")),
            ("  ${.a}\n", Kind::Whole(".a")),
            ("${ {a: {b: 1}} }", Kind::Whole(" {a: {b: 1}} ")),
            (r#"${ "}\({a: "}"})" }"#, Kind::Whole(r#" "}\({a: "}"})" "#)),
            ("${ .a } and ${ .b }", Kind::Embedded),
            ("Hello ${ .name }", Kind::Embedded),
        ] {
            assert_eq!(kind_of(text), kind, "{text}");
        }
    }

    #[test]
    fn an_embedded_expression_is_shown_as_interpolation() {
        assert_eq!(interpolated(r#"Dear "${ .name }", ${.a+1}!"#), r#"${ "Dear \"\(.name)\", \(.a+1)!" }"#);
    }
}
