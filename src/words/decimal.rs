//! Fixed-point numbers as text.

/// Writes so many units of a fixed-point number with `scale` digits behind the point, all of them. A scale below
/// nothing stands for zeros before it.
#[inline]
pub fn decimal(out: &mut Vec<u8>, units: i128, scale: i16) {
    if units < 0 {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    let digits = match u64::try_from(units.unsigned_abs()) {
        Ok(small) => buffer.format(small),
        Err(_) => buffer.format(units.unsigned_abs()),
    };
    let Ok(scale) = usize::try_from(scale) else {
        out.extend_from_slice(digits.as_bytes());
        if units != 0 {
            out.resize(out.len() + usize::from(scale.unsigned_abs()), b'0');
        }
        return;
    };
    let (whole, behind) = digits.split_at(digits.len().saturating_sub(scale));
    if whole.is_empty() {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + scale - behind.len(), b'0');
        out.extend_from_slice(behind.as_bytes());
    } else {
        out.extend_from_slice(whole.as_bytes());
        if scale > 0 {
            out.push(b'.');
            out.extend_from_slice(behind.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn numbers_have_all_their_digits() {
        for (units, scale, expected) in [
            (-1234, 2, "-12.34"),
            (-4, 2, "-0.04"),
            (0, 2, "0.00"),
            (7, 0, "7"),
            (7, -2, "700"),
            (0, -2, "0"),
            (
                99_999_999_999_999_999_999_999_999_999_999_999_999,
                10,
                "9999999999999999999999999999.9999999999",
            ),
        ] {
            let mut out = Vec::new();
            decimal(&mut out, units, scale);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
