//! Reading `[hosts]`.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Check;
use crate::policy::hosts::Hosts;

/// The shortest grace: what waits is looked at each minute.
const SHORTEST: Duration = Duration::from_mins(1);
/// The longest: after a day an agent that is gone is no news to anybody.
const LONGEST: Duration = Duration::from_hours(24);

/// `[hosts]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct HostsTable {
    /// A span of time.
    agent_grace: Option<String>,
}

impl Check<'_> {
    /// Reads `[hosts]`.
    pub(super) fn hosts(&mut self, table: Spanned<toml::Value>) -> Hosts {
        let defaults = Hosts::default();
        let Some((place, table)) = self.table::<HostsTable>("hosts", table) else { return defaults };
        let place = place.replace("[[hosts]]", "[hosts]");
        let Some(text) = table.agent_grace else { return defaults };
        match humantime::parse_duration(&text) {
            Ok(span) if span < SHORTEST => {
                self.wrong(&place, "`agent-grace` is shorter than 1m, which is how often it is looked at");
            }
            Ok(span) if span > LONGEST => self.wrong(&place, "`agent-grace` is longer than 24h"),
            Ok(agent_grace) => return Hosts { agent_grace },
            Err(error) => {
                let problem = format!("`agent-grace`: `{text}` is no span of time such as 5m or 1h: {error}");
                self.wrong(&place, &problem);
            }
        }
        defaults
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    #[test]
    fn it_is_read_and_every_error_told() {
        let read = |text: &str| Policy::parse(text).map(|policy| policy.hosts.agent_grace.as_secs());
        assert_eq!(read(""), Ok(300));
        assert_eq!(read("[hosts]\nagent-grace = \"10m\""), Ok(600));
        for (text, want) in [
            ("agent-grace = \"10s\"", "line 1, [hosts]: `agent-grace` is shorter than 1m"),
            ("agent-grace = \"2d\"", "is longer than 24h"),
            ("agent-grace = \"soon\"", "`agent-grace`: `soon` is no span of time"),
            ("agents = 1", "`agents`: unknown field"),
        ] {
            let errors = read(&format!("[hosts]\n{text}")).expect_err(text).to_string();
            assert!(errors.contains(want), "{text}: {errors}");
        }
    }
}
