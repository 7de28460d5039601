//! MD5 (RFC 1321) of many short messages at once: what a checksum takes of each row of a table. Four
//! messages of equally many blocks go through the same steps side by side, which the processor does in
//! little more than the time of one. It tells rows apart; it is no protection against whoever wants two
//! to look alike.

/// How many messages go side by side.
const LANES: usize = 4;
/// The bytes of a block.
const BLOCK: usize = 64;
/// Messages of more blocks than this are done one by one.
const BLOCKS: usize = 16;

/// `floor(2^32 * abs(sin(i + 1)))`, as RFC 1321 has it.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];
const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
/// What stands behind a message: a bit, then zeros.
const PADDING: [u8; BLOCK] = {
    let mut bytes = [0; BLOCK];
    bytes[0] = 0x80;
    bytes
};
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// Adds up the first 56 bits of the MD5 of each message.
#[derive(Debug, Clone, Default)]
pub struct Md5Sum {
    /// Padded messages that wait for others of as many blocks; the first of one block.
    waiting: [Waiting; BLOCKS],
    sum: u128,
}

/// Messages of equally many blocks, fewer than all lanes.
#[derive(Debug, Clone, Default)]
struct Waiting {
    messages: [Vec<u8>; LANES],
    count: usize,
}

impl Md5Sum {
    /// Takes a message; what is in it afterwards is of no use.
    pub fn add(&mut self, message: &mut Vec<u8>) {
        pad(message);
        let Some(waiting) = self.waiting.get_mut(message.len() / BLOCK - 1) else {
            self.sum += digests([message.as_slice()]);
            return;
        };
        std::mem::swap(&mut waiting.messages[waiting.count], message);
        waiting.count += 1;
        if waiting.count == LANES {
            self.sum += digests(waiting.messages.each_ref().map(Vec::as_slice));
            waiting.count = 0;
        }
    }

    /// Adds what another has added up.
    pub fn merge(&mut self, other: &Self) {
        self.sum += other.sum();
    }

    /// The sum of all messages so far.
    #[must_use]
    pub fn sum(&self) -> u128 {
        let waiting = self.waiting.iter().flat_map(|w| w.messages.iter().take(w.count));
        waiting.map(|message| digests([message.as_slice()])).sum::<u128>() + self.sum
    }
}

/// A bit, zeros, and the length in bits, up to whole blocks.
fn pad(message: &mut Vec<u8>) {
    let bits = (message.len() as u64).wrapping_mul(8);
    let filled = (message.len() + 9).next_multiple_of(BLOCK) - 8;
    message.extend_from_slice(PADDING.get(..filled - message.len()).unwrap_or(&PADDING));
    message.extend_from_slice(&bits.to_le_bytes());
}

/// The sum of the first 56 bits of the MD5 of `N` padded messages of the same length, one behind the other.
fn digests<const N: usize>(messages: [&[u8]; N]) -> u128 {
    let length = messages.iter().map(|m| m.len()).min().unwrap_or(0);
    let mut state = [[0_u32; N]; 4];
    for (lanes, start) in state.iter_mut().zip(START) {
        *lanes = [start; N];
    }
    for block in 0..length / BLOCK {
        let mut words = [[0_u32; N]; 16];
        for (lane, message) in messages.iter().enumerate() {
            let bytes: &[u8; BLOCK] = message[block * BLOCK..][..BLOCK].try_into().unwrap_or(&[0; BLOCK]);
            for (nth, word) in words.iter_mut().enumerate() {
                let at = 4 * nth;
                word[lane] = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
            }
        }
        let before = state;
        round::<N, 0>(&mut state, &words);
        round::<N, 1>(&mut state, &words);
        round::<N, 2>(&mut state, &words);
        round::<N, 3>(&mut state, &words);
        for (lanes, before) in state.iter_mut().zip(before) {
            for (lane, before) in lanes.iter_mut().zip(before) {
                *lane = lane.wrapping_add(before);
            }
        }
    }
    // A digest's bytes are its state's from the lowest on.
    let head = |a: u32, b: u32| (u64::from(a.swap_bytes()) << 32 | u64::from(b.swap_bytes())) >> 8;
    state[0].iter().zip(state[1]).map(|(a, b)| u128::from(head(*a, b))).sum()
}

/// Sixteen of the 64 steps, written out so that each has its own constants.
#[inline]
fn round<const N: usize, const ROUND: usize>(state: &mut [[u32; N]; 4], words: &[[u32; N]; 16]) {
    macro_rules! steps {
        ($($step:literal)*) => { $( step::<N, ROUND, $step>(state, words); )* };
    }
    steps!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
}

/// One step; afterwards what was last is first, as the standard's steps turn the four.
#[inline]
fn step<const N: usize, const ROUND: usize, const STEP: usize>(
    state: &mut [[u32; N]; 4],
    words: &[[u32; N]; 16],
) {
    let [a, b, c, d] = *state;
    let word = &words[match ROUND {
        0 => STEP,
        1 => (5 * STEP + 1) % 16,
        2 => (3 * STEP + 5) % 16,
        _ => (7 * STEP) % 16,
    }];
    let mut next = [0; N];
    for lane in 0..N {
        let (one, two, three) = (b[lane], c[lane], d[lane]);
        let mixed = match ROUND {
            0 => three ^ (one & (two ^ three)),
            1 => two ^ (three & (one ^ two)),
            2 => one ^ two ^ three,
            _ => two ^ (one | !three),
        };
        let sum = a[lane].wrapping_add(mixed).wrapping_add(SINES[ROUND * 16 + STEP]).wrapping_add(word[lane]);
        next[lane] = one.wrapping_add(sum.rotate_left(SHIFTS[ROUND][STEP % 4]));
    }
    *state = [d, next, b, c];
}

#[cfg(test)]
mod tests {
    use super::Md5Sum;

    fn sum(messages: &[&[u8]]) -> u128 {
        let mut sum = Md5Sum::default();
        for message in messages {
            sum.add(&mut message.to_vec());
        }
        sum.sum()
    }

    /// The test suite of RFC 1321, A.5: the first 14 digits of each.
    const KNOWN: [(&[u8], u128); 7] = [
        (b"", 0xd4_1d8c_d98f_00b2),
        (b"a", 0x0c_c175_b9c0_f1b6),
        (b"abc", 0x90_0150_983c_d24f),
        (b"message digest", 0xf9_6b69_7d7c_b793),
        (b"abcdefghijklmnopqrstuvwxyz", 0xc3_fcd3_d761_92e4),
        (b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0xd1_74ab_98d2_77d9),
        (
            b"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            0x57_edf4_a22b_e3c9,
        ),
    ];

    #[test]
    fn is_the_md5_of_the_standard() {
        for (message, head) in KNOWN {
            assert_eq!(sum(&[message]), head, "{message:?}");
        }
    }

    #[test]
    fn many_are_as_each_of_them() {
        let mut messages: Vec<&[u8]> = Vec::new();
        let mut expected = 0;
        for (nth, (message, head)) in KNOWN.iter().cycle().take(300).enumerate() {
            messages.push(message);
            expected += head;
            if nth % 37 == 0 {
                assert_eq!(sum(&messages), expected, "{nth}");
            }
        }
    }

    #[test]
    fn long_ones_go_alone_and_count_the_same() {
        let long = vec![b'x'; 100_000];
        let one = sum(&[long.as_slice()]);
        assert_eq!(sum(&[long.as_slice(); 20]), 20 * one);
        // Each length up to several blocks, in company and alone.
        for length in 0..1200 {
            let message: &[u8] = &long[..length];
            assert_eq!(sum(&[message; 8]), 8 * sum(&[message]), "{length}");
        }
    }
}
