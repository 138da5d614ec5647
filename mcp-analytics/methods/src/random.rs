//! Random numbers that are the same for the same seed: on every machine, in every version.
//!
//! The generator is PCG64 DXSM (O'Neill 2014; numpy's `PCG64DXSM`), whose sequence its crate promises to keep. What is drawn
//! from it is written here, because the sampling of general crates may change between their versions.

use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::Rng;

/// A sequence of random numbers. Not for secrets.
#[derive(Clone, Debug)]
pub struct Random(Pcg64Dxsm);

impl Random {
    /// The sequence of a seed.
    pub fn of_seed(seed: u64) -> Self {
        Self::of_stream(seed, 0)
    }

    /// One of the sequences of a seed: each piece of work that may run beside others takes the stream of its own number, so
    /// that the answer does not depend on which runs first.
    pub fn of_stream(seed: u64, stream: u64) -> Self {
        let wide = |high: u64, low: u64| (u128::from(mixed(high)) << 64) | u128::from(mixed(low));
        let [a, b] = [seed, mixed(seed) ^ stream];
        Self(Pcg64Dxsm::new(wide(a, b), wide(b, !a)))
    }

    /// Any of the 2⁶⁴ integers.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 up to, and without, 1, in steps of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "53 bits are exact in an f64")]
        let steps = (self.bits() >> 11) as f64;
        steps * 0.5_f64.powi(53)
    }

    /// From 0 up to, and without, the bound, each equally likely (Lemire 2019, arXiv 1805.10941). 0 for a bound of 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        let threshold = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
        loop {
            let product = u128::from(self.bits()) * u128::from(bound);
            #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "the lower half is meant")]
            let low = product as u64;
            if low >= threshold {
                return usize::try_from(product >> 64).unwrap_or(0);
            }
        }
    }

    /// Puts the elements into a random order, each order equally likely (Fisher–Yates).
    pub fn shuffle<T>(&mut self, elements: &mut [T]) {
        for end in (1..elements.len()).rev() {
            let other = self.below(end + 1);
            elements.swap(end, other);
        }
    }

    /// So many different indices below `among`, in ascending order; all of them if there are no more.
    ///
    /// O(`among`) time, no memory beyond the result (Knuth, algorithm S).
    pub fn sample(&mut self, count: usize, among: usize) -> Vec<usize> {
        let mut chosen = Vec::with_capacity(count.min(among));
        for index in 0..among {
            let missing = count.saturating_sub(chosen.len());
            if missing == 0 {
                break;
            }
            if self.below(among - index) < missing {
                chosen.push(index);
            }
        }
        chosen
    }
}

/// The finaliser of splitmix64 (Steele, Lea and Flood 2014): neighbouring seeds give states that are far apart.
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was drawn once is drawn for ever: results are stored with their seed. From the same state numpy 2.4.6's
    /// `PCG64DXSM` gives the same bits.
    #[test]
    fn values_of_a_seed_never_change() {
        let mut random = Random::of_stream(42, 7);
        assert_eq!([random.bits(), random.bits()], [4_686_356_319_621_361_387, 4_707_207_506_326_520_026]);
        assert_eq!([random.below(1_000), random.below(1_000)], [461, 728]);
        let mut order = [0, 1, 2, 3, 4, 5];
        random.shuffle(&mut order);
        assert_eq!(order, [0, 5, 4, 1, 2, 3]);
    }

    #[test]
    fn a_bound_of_zero_gives_zero() {
        assert_eq!(Random::of_seed(1).below(0), 0);
    }

    #[test]
    fn every_value_below_the_bound_comes_equally_often() {
        let mut random = Random::of_seed(7);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[random.below(6)] += 1;
        }
        let chi_squared: f64 = counts.iter().map(|count| (f64::from(*count) - 10_000.0).powi(2) / 10_000.0).sum();
        // The 99.9th percentile of chi squared with 5 degrees of freedom.
        assert!(chi_squared < 20.515, "{counts:?}");
    }

    #[test]
    fn units_fill_the_interval_evenly() {
        let mut random = Random::of_seed(3);
        let draws: Vec<f64> = (0..100_000).map(|_| random.unit()).collect();
        let mean = draws.iter().sum::<f64>() / 100_000.0;
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw)));
        // Five standard errors of the mean: 5 · √(1/12) / √100,000.
        assert!((mean - 0.5).abs() < 0.0046, "{mean}");
    }

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let first = |seed, stream| Random::of_stream(seed, stream).bits();
        let all: std::collections::BTreeSet<u64> =
            (0..50).flat_map(|seed| (0..50).map(move |stream| first(seed, stream))).collect();
        assert_eq!(all.len(), 2_500);
        assert_eq!(first(4, 2), first(4, 2));
    }

    #[test]
    fn a_sample_has_no_index_twice_and_is_ascending() {
        let mut random = Random::of_seed(5);
        for (count, among) in [(0, 10), (3, 10), (10, 10), (12, 10), (5, 0)] {
            let sample = random.sample(count, among);
            assert_eq!(sample.len(), count.min(among));
            assert!(sample.is_sorted_by(|one, next| one < next) && sample.iter().all(|index| *index < among));
        }
    }
}
