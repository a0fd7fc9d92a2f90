//! Findings about what is no task: a service as a whole, a cluster, an instance, a volume.

use super::{Decision, Finding, Severity, Verdict, part, under_policy};
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::redact;

/// What a finding is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About<'a> {
    /// The cluster's name.
    pub cluster: Option<&'a str>,
    /// The service's name.
    pub service: Option<&'a str>,
    /// The family of a job.
    pub family: Option<&'a str>,
    /// What else tells it from others of its cluster and cause: the id of an instance, a volume, a task.
    pub part: Option<&'a str>,
    /// It as the subject of a sentence: `Service web on harbor`, `Instance i-0123456789abcdef0 of harbor`.
    pub in_words: String,
}

/// The verdict a finding comes to, after the policy had its say. `now`: the time mutes are held against. `facts`: the
/// evidence, in order; secrets in texts of others are taken out of it here.
///
/// The fingerprint is cluster / service or family / cause / part / `-`.
#[must_use]
pub fn conclude(
    about: &About<'_>,
    policy: &Policy,
    now: Timestamp,
    finding: Finding,
    facts: Vec<String>,
) -> Verdict {
    let applied = policy.apply_to_names([about.cluster, about.service, about.family]);
    written(about, under_policy(&applied, now, finding), facts)
}

/// A finding as a verdict, as it is.
pub(super) fn written(about: &About<'_>, finding: Finding, facts: Vec<String>) -> Verdict {
    let facts = facts.into_iter().chain(finding.notes);
    let workload = about.service.or(about.family);
    let cause = finding.cause;
    Verdict {
        verdict: if finding.severity == Severity::Info { Decision::Quiet } else { Decision::Alert },
        cause,
        severity: finding.severity,
        container: None,
        exit_code: None,
        summary: redact::string(format!("{} {}", about.in_words, finding.summary)),
        evidence: facts.map(redact::string).collect(),
        next_step: finding.look_at.next_step().into(),
        fingerprint: format!("{}/{}/{cause}/{}/-", part(about.cluster), part(workload), part(about.part)),
    }
}

#[cfg(test)]
mod tests {
    use super::{About, Finding, Policy, Severity, Timestamp, conclude};
    use crate::verdict::Cause;

    #[test]
    fn the_policy_has_the_last_word_and_secrets_go() {
        let policy = Policy::parse("[[rule]]\ncluster = \"harbor\"\nquiet = \"being built\"\n").unwrap();
        let about = |cluster| About {
            cluster: Some(cluster),
            part: Some("vol-1/x"),
            in_words: "Volume vol-1".into(),
            ..About::default()
        };
        let finding = || Finding::new(Cause::BurstBalanceLow, Severity::High, "is at 3 %.");
        let facts = || vec!["reason: password=hunter2".to_owned()];
        let now = Timestamp::from_millis(0);
        let verdict = conclude(&about("quay"), &policy, now, finding(), facts());
        assert!(verdict.is_alert() && !verdict.evidence[0].contains("hunter2"), "{verdict:?}");
        assert_eq!(verdict.fingerprint, "quay/-/burst-balance-low/vol-1_x/-");
        assert_eq!(verdict.summary, "Volume vol-1 is at 3 %.");
        assert!(!conclude(&about("harbor"), &policy, now, finding(), facts()).is_alert());
    }
}
