//! Spot capacity that is taken back: `instance-drain` acts on it, so people need not.
//!
//! An instance that is terminated or stopped has two minutes; one that is hibernated has none.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>.

use super::{Happening, Membership, Report};
use crate::judge::{Cause, Finding, Severity};

/// Interruption warnings.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let Happening::Spot(warning) = report.happening else { return None };
    let found = |severity, summary: &str| Some(Finding::new(Cause::SpotInterrupted, severity, summary));
    if report.instance().is_none() {
        return found(Severity::Low, "is interrupted, and nothing says which: nobody drains it.");
    }
    if report.known().is_some_and(|known| known.membership == Membership::Nowhere) {
        return found(Severity::Info, "is interrupted, and is in no cluster.");
    }
    match warning.instance_action.as_deref().unwrap_or_default().trim() {
        "terminate" => {
            found(Severity::Info, "is terminated in two minutes: its Spot capacity is taken back.")
        }
        "stop" => found(Severity::Low, "is stopped in two minutes: its Spot capacity is taken back."),
        "hibernate" => found(Severity::Low, "is hibernated now: its Spot capacity is taken back."),
        _ => found(Severity::Low, "is interrupted, and nothing says how: its Spot capacity is taken back."),
    }
}

#[cfg(test)]
mod tests {
    use crate::event::SpotWarning;
    use crate::judge::host::testing::{INSTANCE, known, nothing, verdict};
    use crate::judge::host::{Happening, Known, Membership};
    use crate::judge::{Cause, Severity};

    fn warning(id: Option<&str>, action: Option<&str>) -> SpotWarning {
        SpotWarning { instance_id: id.map(Into::into), instance_action: action.map(Into::into) }
    }

    #[test]
    fn what_a_drain_sees_off_is_quiet_and_the_rest_is_for_a_digest() {
        for (id, action, want) in [
            (Some(INSTANCE), Some("terminate"), Severity::Info),
            (Some(INSTANCE), Some("stop"), Severity::Low),
            (Some(INSTANCE), Some("hibernate"), Severity::Low),
            (Some(INSTANCE), Some("of-the-future"), Severity::Low),
            (Some(INSTANCE), None, Severity::Low),
            (None, Some("terminate"), Severity::Low),
        ] {
            let verdict = verdict(Happening::Spot(&warning(id, action)), &nothing());
            assert_eq!(
                (verdict.cause, verdict.severity),
                (Cause::SpotInterrupted, want),
                "{id:?} {action:?}"
            );
        }
        let elsewhere = known(Known { membership: Membership::Nowhere, ..Known::default() });
        let verdict = verdict(Happening::Spot(&warning(Some(INSTANCE), Some("stop"))), &elsewhere);
        assert_eq!(verdict.severity, Severity::Info, "not a container instance");
    }
}
