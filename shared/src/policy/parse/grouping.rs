//! Reading `[grouping]`.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Check;
use crate::alert::incident::Grouping;
use crate::alert::incident::settings::FIRST_DIGEST;

/// The longest quiet an incident may wait for: a week, which is also how long the table keeps one.
const LONGEST_QUIET: Duration = Duration::from_hours(6 * 24);

/// `[grouping]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct GroupingTable {
    /// A span of time.
    quiet_after: Option<String>,
    /// A span of time.
    steady_after: Option<String>,
    /// New incidents of a cluster within a minute.
    storm_at: Option<usize>,
}

impl Check<'_> {
    /// Reads `[grouping]`.
    pub(super) fn grouping(&mut self, table: Spanned<toml::Value>) -> Grouping {
        let defaults = Grouping::default();
        let Some((place, table)) = self.table::<GroupingTable>("grouping", table) else { return defaults };
        let place = place.replace("[[grouping]]", "[grouping]");
        let quiet_after = self.quiet(&place, "quiet-after", table.quiet_after);
        let steady_after = self.quiet(&place, "steady-after", table.steady_after);
        let grouping = Grouping {
            quiet_after: quiet_after.unwrap_or(defaults.quiet_after),
            steady_after: steady_after.unwrap_or(defaults.steady_after),
            storm_at: table.storm_at.unwrap_or(defaults.storm_at),
        };
        if grouping.steady_after > grouping.quiet_after {
            self.wrong(
                &place,
                "`steady-after` is longer than `quiet-after`: a steady service would not count",
            );
        }
        grouping
    }

    /// How long a fingerprint is to be quiet: as long as the first digest takes, and not for ever.
    fn quiet(&mut self, place: &str, field: &str, text: Option<String>) -> Option<Duration> {
        let text = text?;
        match humantime::parse_duration(&text) {
            Ok(span) if span < FIRST_DIGEST => {
                self.wrong(place, &format!("`{field}` is shorter than 5m, when the first digest is due"));
            }
            Ok(span) if span > LONGEST_QUIET => {
                self.wrong(place, &format!("`{field}` is longer than 6 days"));
            }
            Ok(span) => return Some(span),
            Err(error) => {
                self.wrong(
                    place,
                    &format!("`{field}`: `{text}` is no span of time such as 30m or 2h: {error}"),
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
        let read = |text: &str| Policy::parse(text).map(|policy| policy.grouping);
        let grouping = read("[grouping]\nquiet-after = \"2h\"\nstorm-at = 0").expect("a policy");
        assert_eq!(
            (grouping.quiet_after.as_secs(), grouping.steady_after.as_secs(), grouping.storm_at),
            (7_200, 600, 0)
        );
        for (text, want) in [
            ("quiet-after = \"1m\"", "line 1, [grouping]: `quiet-after` is shorter than 5m"),
            ("quiet-after = \"30d\"", "is longer than 6 days"),
            ("steady-after = \"soon\"", "`steady-after`: `soon` is no span of time"),
            ("steady-after = \"2h\"", "`steady-after` is longer than `quiet-after`"),
            ("storm-at = -1", "`storm-at`: "),
            ("storms = 1", "`storms`: unknown field"),
        ] {
            let errors = read(&format!("[grouping]\n{text}")).expect_err(text).to_string();
            assert!(errors.contains(want), "{text}: {errors}");
        }
    }
}
