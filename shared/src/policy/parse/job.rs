//! Reading `[[job]]`.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Check;
use crate::policy::job::{JobRule, LONGEST};

/// The shortest time that a tick a minute can tell from another.
const SHORTEST: Duration = Duration::from_mins(1);

/// A `[[job]]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct JobTable {
    /// The cluster's name.
    cluster: Option<String>,
    /// The task definition's family.
    family: Option<String>,
    /// A span of time.
    succeeds_every: Option<String>,
    /// A span of time.
    runs_at_most: Option<String>,
}

impl Check<'_> {
    /// Reads a `[[job]]`.
    pub(super) fn job(&mut self, table: Spanned<toml::Value>) -> Option<JobRule> {
        let (place, table) = self.table::<JobTable>("job", table)?;
        let before = self.errors.len();
        let cluster = self.job_name(&place, "cluster", table.cluster);
        let family = self.job_name(&place, "family", table.family);
        let succeeds_every = self.job_span(&place, "succeeds-every", table.succeeds_every);
        let runs_at_most = self.job_span(&place, "runs-at-most", table.runs_at_most);
        if succeeds_every.is_none() && runs_at_most.is_none() && self.errors.len() == before {
            self.wrong(&place, "says nothing: give succeeds-every, runs-at-most or both");
        }
        Some(JobRule { cluster: cluster?, family: family?, succeeds_every, runs_at_most })
    }

    /// A name that is to be given whole.
    fn job_name(&mut self, place: &str, field: &str, name: Option<String>) -> Option<String> {
        match name.map(|name| name.trim().to_owned()) {
            None => self.wrong(place, &format!("needs a `{field}`")),
            Some(name) if name.is_empty() => self.wrong(place, &format!("`{field}` is empty")),
            Some(name) if name.contains(['*', '?']) => {
                self.wrong(
                    place,
                    &format!("`{field}` is a name and no pattern: a job that never ran fits none"),
                );
            }
            Some(name) => return Some(name),
        }
        None
    }

    /// A span from a minute to five weeks.
    fn job_span(&mut self, place: &str, field: &str, text: Option<String>) -> Option<Duration> {
        let text = text?;
        match humantime::parse_duration(&text) {
            Ok(span) if span < SHORTEST => self.wrong(place, &format!("`{field}` is shorter than a minute")),
            Ok(span) if span > LONGEST => self.wrong(place, &format!("`{field}` is longer than 35 days")),
            Ok(span) => return Some(span),
            Err(error) => {
                self.wrong(place, &format!("`{field}`: `{text}` is no span of time such as 26h: {error}"));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::policy::Policy;

    #[test]
    fn the_last_that_is_said_of_a_job_holds() {
        let text = "[[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nsucceeds-every = \"26h\"\n\
            [[job]]\ncluster = \"quay\"\nfamily = \"nightly\"\nruns-at-most = \"90m\"\n\
            [[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nsucceeds-every = \"2h\"\nruns-at-most = \"1h\"\n";
        let policy = Policy::parse(text).unwrap();
        let spans =
            |cluster| policy.job(cluster, "nightly").map(|job| (job.succeeds_every, job.runs_at_most));
        let hours = |hours| Some(Duration::from_hours(hours));
        assert_eq!(spans("harbor"), Some((hours(2), hours(1))));
        assert_eq!(spans("quay"), Some((None, Some(Duration::from_mins(90)))));
        assert_eq!((spans("pier"), policy.jobs_in("harbor").count()), (None, 1));
    }

    #[test]
    fn every_error_is_named_at_once() {
        let text = "[[job]]\nfamily = \"nightly-*\"\nsucceeds-every = \"soon\"\n\
            [[job]]\ncluster = \"harbor\"\nfamily = \"a\"\n\
            [[job]]\ncluster = \" \"\nfamily = \"b\"\nruns-at-most = \"5s\"\nsucceeds-every = \"60days\"\nevery = 1\n";
        let lines = Policy::parse(text).expect_err("it is full of errors").lines().join("\n");
        for want in [
            "line 1, [[job]]: needs a `cluster`",
            "`family` is a name and no pattern",
            "`succeeds-every`: `soon` is no span of time such as 26h",
            "line 4, [[job]]: says nothing: give succeeds-every, runs-at-most or both",
            "line 7, [[job]]: `cluster` is empty",
            "`runs-at-most` is shorter than a minute",
            "`succeeds-every` is longer than 35 days",
            "`every`: unknown field",
        ] {
            assert!(lines.contains(want), "{want} is missing in:\n{lines}");
        }
    }
}
