//! Addresses with variables: the level 1 subset of RFC 6570 in which a variable is one whole path segment.

use percent_encoding::percent_decode_str;

use crate::resource::Variables;

/// Reads `uri` by `template`; `None` if it is another kind of address.
pub(super) fn parse(template: &'static str, uri: &str) -> Option<Variables> {
    let mut variables = Variables::default();
    let mut segments = uri.split('/');
    for pattern in template.split('/') {
        let segment = segments.next()?;
        match variable(pattern) {
            Some(name) => {
                let value = percent_decode_str(segment).decode_utf8().ok()?;
                if value.is_empty() {
                    return None;
                }
                variables.values.insert(name, value.into_owned());
            }
            None if pattern == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(variables)
}

fn variable(pattern: &'static str) -> Option<&'static str> {
    pattern.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_become_variables() {
        let variables = parse("ghl://{location}/contacts/{id}", "ghl://main%20st/contacts/c1").unwrap();
        assert_eq!(variables.get("location").unwrap(), "main st");
        assert_eq!(variables.get("id").unwrap(), "c1");
    }

    #[test]
    fn other_addresses_do_not_match() {
        for uri in [
            "ghl://x/contacts",
            "ghl://x/contacts/",
            "ghl://x/contacts/1/2",
            "ghl://x/tags/1",
            "http://x/contacts/1",
            "ghl:///contacts/1",
        ] {
            assert_eq!(parse("ghl://{location}/contacts/{id}", uri), None, "{uri}");
        }
    }
}
