//! URI templates, as the DSL has them in endpoints: `https://api.example/{contact.id}`.

use common::error::Fault;

use super::text::quoted;

/// The jq that fills in the names of a URI template (RFC 6570, level 1); nothing where it has none.
pub(super) fn as_jq(text: &str) -> Result<Option<String>, Fault> {
    if text.contains("${") || !text.contains('{') {
        return Ok(None);
    }
    let mut code = String::from("\"");
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once('{') {
        let Some((name, after)) = opened.split_once('}') else { return Err(fault("the brace is not closed")) };
        let is_name = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part.chars().all(|other| other.is_ascii_alphanumeric() || other == '_')
        };
        if !name.split('.').all(is_name) {
            return Err(fault(&format!("`{{{name}}}` is more than a name")));
        }
        code.push_str(&quoted(before));
        code.push_str("\\(.");
        code.push_str(name);
        code.push_str(" | tostring | @uri)");
        rest = after;
    }
    code.push_str(&quoted(rest));
    code.push('"');
    Ok(Some(code))
}

fn fault(problem: &str) -> Fault {
    Fault {
        field: String::new(),
        problem: format!("the URI template cannot be filled in: {problem}"),
        expected: "names in braces, looked up in the step's input, or one `${ … }` for the whole".to_owned(),
        example: Some("\"https://api.example.com/contacts/{contact.id}\"".to_owned()),
    }
}
