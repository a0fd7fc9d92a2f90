//! Text, numbers, ids and times as bytes of a line.

/// The digits of ids.
const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// A line that is being written.
#[derive(Debug, Default)]
pub struct Line(pub Vec<u8>);

impl Line {
    /// Text as it is.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// The lowest `digits` digits of a number, in hexadecimal.
    pub fn hex(&mut self, number: u64, digits: u32) -> &mut Self {
        for digit in (0..digits).rev() {
            self.0.push(DIGITS[usize::try_from(number >> (4 * digit) & 15).unwrap_or(0)]);
        }
        self
    }

    /// A number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        let mut digits = [0_u8; 20];
        let (mut at, mut rest) = (digits.len(), number);
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.0.extend_from_slice(&digits[at..]);
        self
    }

    /// A number with leading zeros.
    fn padded(&mut self, number: u64, width: u32) -> &mut Self {
        for place in (0..width).rev() {
            self.0.push(b'0' + u8::try_from(number / 10_u64.pow(place) % 10).unwrap_or(0));
        }
        self
    }

    /// `06c1375c-5c44-067a-bca2-5f8b51cb8dfb`
    pub fn uuid(&mut self, high: u64, low: u64) -> &mut Self {
        self.hex(high >> 32, 8).text("-").hex(high >> 16, 4).text("-").hex(high, 4);
        self.text("-").hex(low >> 48, 4).text("-").hex(low, 12)
    }

    /// `2026-05-01T00:00:00.123Z`, from milliseconds since the epoch.
    pub fn time(&mut self, millis: i64) -> &mut Self {
        let within = u64::try_from(millis.rem_euclid(1000)).unwrap_or(0);
        self.date_and_clock(millis).text(".").padded(within, 3).text("Z")
    }

    /// `2026-05-01T00:00:00Z`
    pub fn second(&mut self, millis: i64) -> &mut Self {
        self.date_and_clock(millis).text("Z")
    }

    /// `2026-05-01T00:00:00`: days to a date as in <https://howardhinnant.github.io/date_algorithms.html>.
    fn date_and_clock(&mut self, millis: i64) -> &mut Self {
        let days = millis.div_euclid(DAY) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, (shifted + 2) % 12 + 1);
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let part = |number: i64| u64::try_from(number).unwrap_or(0);
        let seconds = part(millis.rem_euclid(DAY) / 1000);
        self.padded(part(year), 4).text("-").padded(part(month), 2).text("-").padded(part(day), 2);
        self.text("T").padded(seconds / 3600, 2).text(":").padded(seconds / 60 % 60, 2);
        self.text(":").padded(seconds % 60, 2)
    }
}

#[cfg(test)]
mod tests {
    use shared::event::Timestamp;

    use super::Line;

    #[test]
    fn times_are_those_that_are_read() {
        for day in (-2..60_000).step_by(7) {
            let millis = day * super::DAY + day.rem_euclid(86_400) * 1001;
            let mut line = Line::default();
            line.time(millis);
            let text = String::from_utf8(line.0).expect("UTF-8");
            assert_eq!(Timestamp::parse(&text), Some(Timestamp::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn numbers_and_ids_have_their_digits() {
        let mut line = Line::default();
        line.number(0).text(" ").number(u64::MAX).text(" ").hex(0xabc, 5).text(" ").uuid(1, 2);
        let want = "0 18446744073709551615 00abc 00000000-0000-0001-0000-000000000002";
        assert_eq!(String::from_utf8(line.0).expect("UTF-8"), want);
    }
}
