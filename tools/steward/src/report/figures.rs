//! Numbers as people read them.

/// `1,234,567`
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `part` of `whole` to four places: `0.0153`; a dash where there is no whole.
#[must_use]
pub fn ratio(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let scaled = (u128::from(part) * 10_000 + u128::from(whole) / 2) / u128::from(whole);
    format!("{}.{:04}", scaled / 10_000, scaled % 10_000)
}

/// `1 stop`, `2 stops`.
#[must_use]
pub fn counted(number: u64, word: &str) -> String {
    format!("{} {word}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// The next of 1, 2, 4, 6, 8, 10, 20, 40 … that is no less: the top of a scale.
#[must_use]
pub fn scale(most: u64) -> u64 {
    let mut step = 1_u64;
    loop {
        for factor in [1, 2, 4, 6, 8] {
            let top = step.saturating_mul(factor);
            if top >= most {
                return top;
            }
        }
        step = step.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, grouped, ratio, scale};

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([ratio(1, 65), ratio(3, 2), ratio(1, 0)], ["0.0154", "1.5000", "–"]);
        assert_eq!([counted(1, "stop"), counted(2_000, "stop")], ["1 stop", "2,000 stops"]);
        assert_eq!([0, 1, 3, 5, 6, 11, 300].map(scale), [1, 1, 4, 6, 6, 20, 400]);
        assert_eq!(scale(u64::MAX), u64::MAX);
    }
}
