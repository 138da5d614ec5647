//! YAML 1.2 (and JSON, which is YAML) into the tree: one document, no anchors, no tags, no key twice.

use std::borrow::Cow;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::{Content, DEFINITION_BYTES_MAX, DEFINITION_DEPTH_MAX, Entry, Node, below, scalar};
use crate::workflow::flaw::{Flaw, Mark};

/// Reads a text.
///
/// # Errors
/// Everything that is wrong with it as YAML.
pub(in crate::workflow) fn parse(text: &str) -> Result<Node, Vec<Flaw>> {
    if text.len() > DEFINITION_BYTES_MAX {
        let problem = format!("the definition has {} bytes", text.len());
        let expected = format!("{DEFINITION_BYTES_MAX} at most; `run: {{workflow: …}}` splits it");
        return Err(vec![flaw(Mark::BEGIN, String::new(), problem, expected)]);
    }
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => {
                if !builder.take(event, mark_of(&span.start)) {
                    break;
                }
            }
            Err(error) => {
                builder.flaws.push(of_scanning(&error));
                break;
            }
        }
    }
    builder.finish()
}

/// A list or map under way.
enum Open {
    List(Mark, Vec<Node>),
    /// With the key whose value comes next.
    Map(Mark, Vec<Entry>, Option<(String, Mark)>),
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    done: Option<Node>,
    flaws: Vec<Flaw>,
    documents: usize,
}

impl Builder {
    /// Whether to go on.
    fn take(&mut self, event: Event<'_>, mark: Mark) -> bool {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.flaw(mark, "there is a second document", "one definition in a text");
                    return false;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(mark, anchor, tag);
                self.scalar(&text, style, mark);
            }
            Event::Alias(_) => {
                self.flaw(mark, "aliases (`*name`) are not taken", "the value itself; `use` holds what is shared");
                self.put(Node { mark, content: Content::Null });
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_extras(mark, anchor, tag);
                self.open.push(Open::List(mark, Vec::new()));
                return self.check_depth(mark);
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(mark, anchor, tag);
                self.open.push(Open::Map(mark, Vec::new(), None));
                return self.check_depth(mark);
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(mark, items)) => self.put(Node { mark, content: Content::List(items) }),
                Some(Open::Map(mark, entries, _)) => self.put(Node { mark, content: Content::Map(entries) }),
                None => {}
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        true
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, mark: Mark) {
        if let Some(Open::Map(_, entries, pending @ None)) = self.open.last_mut() {
            let is_twice = entries.iter().any(|entry| entry.key == text);
            *pending = Some((text.to_owned(), mark));
            if is_twice {
                self.flaw(mark, format!("the key `{text}` stands here twice"), "each key once");
            }
            return;
        }
        let content =
            if style == ScalarStyle::Plain { scalar::plain(text) } else { Some(Content::Text(text.to_owned())) };
        if content.is_none() {
            self.flaw(mark, format!("`{text}` is no number in JSON"), "a number, or a text in quotes");
        }
        self.put(Node { mark, content: content.unwrap_or(Content::Null) });
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.done = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, pending)) => {
                if let Some((key, mark)) = pending.take() {
                    // Of a key that stands twice, the first counts; it has been told of.
                    if entries.iter().all(|entry| entry.key != key) {
                        entries.push(Entry { key, mark, value: node });
                    }
                } else {
                    let (mark, kind) = (node.mark, node.kind());
                    *pending = Some((String::new(), mark));
                    self.flaw(mark, format!("{kind} stands for a key"), "a name; a text with braces wants quotes");
                }
            }
        }
    }

    fn refuse_extras(&mut self, mark: Mark, anchor: usize, tag: Option<Cow<'_, Tag>>) {
        if anchor > 0 {
            self.flaw(mark, "anchors (`&name`) are not taken", "the value itself; `use` holds what is shared");
        }
        if let Some(tag) = tag {
            self.flaw(mark, format!("tags (`{tag}`) are not taken"), "the value without it");
        }
    }

    fn check_depth(&mut self, mark: Mark) -> bool {
        let is_fine = self.open.len() <= DEFINITION_DEPTH_MAX;
        if !is_fine {
            self.flaw(mark, "lists and maps are nested too deep", format!("{DEFINITION_DEPTH_MAX} levels at most"));
        }
        is_fine
    }

    fn flaw(&mut self, mark: Mark, problem: impl Into<String>, expected: impl Into<String>) {
        let pointer = self.pointer();
        self.flaws.push(flaw(mark, pointer, problem.into(), expected.into()));
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for open in &self.open {
            match open {
                Open::List(_, items) => pointer = below(&pointer, &items.len().to_string()),
                Open::Map(_, _, Some((key, _))) => pointer = below(&pointer, key),
                Open::Map(_, _, None) => {}
            }
        }
        pointer
    }

    fn finish(mut self) -> Result<Node, Vec<Flaw>> {
        if self.done.is_none() && self.flaws.is_empty() {
            self.flaw(Mark::BEGIN, "there is no definition", "a map that begins with `document:`");
        }
        match self.done {
            Some(node) if self.flaws.is_empty() => Ok(node),
            _ => Err(self.flaws),
        }
    }
}

fn flaw(mark: Mark, pointer: String, problem: String, expected: String) -> Flaw {
    Flaw { mark, pointer, problem, expected, example: None }
}

fn mark_of(marker: &Marker) -> Mark {
    Mark { line: marker.line(), column: marker.col() + 1 }
}

fn of_scanning(error: &ScanError) -> Flaw {
    flaw(
        mark_of(error.marker()),
        String::new(),
        format!("this is no YAML: {}", error.info()),
        "YAML 1.2: two spaces a level, quotes around texts with `: `, `#` or a bracket at their beginning".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_knows_where_it_stands() {
        let node = parse("a:\n  - one\n  - b: 'two'\n    ü: [3, {c: \"x\"}]\n").expect("yaml");
        assert_eq!(node.to_value(), json!({"a": ["one", {"b": "two", "ü": [3, {"c": "x"}]}]}));
        for (pointer, line, column) in
            [("/a", 2, 3), ("/a/0", 2, 5), ("/a/1/b", 3, 8), ("/a/1/ü/0", 4, 9), ("/a/1/ü/1/c", 4, 16)]
        {
            assert_eq!(node.mark_of(pointer), Mark { line, column }, "{pointer}");
        }
    }

    #[test]
    fn json_is_yaml() {
        let json = json!({"a": [1, -2.5, true, null, "x\"\\\n\u{1f600}"], "b": {"c": {}}, "d": []});
        for text in [json.to_string(), serde_json::to_string_pretty(&json).expect("json")] {
            assert_eq!(parse(&text).expect("yaml").to_value(), json);
        }
    }

    #[test]
    fn what_a_definition_does_not_take_is_told_with_its_place() {
        for (text, line, column, said) in [
            ("a: 1\nb: 2\na: 3", 3, 1, "`a` stands here twice"),
            ("a: &x 1\nb: 2", 1, 4, "anchors"),
            ("a: &x 1\nb: *x", 2, 4, "aliases"),
            ("a: !!str 1", 1, 4, "tags"),
            ("a: .inf", 1, 4, "no number in JSON"),
            ("a: 1\n---\nb: 2", 2, 1, "second document"),
            ("a: [1, 2", 1, 9, "no YAML"),
            ("a: b: c", 1, 5, "no YAML"),
            ("? [a]\n: 1", 1, 3, "stands for a key"),
            ("", 1, 1, "no definition"),
        ] {
            let flaws = parse(text).expect_err(text);
            assert!(
                flaws.iter().any(
                    |flaw| flaw.problem.contains(said) && (said == "no YAML" || flaw.mark == Mark { line, column })
                ),
                "{text}: {flaws:?}"
            );
        }
        let deep = "[".repeat(200);
        assert!(parse(&deep).expect_err("deep").iter().any(|flaw| flaw.problem.contains("nested too deep")));
        let long = "a".repeat(DEFINITION_BYTES_MAX + 1);
        assert!(parse(&long).expect_err("long").iter().any(|flaw| flaw.problem.contains("bytes")));
    }
}
