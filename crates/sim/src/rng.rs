//! Random numbers from a seed (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
//! generators", 2014), so that a run can be replayed on any machine.

/// A source of random numbers.
pub struct Rng(u64);

impl Rng {
    /// Creates a source from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bf0_3635)
    }

    /// Returns any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 to below `bound`.
    pub fn below(&mut self, bound: i64) -> i64 {
        let bound = u64::try_from(bound.max(1)).expect("a positive number");
        i64::try_from(self.any() % bound).expect("below a bound")
    }

    /// Returns a number from `low` to `high`, inclusive.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low + 1)
    }

    /// Returns true with a probability of `many` in a thousand.
    pub fn permille(&mut self, many: i64) -> bool {
        self.below(1000) < many
    }

    /// Returns one of the elements; `None` if there is none.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let index = self.below(i64::try_from(all.len()).ok()?);
        all.get(usize::try_from(index).ok()?)
    }
}
