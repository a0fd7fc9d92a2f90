//! Reading `[audit]`.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Check;
use crate::policy::audit::AuditPolicy;

/// The longest grace: a state that lasts for a week is told.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// `[audit]` as it is written; each is a span of time.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_field_names, reason = "the names of the keys")]
struct AuditTable {
    /// See [`AuditPolicy::below_desired_after`].
    below_desired_after: Option<String>,
    /// See [`AuditPolicy::task_stuck_after`].
    task_stuck_after: Option<String>,
    /// See [`AuditPolicy::drain_stuck_after`].
    drain_stuck_after: Option<String>,
    /// See [`AuditPolicy::retained_after`].
    retained_after: Option<String>,
    /// See [`AuditPolicy::stale_protection_after`].
    stale_protection_after: Option<String>,
}

impl Check<'_> {
    /// Reads `[audit]`.
    pub(super) fn audit(&mut self, table: Spanned<toml::Value>) -> AuditPolicy {
        let defaults = AuditPolicy::default();
        let Some((place, table)) = self.table::<AuditTable>("audit", table) else { return defaults };
        let place = place.replace("[[audit]]", "[audit]");
        let mut grace = |field: &str, text: Option<String>, default| {
            text.and_then(|text| self.grace(&place, field, &text)).unwrap_or(default)
        };
        AuditPolicy {
            below_desired_after: grace(
                "below-desired-after",
                table.below_desired_after,
                defaults.below_desired_after,
            ),
            task_stuck_after: grace("task-stuck-after", table.task_stuck_after, defaults.task_stuck_after),
            drain_stuck_after: grace(
                "drain-stuck-after",
                table.drain_stuck_after,
                defaults.drain_stuck_after,
            ),
            retained_after: grace("retained-after", table.retained_after, defaults.retained_after),
            stale_protection_after: grace(
                "stale-protection-after",
                table.stale_protection_after,
                defaults.stale_protection_after,
            ),
        }
    }

    /// A span of time of a week at most; `0s` tells at the first look.
    fn grace(&mut self, place: &str, field: &str, text: &str) -> Option<Duration> {
        match humantime::parse_duration(text) {
            Ok(span) if span > LONGEST => self.wrong(place, &format!("`{field}` is longer than 7 days")),
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
    use std::time::Duration;

    use crate::policy::Policy;
    use crate::policy::audit::AuditPolicy;

    #[test]
    fn it_is_read_and_every_error_told() {
        let text = "[audit]\nbelow-desired-after = \"5m\"\nstale-protection-after = \"1day\"";
        let want = AuditPolicy {
            below_desired_after: Duration::from_mins(5),
            stale_protection_after: Duration::from_hours(24),
            ..AuditPolicy::default()
        };
        assert_eq!(Policy::parse(text).map(|policy| policy.audit), Ok(want));
        for (text, want) in [
            ("task-stuck-after = \"soon\"", "line 1, [audit]: `task-stuck-after`: `soon` is no span of time"),
            ("retained-after = \"8days\"", "`retained-after` is longer than 7 days"),
            ("below-desired = \"5m\"", "`below-desired`: unknown field"),
            ("drain-stuck-after = 60", "`drain-stuck-after`: invalid type"),
        ] {
            let errors = Policy::parse(&format!("[audit]\n{text}")).expect_err(text).to_string();
            assert!(errors.contains(want), "{text}: {errors}");
        }
    }
}
