//! Definitions that nobody wrote: whatever they are, reading ends and says where.

use super::HEAD;
use crate::workflow::as_json;
use crate::workflow::read::read;
use crate::workflow::ready::READY;

/// Small and the same everywhere: xorshift (Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % most.max(1)
    }
}

fn holds_for(text: &str) {
    match read(text) {
        Ok(workflow) => {
            let printed = as_json(text).expect("what is read is yaml").to_string();
            assert_eq!(read(&printed).as_ref(), Ok(&workflow), "{text}");
        }
        Err(flaws) => {
            let lines = text.lines().count() + 1;
            assert!(!flaws.is_empty(), "{text}");
            assert!(flaws.iter().all(|flaw| (1..=lines).contains(&flaw.mark.line)), "{text}: {flaws:#?}");
        }
    }
}

#[test]
fn mutilated_definitions_never_break_the_reader() {
    let pieces = [
        "${ . }",
        "${",
        "}",
        "{",
        "[",
        "]",
        ":",
        "- ",
        "\n",
        "  ",
        "&a ",
        "*a",
        "!!str ",
        "|",
        ">",
        "'",
        "\"",
        "#",
        "? ",
        "~",
        "null",
        "1e999",
        "\u{feff}",
        "\u{1f600}",
        "\t",
        "\0",
        "%YAML 1.2\n",
        "---\n",
        "...\n",
        "<<",
        "do:",
        "then: end",
        "call: mcp",
        "wait: PT1S",
        "set:",
        "try:",
        "$x",
        "\\(",
        "for:",
        "in: .a",
        "as:",
        "0x",
        ".inf",
    ];
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for round in 0..3_000 {
        let mut text: Vec<char> = READY[round % READY.len()].text.chars().collect();
        for _ in 0..=chance.below(4) {
            let at = chance.below(text.len());
            match chance.below(4) {
                0 => drop(text.drain(at..(at + chance.below(30)).min(text.len()))),
                1 => {
                    let piece: Vec<char> = pieces[chance.below(pieces.len())].chars().collect();
                    text.splice(at..at, piece);
                }
                2 => {
                    let until = (at + chance.below(60)).min(text.len());
                    let copy = text[at..until].to_vec();
                    let to = chance.below(text.len());
                    text.splice(to..to, copy);
                }
                _ => text.truncate(at.max(1)),
            }
        }
        holds_for(&text.into_iter().collect::<String>());
    }
}

#[test]
fn random_definitions_never_break_the_reader() {
    let words = [
        "do",
        "- a",
        "- b",
        "call",
        "mcp",
        "http",
        "with",
        "set",
        "{x: 1}",
        "wait",
        "PT1S",
        "for",
        "in",
        "each",
        ".a",
        "try",
        "catch",
        "retry",
        "fork",
        "branches",
        "listen",
        "to",
        "one",
        "any",
        "type",
        "switch",
        "when",
        "then",
        "end",
        "run",
        "workflow",
        "name",
        "emit",
        "event",
        "raise",
        "error",
        "status",
        "400",
        "metadata",
        "note",
        "compensate",
        "use",
        "timeouts",
        "after",
        "output",
        "as",
        "'${ .x }'",
        "[]",
        "{}",
        "''",
        "if",
        "schedule",
        "cron",
        "'* * * * *'",
    ];
    let mut chance = Chance(0x1234_5678_9abc_def1);
    for _ in 0..3_000 {
        let mut text = HEAD.to_owned();
        for _ in 0..chance.below(14) {
            text.push_str(&"  ".repeat(chance.below(6)));
            text.push_str(words[chance.below(words.len())]);
            text.push_str([":", ": ", "", " : "][chance.below(4)]);
            if chance.below(3) == 0 {
                text.push_str(words[chance.below(words.len())]);
            }
            text.push('\n');
        }
        holds_for(&text);
    }
}
