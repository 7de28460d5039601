//! Splitmix64, split into one stream for each thing that is drawn, so that what happens to
//! one account never depends on how many others there are.

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

pub struct Random(u64);

impl Random {
    /// The stream that belongs to `path`, for instance "receipts, account 7, month 3".
    pub fn stream(seed: u64, path: &[i64]) -> Self {
        Self(path.iter().fold(mix(seed), |state, part| mix(state ^ mix(part.cast_unsigned()))))
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    pub fn below(&mut self, end: i64) -> i64 {
        (self.bits() >> 33).cast_signed() % end
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low + 1)
    }

    pub fn chance(&mut self, per_mille: i64) -> bool {
        self.below(1000) < per_mille
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let length = i64::try_from(from.len()).expect("a list of words fits");
        &from[usize::try_from(self.below(length)).expect("below gives no negative number")]
    }
}

fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
