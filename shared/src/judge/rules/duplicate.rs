//! Rule: EventBridge delivers at least once and in no order; a version judged before is not judged again.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwet_handling.html>: events that
//! share `detail.version` are one event, and the version rises with each change.

use crate::judge::{Cause, Finding, Severity, Stop};

/// Quiet where the event's version is not above the last one judged. Without a version it is judged again.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    let (version, last) = (stop.task.version?, stop.context.last_version?);
    (version <= last).then(|| {
        Finding::new(Cause::Duplicate, Severity::Info, "was judged before.")
            .noting(format!("version {version} of the task; version {last} was judged before"))
    })
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{fresh, task};
    use crate::judge::{Cause, Context, judge};
    use crate::policy::Policy;

    #[test]
    fn an_equal_or_older_version_is_a_duplicate() {
        let mut event = task("service:web", "EssentialContainerExited", "", &[("app", Some(1), "")]);
        for (version, last, want) in [
            (Some(5), Some(5), Cause::Duplicate),
            (Some(4), Some(5), Cause::Duplicate),
            (Some(6), Some(5), Cause::ApplicationExit),
            (Some(5), None, Cause::ApplicationExit),
            (None, Some(5), Cause::ApplicationExit),
        ] {
            event.version = version;
            let context = Context { last_version: last, ..fresh() };
            assert_eq!(judge(&event, &Policy::default(), &context).cause, want, "{version:?} after {last:?}");
        }
    }
}
