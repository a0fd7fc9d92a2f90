//! Reading `[volumes]`.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Check;
use crate::policy::volumes::VolumePolicy;
use crate::volume::balance::Limits;

/// The longest time ahead a rate is trusted for.
const LONGEST_AHEAD: Duration = Duration::from_hours(24);
/// The highest threshold: above it a balance would never be well again.
const HIGHEST: f64 = 90.0;

/// `[volumes]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct VolumesTable {
    /// Percent.
    below_percent: Option<f64>,
    /// Percent.
    high_below_percent: Option<f64>,
    /// A span of time.
    empty_within: Option<String>,
}

impl Check<'_> {
    /// Reads `[volumes]`.
    pub(super) fn volumes(&mut self, table: Spanned<toml::Value>) -> VolumePolicy {
        let defaults = VolumePolicy::default();
        let Some((place, table)) = self.table::<VolumesTable>("volumes", table) else { return defaults };
        let place = place.replace("[[volumes]]", "[volumes]");
        let below = self.percent(&place, "below-percent", table.below_percent, defaults.limits.below);
        let high_below = self.percent(
            &place,
            "high-below-percent",
            table.high_below_percent,
            defaults.high_below.min(below),
        );
        if high_below > below {
            self.wrong(&place, "`high-below-percent` is above `below-percent`: nothing would be medium");
        }
        let empty_within = self.ahead(&place, table.empty_within).unwrap_or(defaults.limits.empty_within);
        VolumePolicy { limits: Limits { below, empty_within }, high_below }
    }

    /// A share of the credits: 0, which is never, to [`HIGHEST`].
    fn percent(&mut self, place: &str, field: &str, value: Option<f64>, default: f64) -> f64 {
        match value {
            Some(value) if !(0.0..=HIGHEST).contains(&value) => {
                self.wrong(place, &format!("`{field}` is {value}, and not 0 to {HIGHEST}"));
                default
            }
            Some(value) => value,
            None => default,
        }
    }

    /// How far ahead the present rate is followed; zero for not at all.
    fn ahead(&mut self, place: &str, text: Option<String>) -> Option<Duration> {
        let text = text?;
        match humantime::parse_duration(&text) {
            Ok(span) if span > LONGEST_AHEAD => self.wrong(place, "`empty-within` is longer than 24h"),
            Ok(span) => return Some(span),
            Err(error) => {
                self.wrong(
                    place,
                    &format!("`empty-within`: `{text}` is no span of time such as 60m: {error}"),
                );
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    #[test]
    fn it_is_read_and_every_error_told() {
        let read = |text: &str| Policy::parse(text).map(|policy| policy.volumes);
        let volumes = read("[volumes]\nbelow-percent = 30\nempty-within = \"2h\"").expect("a policy");
        assert_eq!((volumes.limits.below, volumes.limits.empty_within.as_secs()), (30.0, 7_200));
        assert_eq!(read("").expect("a policy"), super::VolumePolicy::default());
        let small = read("[volumes]\nbelow-percent = 2.5").expect("a policy");
        assert_eq!((small.limits.below, small.high_below), (2.5, 2.5));
        for (text, want) in [
            ("below-percent = 95", "line 1, [volumes]: `below-percent` is 95, and not 0 to 90"),
            ("below-percent = -1", "`below-percent` is -1"),
            ("below-percent = nan", "`below-percent` is NaN"),
            ("below-percent = \"20\"", "`below-percent`: "),
            ("high-below-percent = 50", "`high-below-percent` is above `below-percent`"),
            ("empty-within = \"48h\"", "`empty-within` is longer than 24h"),
            ("empty-within = \"soon\"", "`empty-within`: `soon` is no span of time"),
            ("percent = 20", "`percent`: unknown field"),
        ] {
            let errors = read(&format!("[volumes]\n{text}")).expect_err(text).to_string();
            assert!(errors.contains(want), "{text}: {errors}");
        }
    }
}
