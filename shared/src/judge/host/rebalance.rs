//! Rebalance recommendations: mostly followed by nothing, so quiet unless a policy raises them.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html>.

use super::{Happening, Report};
use crate::judge::{Cause, Finding, Severity};

/// Recommendations.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let Happening::Rebalance(_) = report.happening else { return None };
    let summary = "may lose its Spot capacity soon: EC2 recommends to replace it.";
    Some(Finding::new(Cause::RebalanceRecommended, Severity::Info, summary))
}

#[cfg(test)]
mod tests {
    use crate::judge::host::testing::{context, known, member, state};
    use crate::judge::host::{Happening, Known, Membership, judge};
    use crate::judge::{Cause, Severity};
    use crate::policy::Policy;

    #[test]
    fn it_is_quiet_and_a_policy_raises_it() {
        let membership = Membership::Member(member("ACTIVE", 1));
        let known = known(Known { membership, ..Known::default() });
        let raised = "[[rule]]\ncluster = 'harbor'\nseverity = { rebalance-recommended = 'low' }";
        for (policy, want) in [("", Severity::Info), (raised, Severity::Low)] {
            let policy = Policy::parse(policy).expect("a policy");
            let verdict = judge(Happening::Rebalance(&state("")), &policy, context(&known));
            assert_eq!((verdict.cause, verdict.severity), (Cause::RebalanceRecommended, want));
        }
    }
}
