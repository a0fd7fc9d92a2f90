//! What was judged before: delivery is at least once, and in any order.
//!
//! A container instance's `version` rises with every change, so an older one says nothing any more
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwet_handling.html>). A notice of AWS Health also
//! comes as a backup to a second region.

use super::{Happening, Report};
use crate::judge::{Cause, Finding, Severity};

/// Quiet where this, or something later, was judged before.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let duplicate = |summary: &str| Some(Finding::new(Cause::Duplicate, Severity::Info, summary));
    // Of a container instance that is what its health was, which is not all it says.
    if report.context.was_seen && !matches!(report.happening, Happening::Change(_)) {
        return duplicate("was told of before by the same message.");
    }
    let Happening::Change(change) = report.happening else { return None };
    let (version, last) = change.version.zip(report.context.last_version)?;
    if version > last {
        return None;
    }
    let finding = duplicate("has changed since: this event is older than what is known.")?;
    Some(finding.noting(format!("version {last} was judged before")))
}

#[cfg(test)]
mod tests {
    use crate::event::ContainerInstanceChange;
    use crate::judge::host::testing::{change, context, nothing};
    use crate::judge::host::{Context, Happening, judge};
    use crate::judge::{Cause, Severity};
    use crate::policy::Policy;

    #[test]
    fn an_older_loss_after_a_newer_return_says_nothing() {
        let lost = ContainerInstanceChange { version: Some(7), ..change("ACTIVE", Some(false)) };
        let known = nothing();
        for (last, want) in [
            (None, Cause::AgentDisconnected),
            (Some(6), Cause::AgentDisconnected),
            (Some(7), Cause::Duplicate),
            (Some(8), Cause::Duplicate),
        ] {
            let context = Context { last_version: last, ..context(&known) };
            let verdict = judge(Happening::Change(&lost), &Policy::default(), context);
            assert_eq!(verdict.cause, want, "{last:?}");
            assert_eq!(verdict.severity == Severity::Info, want == Cause::Duplicate);
        }
    }
}
