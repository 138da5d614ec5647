//! What is wrong with an expression, in the words of faults.

use common::error::Fault;
use jaq_core::load::{lex, parse};

/// An example that any expression can begin with.
const EXAMPLE: &str = "\"${ .contact.email }\"";

/// A fault of the expression as a whole.
pub(super) fn whole(at: &str, problem: impl Into<String>, expected: impl Into<String>) -> Fault {
    Fault {
        field: at.to_owned(),
        problem: problem.into(),
        expected: expected.into(),
        example: Some(EXAMPLE.to_owned()),
    }
}

/// A part that the lexer does not know.
pub(super) fn of_lexing(at: &str, code: &str, errors: &[lex::Error<&str>]) -> Fault {
    let Some((expect, found)) = errors.first() else { return whole(at, "the jq cannot be read", "jq") };
    let expected = match expect {
        lex::Expect::Delim(open) => closing_of(open).to_owned(),
        other => other.as_str().to_owned(),
    };
    whole(at, format!("the jq cannot be read at {}", place(code, Some(found))), expected)
}

/// A part that does not stand where jq allows it.
pub(super) fn of_parsing(at: &str, code: &str, errors: &[parse::TError<'_, &str>]) -> Fault {
    let Some((expect, found)) = errors.first() else { return whole(at, "the jq cannot be read", "jq") };
    let found = found.map(|token| token.0);
    let expected = match expect {
        parse::Expect::Term => "a value, such as `.name` or `\"text\"`",
        parse::Expect::Nothing => "an operator or the end",
        other => other.as_str(),
    };
    whole(at, format!("the jq cannot be read at {}", place(code, found)), expected)
}

fn closing_of(open: &str) -> &'static str {
    match open {
        "(" => "a closing parenthesis",
        "[" => "a closing bracket",
        "{" => "a closing brace",
        _ => "a closing quote",
    }
}

/// `character 5 (`+ 1`)`; the end where nothing was found.
fn place(code: &str, found: Option<&str>) -> String {
    const SHOWN_CHARS_MAX: usize = 20;
    let Some(found) = found.filter(|found| !found.is_empty()) else { return "its end".to_owned() };
    let offset = found.as_ptr().addr().saturating_sub(code.as_ptr().addr());
    let before = code.get(..offset).map_or(0, |before| before.chars().count());
    let shown: String = found.chars().take(SHOWN_CHARS_MAX).collect();
    format!("character {} (`{shown}`)", before + 1)
}
