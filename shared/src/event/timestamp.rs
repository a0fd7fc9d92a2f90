//! Points in time, read as leniently as events write them.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// Numbers from here on are milliseconds, below it seconds (the year 5138 as seconds, 1973 as milliseconds).
const FIRST_MILLISECONDS: f64 = 1e11;

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 (`2026-11-23T07:05:00.123Z`, with a space for the `T`, an offset of the form
    /// `+0900` or none, which is taken as UTC), the form of mails (`Wed, 16 Aug 2023 23:18:51 GMT`), or seconds or milliseconds since the epoch, as the CLI's
    /// version 1 prints times. `None` where the text is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(number) = text.parse::<f64>() {
            return Self::from_number(number);
        }
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .or_else(|| OffsetDateTime::parse(&normalised(text)?, &Rfc3339).ok())
            .or_else(|| OffsetDateTime::parse(&of_a_mail(text)?, &Rfc3339).ok())
            .map(Self::from_date_time)
    }

    /// Milliseconds from `earlier` to `self`; negative where `self` comes first.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, span: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This much earlier.
    #[must_use]
    pub fn minus(self, span: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The span from `earlier` to `self`; zero where `self` comes first.
    #[must_use]
    pub fn elapsed_since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.millis_since(earlier)).unwrap_or(0))
    }

    /// The whole second it is in, which is what its text says.
    #[must_use]
    pub const fn to_the_second(self) -> Self {
        Self(self.0.div_euclid(1000) * 1000)
    }

    /// Seconds or milliseconds since the epoch, told apart by their size.
    fn from_number(number: f64) -> Option<Self> {
        let millis = if number.abs() < FIRST_MILLISECONDS { number * 1000.0 } else { number };
        #[expect(clippy::cast_possible_truncation, reason = "fractions of a millisecond do not matter")]
        (millis.is_finite() && millis.abs() < 1e15).then(|| Self(millis.round() as i64))
    }

    /// Cuts what is finer than a millisecond.
    fn from_date_time(at: OffsetDateTime) -> Self {
        let millis = at.unix_timestamp() * 1000 + i64::from(at.millisecond());
        Self(millis)
    }
}

/// `Wed, 16 Aug 2023 23:18:51 GMT`, as AWS Health writes times, written the way RFC 3339 has it. The day of the week
/// says nothing new, and is wrong in some of AWS's own examples.
fn of_a_mail(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (_, text) = text.split_once(',')?;
    let mut parts = text.split_whitespace();
    let day: u8 = parts.next()?.parse().ok()?;
    let month = parts.next()?.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let (year, clock) = (parts.next()?, parts.next()?);
    let is_utc = matches!(parts.next(), None | Some("GMT" | "UTC" | "Z" | "+0000"));
    is_utc.then(|| format!("{year}-{month:02}-{day:02}T{clock}Z"))
}

/// `2026-11-23 07:05:00 +0900` and the like, written the way RFC 3339 has it.
fn normalised(text: &str) -> Option<String> {
    let (date, rest) = (text.get(..10)?, text.get(11..)?.trim());
    let zone_at = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone_at);
    let zone = match zone.trim() {
        "" | "Z" | "z" | "UTC" => "Z".to_owned(),
        short if short.len() == 5 && short.is_ascii() => format!("{}:{}", &short[..3], &short[3..]),
        other => other.to_owned(),
    };
    Some(format!("{date}T{clock}{zone}"))
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, to the second: `2026-11-23T07:05:00Z`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

/// A span in words a person reads at a glance: `850 ms`, `42 s`, `7 min 30 s`, `3 h 5 min`, `12 d 4 h`.
#[must_use]
pub fn span_in_words(millis: i64) -> String {
    let span = Duration::milliseconds(millis.saturating_abs());
    let (days, hours) = (span.whole_days(), span.whole_hours() % 24);
    let (minutes, seconds) = (span.whole_minutes() % 60, span.whole_seconds() % 60);
    match (days, hours, minutes, span.whole_seconds()) {
        (0, 0, 0, 0) => format!("{} ms", span.whole_milliseconds()),
        (0, 0, 0, _) => format!("{seconds} s"),
        (0, 0, _, _) => with_rest(minutes, "min", seconds, "s"),
        (0, _, _, _) => with_rest(hours, "h", minutes, "min"),
        _ => with_rest(days, "d", hours, "h"),
    }
}

/// `3 h 5 min`, and `3 h` where the rest is zero.
fn with_rest(whole: i64, unit: &str, rest: i64, rest_unit: &str) -> String {
    if rest == 0 { format!("{whole} {unit}") } else { format!("{whole} {unit} {rest} {rest_unit}") }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, span_in_words};

    #[test]
    fn the_form_of_mails_is_read() {
        for (text, want) in [
            ("Wed, 16 Aug 2023 23:18:51 GMT", Some("2023-08-16T23:18:51Z")),
            ("Sat, 5 Jun 2016 15:10:09 GMT", Some("2016-06-05T15:10:09Z")),
            ("Wed, 16 Aug 2023 23:18:51 PST", None),
            ("Wed, 16 Aug", None),
            (", 1 ü 2 3", None),
        ] {
            assert_eq!(Timestamp::parse(text).map(|at| at.to_string()).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn times_are_read_in_every_form_seen() {
        let want = Some(Timestamp::from_millis(1_795_417_500_000));
        for text in [
            "2026-11-23T07:05:00Z",
            "2026-11-23T07:05:00.000Z",
            "2026-11-23t07:05:00z",
            "2026-11-23 07:05:00",
            "2026-11-23T07:05:00",
            "2026-11-23T16:05:00+09:00",
            "2026-11-23 16:05:00 +0900",
            "2026-11-23T07:05:00 UTC",
            " 2026-11-23T07:05:00Z ",
            "1795417500",
            "1795417500.0",
            "1795417500000",
        ] {
            assert_eq!(Timestamp::parse(text), want, "{text}");
        }
        assert_eq!(
            Timestamp::parse("2026-11-23T07:05:00.123456Z").map(Timestamp::as_millis),
            Some(1_795_417_500_123)
        );
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-13-40T00:00:00Z",
            "NaN",
            "inf",
            "1e300",
            "２０２６年１１月２３日の朝",
            "2026-11-23",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_prints_as_rfc_3339() {
        assert_eq!(Timestamp::from_millis(1_795_417_500_999).to_string(), "2026-11-23T07:05:00Z");
        assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn spans_read_well() {
        for (millis, want) in [
            (0, "0 ms"),
            (850, "850 ms"),
            (-42_000, "42 s"),
            (60_000, "1 min"),
            (450_000, "7 min 30 s"),
            (11_100_000, "3 h 5 min"),
            (1_051_200_000, "12 d 4 h"),
        ] {
            assert_eq!(span_in_words(millis), want);
        }
    }
}
