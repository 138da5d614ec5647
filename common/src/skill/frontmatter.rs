//! The frontmatter of a `SKILL.md`: `key: text` lines between two `---`.
//!
//! Clients read it as YAML and compare it with ours, so only what YAML reads as exactly the text that stands there is
//! accepted: neither quotes nor lists nor anything that YAML would take for a number.

use std::collections::BTreeMap;

/// What plain YAML scalars may not begin with (YAML 1.2.2, 7.3.3), quotes among them.
const SPECIAL: &str = "-?:,[]{}#&*!|>'\"%@`";

/// The fields, or what is wrong with them.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let rest = text.strip_prefix("---\n").ok_or("does not begin with `---`")?;
    let (block, _) = rest.split_once("\n---\n").ok_or("has a frontmatter without an end")?;
    let mut fields = BTreeMap::new();
    for line in block.lines() {
        let (key, value) =
            line.split_once(": ").ok_or_else(|| format!("has a line that is not `key: text`: {line}"))?;
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if !is_key || !is_plain(value) {
            return Err(format!("has a frontmatter line that YAML may read otherwise: {line}"));
        }
        if fields.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(format!("says `{key}` twice"));
        }
    }
    Ok(fields)
}

/// Whether YAML reads the value as the text that it is.
fn is_plain(value: &str) -> bool {
    let starts_well = value.chars().next().is_some_and(|first| first.is_alphabetic() && !SPECIAL.contains(first));
    let is_word_of_yaml = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    starts_well
        && !is_word_of_yaml
        && !value.contains(": ")
        && !value.contains(" #")
        && !value.ends_with([':', ' '])
        && !value.contains('\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_are_read_as_they_stand() {
        let fields = parse("---\nname: make-tea\ndescription: Makes tea, a pot at a time.\n---\nBoil.\n").unwrap();
        assert_eq!(fields["name"], "make-tea");
        assert_eq!(fields["description"], "Makes tea, a pot at a time.");
    }

    #[test]
    fn what_yaml_may_read_otherwise_is_refused() {
        for line in
            ["name: 12", "name: true", "name: 'tea'", "name: [tea]", "name: tea # hot", "name: a: b", "name tea"]
        {
            assert!(parse(&format!("---\n{line}\n---\n")).is_err(), "{line}");
        }
        assert!(parse("---\nname: a\nname: b\n---\n").is_err());
        assert!(parse("name: a").is_err());
        assert!(parse("---\nname: a\n").is_err());
    }
}
