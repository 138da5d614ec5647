//! Ids in GoHighLevel's forms: 20 characters of base62, and UUIDs for pipeline stages and traces.

use std::iter;

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Length of the vendor's record ids.
const LENGTH: usize = 20;

/// An id nobody has seen.
pub(crate) fn fresh() -> String {
    iter::repeat_with(|| fastrand::u64(..)).map(letter).take(LENGTH).collect()
}

/// The id that belongs to a name, the same in every run, so that documents and tests can quote it.
pub(crate) fn named(name: &str) -> String {
    let mut scramble = Scramble::of(name);
    iter::repeat_with(move || scramble.next()).map(letter).take(LENGTH).collect()
}

/// The UUID that belongs to a name, the same in every run.
pub(crate) fn named_uuid(name: &str) -> String {
    let mut scramble = Scramble::of(name);
    uuid_of(scramble.next(), scramble.next())
}

/// A trace id, what the vendor's support asks for.
pub(crate) fn trace() -> String {
    uuid_of(fastrand::u64(..), fastrand::u64(..))
}

fn letter(number: u64) -> char {
    let count = u64::try_from(BASE62.len()).unwrap_or(1);
    let index = usize::try_from(number % count).unwrap_or(0);
    BASE62.get(index).copied().map_or('0', char::from)
}

fn uuid_of(high: u64, low: u64) -> String {
    uuid::Builder::from_random_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes()).into_uuid().to_string()
}

/// Numbers that depend on nothing but a name: `SplitMix64` started at the name's FNV-1a hash. Written out because
/// the documents quote its results; a library's generator may change between versions.
#[derive(Debug)]
pub(crate) struct Scramble {
    state: u64,
}

impl Scramble {
    pub(crate) fn of(name: &str) -> Self {
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self { state: hash }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, 0 for an empty range.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the choices; the type's default when there are none.
    pub(crate) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let index = self.below(u64::try_from(choices.len()).unwrap_or(0));
        choices.get(usize::try_from(index).unwrap_or(0)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_vendors_form() {
        for id in [fresh(), named("location/dental")] {
            assert_eq!(id.len(), 20);
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        }
        assert_eq!(named_uuid("stage/new").len(), 36);
    }

    #[test]
    fn a_name_keeps_its_id_and_shares_it_with_no_other() {
        assert_eq!(named("location/dental"), named("location/dental"));
        assert_ne!(named("location/dental"), named("location/gym"));
        assert_ne!(fresh(), fresh());
    }
}
