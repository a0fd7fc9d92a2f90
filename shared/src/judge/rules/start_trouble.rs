//! Rule: the task or a container could not start, or the runtime under it failed.
//!
//! The text gives the category: the task's own reason first, a container's where that one is general.

use crate::event::StopCode;
use crate::judge::text::{self, StartTrouble, TextClass};
use crate::judge::{Cause, Finding, Severity, Stop};

/// By the text; by stopCode `TaskFailedToStart` where no text says more.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    let failed = stop.stop_code() == Some(&StopCode::TaskFailedToStart);
    let of_task = trouble(stop.reason).filter(|trouble| *trouble != StartTrouble::Unspecified);
    let of_container = (0..stop.containers.len())
        .filter_map(|index| Some((index, trouble(stop.containers[index].class)?)))
        .min_by_key(|(index, _)| stop.is_sidecar(*index));
    if let Some(trouble) = of_task {
        let same = of_container.filter(|(_, other)| *other == trouble).map(|(index, _)| index);
        return Some(
            finding(stop, trouble, trouble.severity(), stop.task.stopped_reason.as_deref()).blaming(same),
        );
    }
    if let Some((index, trouble)) = of_container {
        let reason = stop.containers[index].container.reason.as_deref();
        let found = finding(stop, trouble, trouble.severity(), reason).blaming(Some(index));
        // What the runtime says of one container may follow from what another did.
        return Some(if trouble == StartTrouble::Runtime { found.yielding() } else { found });
    }
    if failed {
        return Some(failed_without_a_word(stop));
    }
    trouble(stop.reason).map(|trouble| finding(stop, trouble, trouble.severity(), None))
}

/// The trouble a class stands for.
const fn trouble(class: Option<TextClass>) -> Option<StartTrouble> {
    if let Some(TextClass::Start(trouble)) = class { Some(trouble) } else { None }
}

/// The finding for one kind of trouble.
fn finding(stop: &Stop<'_>, trouble: StartTrouble, severity: Severity, reason: Option<&str>) -> Finding {
    let verb = if stop.task.started_at.is_some() { "stopped" } else { "did not start" };
    let found = Finding::new(trouble.cause(), severity, format!("{verb}: {}.", trouble.in_words()));
    match reason.filter(|_| trouble == StartTrouble::ImagePull) {
        Some(reason) => found.noting(format!("pull: {}", text::image_trouble(reason))),
        None => found,
    }
}

/// `TaskFailedToStart`, and nothing says why.
fn failed_without_a_word(stop: &Stop<'_>) -> Finding {
    let main_done = stop.main().filter(|index| stop.judged_code(*index) == Some(0));
    let none_failed = stop.counted().all(|index| matches!(stop.judged_code(index), None | Some(0)));
    if let (false, true, Some(index)) = (stop.is_service, none_failed, main_done) {
        let name = stop.containers[index].container.label();
        return Finding::new(
            Cause::Completed,
            Severity::Info,
            format!("completed: {name} ended with 0 before the rest had started."),
        )
        .blaming(Some(index))
        .noting(if stop.essential(index) == Some(true) {
            format!("{name} is essential: taken as the main container")
        } else {
            format!("{name} carries the family's name: taken as the main container")
        });
    }
    let severity = if stop.is_service { Severity::High } else { Severity::Medium };
    let worst = stop.counted().find(|index| stop.judged_code(*index).is_some_and(|code| code != 0));
    Finding::new(Cause::StartFailure, severity, "failed to start, and no text says why.")
        .blaming(worst)
        .noting("TaskFailedToStart without a reason that names the trouble")
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{found, task, verdict};
    use crate::judge::{Cause, Severity};
    use Severity::{High, Info, Medium};

    #[test]
    fn the_text_gives_the_category() {
        for (reason, container_reason, want) in [
            ("CannotPullContainerError: pull access denied", "", (Cause::ImagePull, High)),
            ("Task failed to start", "CannotPullContainerError: manifest unknown", (Cause::ImagePull, High)),
            (
                "Essential container in task exited",
                "CannotStartContainerError: exec",
                (Cause::StartFailure, High),
            ),
            (
                "ResourceInitializationError: unable to pull secrets",
                "",
                (Cause::ResourceInitialization, High),
            ),
            ("TaskFailedToStart: RESOURCE:GPU", "", (Cause::Capacity, Medium)),
            ("Timeout waiting for network interface provisioning to complete.", "", (Cause::Network, Medium)),
            ("CannotCreateVolumeError: x", "", (Cause::Storage, High)),
            ("DockerTimeoutError: Could not transition to started", "", (Cause::ContainerRuntime, Medium)),
            ("TaskDependencyError", "", (Cause::Dependency, High)),
        ] {
            for group in ["service:web", "family:job"] {
                let event = task(group, "TaskFailedToStart", reason, &[("app", None, container_reason)]);
                assert_eq!(found(&event), want, "{group} {reason} {container_reason}");
            }
        }
    }

    #[test]
    fn without_a_text_a_service_pages_and_a_job_does_not() {
        for reason in ["", "Task failed to start", "never seen before"] {
            let containers = [("app", None, "")];
            assert_eq!(
                found(&task("service:web", "TaskFailedToStart", reason, &containers)),
                (Cause::StartFailure, High)
            );
            assert_eq!(
                found(&task("family:job", "TaskFailedToStart", reason, &containers)),
                (Cause::StartFailure, Medium)
            );
        }
        assert_eq!(
            found(&task("family:job", "", "Task failed to start", &[])),
            (Cause::StartFailure, Medium)
        );
    }

    #[test]
    fn a_job_whose_main_container_was_done_before_the_rest_started_completed() {
        let done = [("fam", Some(0), ""), ("log", None, "")];
        assert_eq!(found(&task("family:fam", "TaskFailedToStart", "", &done)), (Cause::Completed, Info));
        assert_eq!(found(&task("service:web", "TaskFailedToStart", "", &done)), (Cause::StartFailure, High));
        let other = [("fam", None, ""), ("log", Some(0), "")];
        assert_eq!(
            found(&task("family:fam", "TaskFailedToStart", "", &other)),
            (Cause::StartFailure, Medium)
        );
    }

    #[test]
    fn the_runtimes_word_on_a_sidecar_does_not_hide_a_crash_or_a_failed_check() {
        let containers = [("web", Some(139), ""), ("envoy", None, "CannotStopContainerError: timeout")];
        assert_eq!(
            found(&task("service:web", "EssentialContainerExited", "", &containers)),
            (Cause::Crashed, High)
        );
        let stuck = [("web", None, "DockerTimeoutError: Could not transition to stopped")];
        let check = "Task failed ELB health checks in (target-group x)";
        assert_eq!(
            found(&task("service:web", "ServiceSchedulerInitiated", check, &stuck)),
            (Cause::HealthCheck, High)
        );
        let both = [("log", Some(0), "OutOfMemoryError: x"), stuck[0]];
        assert_eq!(
            found(&task("service:web", "ServiceSchedulerInitiated", check, &both)),
            (Cause::HealthCheck, High)
        );
        let scaling = "Scaling activity initiated by (deployment ecs-svc/1)";
        assert_eq!(
            found(&task("service:web", "ServiceSchedulerInitiated", scaling, &stuck)),
            (Cause::ContainerRuntime, Medium)
        );
    }

    #[test]
    fn the_reader_gets_a_hint_on_the_pull() {
        let event =
            task("service:web", "TaskFailedToStart", "CannotPullContainerError: toomanyrequests", &[]);
        assert!(verdict(&event).evidence.last().expect("a note").contains("limits the rate"));
    }
}
