//! `numeric` in the binary form: digits to the base of 10,000, as `numeric_send` of the server writes
//! them.

const BASE: i128 = 10_000;

/// The number that a numeric is in units of `10^-scale`. `None` for what is not finite, does not fit, or
/// has more digits behind the point.
pub(super) fn units(bytes: &[u8], scale: u32) -> Option<i128> {
    let word = |at: usize| Some(i16::from_be_bytes(bytes.get(2 * at..2 * at + 2)?.try_into().ok()?));
    let (count, weight, sign) = (word(0)?, word(1)?, word(2)?);
    let is_negative = match sign {
        0 => false,
        0x4000 => true,
        _ => return None,
    };
    let mut units = 0_i128;
    for nth in 0..count {
        let digit = i128::from(word(4 + usize::try_from(nth).ok()?)?);
        let exponent = 4 * (i32::from(weight) - i32::from(nth)) + i32::try_from(scale).ok()?;
        units = units.checked_add(scaled(digit, exponent)?)?;
    }
    Some(if is_negative { -units } else { units })
}

/// `digit * 10^exponent`, where that is a whole number.
fn scaled(digit: i128, exponent: i32) -> Option<i128> {
    if digit == 0 {
        return Some(0);
    }
    let power = 10_i128.checked_pow(exponent.unsigned_abs());
    if exponent >= 0 {
        return digit.checked_mul(power?);
    }
    match power {
        Some(power) if power < BASE && digit % power == 0 => Some(digit / power),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::units;

    fn sent(weight: i16, sign: i16, digits: &[i16]) -> Vec<u8> {
        let count = i16::try_from(digits.len()).unwrap();
        [&[count, weight, sign, 0], digits].concat().iter().flat_map(|w| w.to_be_bytes()).collect()
    }

    #[test]
    fn numbers_keep_every_digit() {
        assert_eq!(units(&sent(0, 0, &[12, 3400]), 2), Some(1234));
        assert_eq!(units(&sent(0, 0x4000, &[12, 3400]), 2), Some(-1234));
        assert_eq!(units(&sent(1, 0, &[1, 0, 5]), 4), Some(100_000_005));
        assert_eq!(units(&sent(-1, 0, &[100]), 2), Some(1));
        assert_eq!(units(&sent(0, 0, &[]), 2), Some(0));
        // 38 nines, two of them behind the point.
        let nines = sent(8, 0, &[9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9900]);
        assert_eq!(units(&nines, 2), Some(10_i128.pow(38) - 1));
    }

    #[test]
    fn what_is_no_such_number_is_told() {
        assert_eq!(units(&sent(0, 0, &[12, 3456]), 2), None);
        assert_eq!(units(&sent(0, i16::from_be_bytes([0xc0, 0]), &[]), 2), None);
        assert_eq!(units(&sent(12, 0, &[1]), 2), None);
        assert_eq!(units(&[0, 1], 2), None);
    }
}
