//! Pseudo-random numbers (SplitMix64): the same seed gives the same templates, now and later.

/// A stream of choices.
pub struct Dice(u64);

impl Dice {
    /// A stream of its own for each seed and number.
    #[must_use]
    pub fn new(seed: u64, number: u64) -> Self {
        let mut mixed = Self(seed);
        Self(mixed.roll() ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    /// 64 random bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `end`, which is above 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = end as u64;
        usize::try_from(self.roll() % end).expect("a remainder is below a usize")
    }

    /// A number from `first` to `last`.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = last.abs_diff(first) + 1;
        first.wrapping_add_unsigned(self.roll() % span)
    }

    /// True `percent` times in a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }

    /// One of `choices`, which are not none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// One of `words`, which are not none.
    pub fn word<'a, T: AsRef<str>>(&mut self, words: &'a [T]) -> &'a str {
        self.pick(words).as_ref()
    }

    /// The number of the drawn weight.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut left = self.below(weights.clone().map(|weight| weight as usize).sum());
        for (number, weight) in weights.enumerate() {
            let weight = weight as usize;
            if left < weight {
                return number;
            }
            left -= weight;
        }
        unreachable!("a draw is below the sum of the weights")
    }

    /// A count that is mostly small: each further one with `percent` chance, and at most `most`.
    pub fn count(&mut self, percent: u64, most: usize) -> usize {
        (0..most).take_while(|_| self.percent(percent)).count()
    }
}
