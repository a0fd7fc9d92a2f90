//! An EC2 instance that ends: who ends it?
//!
//! The event has an id and a state, no more. It is judged where the end begins, with `stopping` and `shutting-down`:
//! then ECS still has the container instance, and Auto Scaling says `Terminating` of what it ends itself, and
//! `InService` of what somebody else does. With `stopped` and `terminated` that is lost, and nothing new is said.
//! Sources: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html>,
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html>.

use super::{Happening, Keeper, Known, Membership, Report};
use crate::judge::{Cause, Finding, Severity};

/// Older than this, the event says nothing of what Auto Scaling did when it was new: what it ended is in no group any
/// more. Two minutes.
const LATE_MILLIS: i64 = 120_000;

/// Instances that end.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let Happening::State(state) = report.happening else { return None };
    let word = state.word();
    match word.as_str() {
        "pending" | "running" => None,
        "stopped" | "terminated" => Some(quiet(&format!("is {word}, which was judged when it began."))),
        "stopping" => Some(ends(report, "is being stopped", true)),
        "shutting-down" => Some(ends(report, "is being terminated", false)),
        _ if is_elsewhere(report) => None,
        _ => {
            let word = if word.is_empty() { "none" } else { &word };
            let summary = format!("is in a state this version does not know: {word}.");
            Some(Finding::new(Cause::HostTerminated, Severity::Low, summary))
        }
    }
}

/// An end that begins.
fn ends(report: &Report<'_>, how: &str, is_stop: bool) -> Finding {
    let unknown = Known::default();
    let known = report.known().unwrap_or(&unknown);
    let by_auto_scaling = if is_stop { known.is_warm() } else { known.is_scaled_in() };
    if by_auto_scaling {
        return quiet(&format!("{how} by Auto Scaling."));
    }
    if known.is_interrupted {
        return quiet(&format!("{how}: its Spot interruption was announced."));
    }
    let member = match &known.membership {
        Membership::Nowhere => return quiet(&format!("{how}, and is in no cluster.")),
        Membership::Unknown(_) => {
            let summary = format!("{how}, and nobody knows whether it is a container instance.");
            return Finding::new(Cause::HostTerminated, Severity::Low, summary);
        }
        Membership::Member(member) => member,
    };
    let tasks = match member.tasks {
        1 => "1 task".to_owned(),
        many => format!("{many} tasks"),
    };
    match (member.status.as_str(), member.tasks) {
        ("ACTIVE", _) => {}
        ("DRAINING", 0) => return quiet(&format!("{how}, drained before.")),
        ("DRAINING", _) => {
            let summary = format!("{how} while it drains, with {tasks} left.");
            return Finding::new(Cause::HostTerminated, Severity::Low, summary);
        }
        _ => return quiet(&format!("{how}, and has left its cluster.")),
    }
    let is_late = report.context.age_millis.is_some_and(|age| age > LATE_MILLIS);
    match &known.keeper {
        Keeper::Unknown(_) => {
            let summary = format!("{how} with {tasks}, and nobody knows whether by Auto Scaling.");
            Finding::new(Cause::HostTerminated, Severity::Low, summary)
        }
        Keeper::Nobody if is_late => {
            let summary = format!("{how} with {tasks}; it is too late to say whether by Auto Scaling.");
            Finding::new(Cause::HostTerminated, Severity::Low, summary)
        }
        Keeper::Nobody | Keeper::Group { .. } => {
            let summary = format!("{how} with {tasks}, and not by Auto Scaling: nothing drained it.");
            Finding::new(Cause::HostTerminated, Severity::Medium, summary)
        }
    }
}

/// Whether it is known to be no container instance.
fn is_elsewhere(report: &Report<'_>) -> bool {
    report.known().is_some_and(|known| known.membership == Membership::Nowhere)
}

/// An end nobody needs to hear of.
fn quiet(summary: &str) -> Finding {
    Finding::new(Cause::HostTerminated, Severity::Info, summary)
}

#[cfg(test)]
mod tests {
    use crate::judge::host::testing::{context, known, member, nothing, state, verdict};
    use crate::judge::host::{Context, Happening, Keeper, Known, Membership, judge};
    use crate::judge::{Cause, Severity};
    use crate::policy::Policy;

    fn group(state: &str) -> Keeper {
        Keeper::Group { name: "asg".into(), state: state.into() }
    }

    #[test]
    fn only_what_somebody_else_ends_is_a_ticket() {
        let active = || Membership::Member(member("ACTIVE", 3));
        let draining = |tasks| Membership::Member(member("DRAINING", tasks));
        for (word, membership, keeper, want) in [
            ("stopping", active(), group("InService"), Severity::Medium),
            ("shutting-down", active(), group("InService"), Severity::Medium),
            ("shutting-down", active(), Keeper::Nobody, Severity::Medium),
            ("stopping", active(), group("Terminating"), Severity::Medium),
            ("shutting-down", active(), group("Terminating:Proceed"), Severity::Info),
            ("shutting-down", active(), group("Warmed:Terminating"), Severity::Info),
            ("stopping", active(), group("Warmed:Pending"), Severity::Info),
            ("stopping", draining(0), group("InService"), Severity::Info),
            ("shutting-down", draining(0), Keeper::Nobody, Severity::Info),
            ("shutting-down", draining(2), Keeper::Nobody, Severity::Low),
            ("shutting-down", Membership::Member(member("DEREGISTERING", 2)), Keeper::Nobody, Severity::Info),
            ("stopping", Membership::Nowhere, Keeper::Nobody, Severity::Info),
            ("stopping", Membership::Nowhere, Keeper::default(), Severity::Info),
            ("stopping", Membership::default(), Keeper::Nobody, Severity::Low),
            ("shutting-down", active(), Keeper::default(), Severity::Low),
            ("stopped", active(), group("InService"), Severity::Info),
            ("terminated", active(), Keeper::Nobody, Severity::Info),
            ("of-the-future", active(), group("InService"), Severity::Low),
        ] {
            let known = known(Known { membership, keeper, is_interrupted: false });
            let verdict = verdict(Happening::State(&state(word)), &known);
            assert_eq!((verdict.cause, verdict.severity), (Cause::HostTerminated, want), "{word} {known:?}");
        }
    }

    #[test]
    fn a_spot_instance_was_told_of_and_what_runs_is_no_news() {
        let membership = Membership::Member(member("ACTIVE", 3));
        let known = known(Known { membership, keeper: Keeper::Nobody, is_interrupted: true });
        assert_eq!(verdict(Happening::State(&state("shutting-down")), &known).severity, Severity::Info);
        for word in ["pending", "running", "RUNNING"] {
            let verdict = verdict(Happening::State(&state(word)), &nothing());
            assert_eq!((verdict.cause, verdict.severity), (Cause::Steady, Severity::Info), "{word}");
        }
    }

    #[test]
    fn what_comes_late_is_not_blamed_on_anybody() {
        let membership = Membership::Member(member("ACTIVE", 1));
        let known = known(Known { membership, keeper: Keeper::Nobody, is_interrupted: false });
        for (age, want) in [(5_000, Severity::Medium), (600_000, Severity::Low)] {
            let context = Context { age_millis: Some(age), ..context(&known) };
            let verdict = judge(Happening::State(&state("shutting-down")), &Policy::default(), context);
            assert_eq!(verdict.severity, want, "{age}");
        }
    }

    #[test]
    fn what_nobody_can_place_is_one_incident() {
        let verdict = verdict(Happening::State(&state("stopping")), &nothing());
        assert_eq!(verdict.fingerprint, "-/-/host-terminated/-/-");
    }
}
