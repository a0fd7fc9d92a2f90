//! Rule: a text that says memory ran out wins over every exit code and stop code.
//!
//! The words stand in a container's `reason`; the task says only `Essential container in task exited`,
//! and the exit code may be 137, 1 or 0 (Docker marks a container whose child was killed while the main
//! process went on).

use crate::judge::{Cause, Finding, Severity, Stop, text::TextClass};

/// High; medium where the container ended with 0, or beside a main container that had done its work.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    let starved = |index: &usize| stop.containers[*index].class == Some(TextClass::OutOfMemory);
    let culprit = (0..stop.containers.len())
        .filter(starved)
        .min_by_key(|index| (stop.is_sidecar(*index), stop.code(*index) == Some(0)));
    let Some(index) = culprit else {
        return (stop.reason == Some(TextClass::OutOfMemory)).then(|| {
            Finding::new(Cause::OutOfMemory, Severity::High, "ran out of memory.").blaming(only(stop))
        });
    };
    let seen = stop.containers[index];
    let name = seen.container.label();
    let finding = if seen.container.exit_code == Some(0) {
        let summary =
            format!("ran short of memory: a process in {name} was killed, yet the container ended with 0.");
        Finding::new(Cause::OutOfMemory, Severity::Medium, summary).yielding()
    } else if is_sidecar(stop, index) {
        Finding::new(
            Cause::OutOfMemory,
            Severity::Medium,
            format!("ran out of memory in its sidecar {name}."),
        )
        .yielding()
    } else {
        Finding::new(Cause::OutOfMemory, Severity::High, format!("ran out of memory in container {name}."))
    };
    Some(finding.blaming(Some(index)))
}

/// Whether the container is known as a sidecar, or the main one ended with 0 beside it.
fn is_sidecar(stop: &Stop<'_>, index: usize) -> bool {
    stop.is_sidecar(index) || stop.is_beside_done_main(index)
}

/// The task's only container, where it has just one.
fn only(stop: &Stop<'_>) -> Option<usize> {
    (stop.containers.len() == 1).then_some(0)
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{found, task, verdict};
    use crate::judge::{Cause, Severity};

    const OOM: &str = "OutOfMemoryError: Container killed due to memory usage";

    #[test]
    fn the_text_wins_whatever_the_codes_say() {
        for (code, exit, want) in [
            ("EssentialContainerExited", Some(137), Severity::High),
            ("EssentialContainerExited", Some(1), Severity::High),
            ("EssentialContainerExited", None, Severity::High),
            ("EssentialContainerExited", Some(0), Severity::Medium),
            ("UserInitiated", Some(137), Severity::High),
            ("ServiceSchedulerInitiated", Some(137), Severity::High),
            ("SomethingNew", Some(137), Severity::High),
        ] {
            let event = task("service:web", code, "", &[("app", exit, OOM)]);
            assert_eq!(found(&event), (Cause::OutOfMemory, want), "{code} {exit:?}");
        }
        let by_task = task("family:job", "EssentialContainerExited", OOM, &[("app", Some(137), "")]);
        assert_eq!(verdict(&by_task).container.as_deref(), Some("app"));
    }

    #[test]
    fn memory_of_a_sidecar_is_worth_a_ticket() {
        let containers = [("fam", Some(0), ""), ("log", Some(137), OOM)];
        assert_eq!(
            found(&task("family:fam", "EssentialContainerExited", "", &containers)),
            (Cause::OutOfMemory, Severity::Medium)
        );
    }

    #[test]
    fn the_container_that_starved_is_to_blame_not_its_siblings() {
        let containers = [("envoy", Some(143), ""), ("app", Some(137), OOM), ("log", Some(0), "")];
        let verdict = verdict(&task("service:web", "EssentialContainerExited", "", &containers));
        assert_eq!((verdict.container.as_deref(), verdict.exit_code), (Some("app"), Some(137)));
    }
}
