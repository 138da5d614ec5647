//! Paths with gaps: `/contacts/*/tags`.

/// Segments of which some may be anything.
#[derive(Debug)]
pub(super) struct PathPattern {
    segments: Vec<Option<String>>,
}

impl PathPattern {
    /// `*` and `{name}` stand for any one segment.
    pub(super) fn new(text: &str) -> Self {
        let is_gap = |segment: &str| segment == "*" || (segment.starts_with('{') && segment.ends_with('}'));
        let segments = text.split('/').map(|segment| (!is_gap(segment)).then(|| segment.to_owned())).collect();
        Self { segments }
    }

    /// The trailing slash counts.
    pub(super) fn matches(&self, path: &str) -> bool {
        let mut asked = path.split('/');
        let fits = self.segments.iter().all(|segment| match (segment, asked.next()) {
            (Some(wanted), Some(asked)) => wanted == asked,
            (None, Some(asked)) => !asked.is_empty(),
            (_, None) => false,
        });
        fits && asked.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_one_segment() {
        let pattern = PathPattern::new("/contacts/*/notes/{id}");
        assert!(pattern.matches("/contacts/a/notes/b"));
        for other in ["/contacts/a/notes", "/contacts/a/notes/", "/contacts/a/notes/b/", "/contacts/a/b/notes/c"] {
            assert!(!pattern.matches(other), "{other}");
        }
        assert!(PathPattern::new("/contacts/").matches("/contacts/"));
    }
}
