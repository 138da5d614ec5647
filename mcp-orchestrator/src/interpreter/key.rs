//! What outside calls and own events are known by when they are repeated.

use std::io::{self, Write};

use serde::Serialize;

use super::state::State;

/// The key of what a step asks of the outside: the same for all attempts that ask for the same, and another as soon as
/// they ask for something else, since a key under which two things are asked is refused by careful vendors and
/// misunderstood by others.
pub(super) fn idempotency_key(state: &State, step: &str, is_undoable: bool, content: &impl Serialize) -> String {
    let mut digest = Fnv::default();
    // Neither the hash nor JSON that was JSON before can fail; a key without it would still be stable.
    let _ = serde_json::to_writer(&mut digest, content);
    let (run, digest) = (&state.run_id, digest.0);
    // What has been undone is done again under a key of its own, or the vendor would answer with what is no more.
    if is_undoable && state.generation > 0 {
        return format!("{run}.{step}.g{}.{digest:016x}", state.generation);
    }
    format!("{run}.{step}.{digest:016x}")
}

/// A number that is the same for the same texts.
pub(super) fn hash(parts: [&str; 3]) -> u64 {
    let mut hash = Fnv::default();
    for part in parts {
        hash.eat(part.as_bytes());
        // A byte that no text of UTF-8 has, so that parts do not run into each other.
        hash.eat(&[0xff]);
    }
    hash.0
}

/// FNV-1a of 64 bits (draft-eastlake-fnv, 17.3): stable for ever and on every machine, which the standard library's
/// hashers do not promise. It tells apart what one run asks for, and keeps no secret.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn eat(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl Write for Fnv {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.eat(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_follow_the_content() {
        let state = State { run_id: "run_1".to_owned(), ..State::default() };
        let key = |content| idempotency_key(&state, "s2", true, &content);
        assert_eq!(key(json!({"a": 1})), key(json!({"a": 1})));
        assert_ne!(key(json!({"a": 1})), key(json!({"a": 2})));
        assert!(key(json!(null)).starts_with("run_1.s2."));
    }

    #[test]
    fn what_was_undone_is_done_again_under_another_key() {
        let first = State { run_id: "run_1".to_owned(), ..State::default() };
        let again = State { generation: 1, ..first.clone() };
        let key = |state, is_undoable| idempotency_key(state, "s2", is_undoable, &json!(1));
        assert_ne!(key(&first, true), key(&again, true));
        assert_eq!(key(&first, false), key(&again, false));
    }

    #[test]
    fn hashes_are_those_of_the_draft() {
        // draft-eastlake-fnv, appendix C, FNV-1a of 64 bits.
        for (text, expected) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            let mut hash = Fnv::default();
            hash.eat(text.as_bytes());
            assert_eq!(hash.0, expected, "{text}");
        }
    }
}
