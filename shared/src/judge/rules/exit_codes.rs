//! Rule: a container ended by itself; its exit code says how.
//!
//! Which container is essential is not in the event. ECS stops the others after the first has ended, so
//! SIGTERM (143) and SIGKILL (137) beside another container's own end follow from that end. Where the task
//! definition is known, an essential container is to blame, since only its end stops the task.

use crate::event::StopCode;
use crate::event::timestamp::span_in_words;
use crate::judge::exit_code::{self, ExitKind};
use crate::judge::text::TextClass;
use crate::judge::{Cause, Finding, Severity, Stop};

/// Within half a second the two clocks of the sign rule say nothing.
const CLOCKS_AGREE_MILLIS: i64 = 500;

/// For `EssentialContainerExited`, and for a missing stop code whose text or times say the same.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    match stop.stop_code() {
        Some(StopCode::EssentialContainerExited) => Some(judged(stop)),
        None if stop.reason == Some(TextClass::EssentialExit) => Some(judged(stop)),
        None => by_the_clocks(stop),
        Some(
            StopCode::TaskFailedToStart
            | StopCode::UserInitiated
            | StopCode::ServiceSchedulerInitiated
            | StopCode::SpotInterruption
            | StopCode::TerminationNotice
            | StopCode::InfrastructureHealth
            | StopCode::Unknown(_),
        ) => None,
    }
}

/// No stop code and no text: whoever came first by the clocks.
fn by_the_clocks(stop: &Stop<'_>) -> Option<Finding> {
    let lag = stop.task.stop_lag_millis().filter(|lag| lag.abs() >= CLOCKS_AGREE_MILLIS);
    match lag {
        Some(lag) if lag > 0 => None,
        Some(lag) => Some(
            judged(stop)
                .noting(format!("a container ended {} before the stop was asked for", span_in_words(lag))),
        ),
        None => stop.containers.iter().any(|seen| seen.container.exit_code.is_some()).then(|| judged(stop)),
    }
}

/// Finds the container that ended first, as far as the codes tell, and judges its code.
fn judged(stop: &Stop<'_>) -> Finding {
    let main = stop.main();
    let Some(index) = culprit(stop, main) else {
        return Finding::new(
            Cause::ExitUnknown,
            Severity::Medium,
            "ended, and the event holds no container to ask why.",
        );
    };
    let found = with_sidecars(stop, index, own_end(stop, index, main));
    match stop.drained().filter(|_| found.severity > Severity::Info) {
        Some(draining) => found.noting(format!("{draining}, yet ECS had not asked this task to stop")),
        None => found,
    }
}

/// A job whose essential container ended well: what a container did whose end stops nothing is low at most.
fn with_sidecars(stop: &Stop<'_>, culprit: usize, found: Finding) -> Finding {
    if stop.judged_code(culprit) != Some(0) {
        return found;
    }
    let beside = stop.counted().filter(|index| stop.essential(*index) == Some(false));
    beside.fold(found, |mut found, index| {
        let name = stop.containers[index].container.label();
        let note = match stop.judged_code(index) {
            Some(code) if code == 0 || exit_code::follows_from_a_stop(code) => return found,
            Some(code) => format!("ended with exit code {code} ({})", exit_code::in_words(code)),
            None => "reported no exit code".to_owned(),
        };
        found.severity = found.severity.max(Severity::Low);
        found.noting(format!("{name} {note}; it is not essential, so its end did not stop the task"))
    })
}

/// Judges the code of the container that ended first.
fn own_end(stop: &Stop<'_>, index: usize, main: Option<usize>) -> Finding {
    let name = stop.containers[index].container.label();
    let beside_done_job = !stop.is_service && stop.is_beside_done_main(index);
    let (Some(code), Some(raw)) = (stop.judged_code(index), stop.code(index)) else {
        let severity = if beside_done_job { Severity::Low } else { Severity::Medium };
        return Finding::new(
            Cause::ExitUnknown,
            severity,
            format!("ended, and {name} reported no exit code."),
        )
        .blaming(Some(index))
        .noting("a missing exit code is not taken for 0");
    };
    if stop.policy.expects(raw) {
        let summary = format!("completed: exit code {raw} of {name} is expected by policy.");
        return Finding::new(Cause::Completed, Severity::Info, summary).blaming(Some(index));
    }
    let mut severity = exit_code::severity(code, stop.is_service);
    let mut notes = Vec::new();
    if beside_done_job && code != 0 {
        severity = severity.min(Severity::Low);
        notes.push(format!(
            "{} and ended with 0: {name} is taken for a sidecar",
            main.map_or_else(|| "another container is essential".to_owned(), |main| stop.why_main(main))
        ));
    }
    if main == Some(index) && exit_code::follows_from_a_stop(code) && stop.containers.len() > 1 {
        notes.push(format!("{}: its end is not taken for a mere consequence", stop.why_main(index)));
    }
    let found = Finding::new(exit_code::cause(code, stop.is_service), severity, summary(stop, name, code));
    Finding { notes, ..found }.blaming(Some(index))
}

/// The container whose end counts: one that is not known to be no essential one; of these a real error first,
/// then one that reported nothing, then a clean end, and SIGTERM or SIGKILL only where nothing else is left, or
/// where the main container got it.
fn culprit(stop: &Stop<'_>, main: Option<usize>) -> Option<usize> {
    let may_stop_the_task = |index: usize| stop.essential(index) != Some(false);
    let rank = |index: usize| match stop.judged_code(index) {
        Some(code) if !exit_code::follows_from_a_stop(code) && code != 0 => 4,
        Some(code) if code != 0 && main == Some(index) => 3,
        None => 2,
        Some(0) => 1,
        Some(_) => 0,
    };
    let loudness = |index: usize| {
        stop.judged_code(index).map_or(Severity::Medium, |code| exit_code::severity(code, stop.is_service))
    };
    // Of equals the main one, else the first in the event.
    stop.counted().max_by_key(|index| {
        let order = (rank(*index), loudness(*index), main == Some(*index), std::cmp::Reverse(*index));
        (may_stop_the_task(*index), order)
    })
}

/// What happened, with how long the task ran.
fn summary(stop: &Stop<'_>, name: &str, code: i64) -> String {
    let after = stop
        .task
        .ran_for_millis()
        .map(|millis| format!(" after {}", span_in_words(millis)))
        .unwrap_or_default();
    let words = exit_code::in_words(code);
    match exit_code::kind(code) {
        ExitKind::Clean if stop.is_service => {
            format!("ended by itself: {name} returned 0{after}, and a service should not end.")
        }
        ExitKind::Clean => format!("completed: {name} returned 0{after}."),
        ExitKind::Plain => format!("failed: {name} ended with exit code {code} ({words}){after}."),
        ExitKind::NoCommand => {
            format!("could not run its command: {name} ended with {code} ({words}){after}.")
        }
        ExitKind::AskedToStop => {
            format!(
                "was ended from inside: {name} got {words} ({code}){after}, and ECS had asked for nothing."
            )
        }
        ExitKind::Killed => format!(
            "was killed: {name} got SIGKILL ({code}){after}; no stop was asked for and no text says memory."
        ),
        ExitKind::Crash => format!("crashed: {name} ended with {code} ({words}){after}."),
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{found, task, verdict};
    use crate::judge::{Cause, Severity};
    use Severity::{High, Info, Low, Medium};

    /// What `(name, exit code)` pairs are judged as, for a job and for a service.
    fn both(containers: &[(&str, Option<i64>)]) -> [(Cause, Severity); 2] {
        let containers: Vec<_> = containers.iter().map(|(name, code)| (*name, *code, "")).collect();
        let reason = "Essential container in task exited";
        ["family:fam", "service:web"]
            .map(|group| found(&task(group, "EssentialContainerExited", reason, &containers)))
    }

    #[test]
    fn one_container_is_judged_by_its_code() {
        for (code, job, service) in [
            (0, (Cause::Completed, Info), (Cause::UnexpectedCompletion, Low)),
            (1, (Cause::ApplicationExit, Medium), (Cause::ApplicationExit, Medium)),
            (127, (Cause::StartFailure, High), (Cause::StartFailure, High)),
            (137, (Cause::Killed, High), (Cause::Killed, High)),
            (139, (Cause::Crashed, High), (Cause::Crashed, High)),
            (143, (Cause::Terminated, Low), (Cause::Terminated, Medium)),
            (255, (Cause::ApplicationExit, Medium), (Cause::ApplicationExit, High)),
        ] {
            assert_eq!(both(&[("app", Some(code))]), [job, service], "{code}");
        }
        assert_eq!(both(&[("app", None)]), [(Cause::ExitUnknown, Medium); 2]);
        assert_eq!(both(&[]), [(Cause::ExitUnknown, Medium); 2]);
    }

    #[test]
    fn what_follows_from_the_stop_does_not_count() {
        let failed = (Cause::ApplicationExit, Medium);
        assert_eq!(both(&[("app", Some(1)), ("envoy", Some(143))]), [failed; 2]);
        assert_eq!(both(&[("envoy", Some(137)), ("app", Some(1)), ("log", Some(0))]), [failed; 2]);
        let clean = [(Cause::Completed, Info), (Cause::UnexpectedCompletion, Low)];
        assert_eq!(both(&[("app", Some(0)), ("envoy", Some(143))]), clean);
        assert_eq!(both(&[("envoy", Some(137)), ("app", Some(0))]), clean);
    }

    #[test]
    fn a_missing_code_beside_a_clean_one_is_not_a_success() {
        assert_eq!(both(&[("app", None), ("log", Some(0))]), [(Cause::ExitUnknown, Medium); 2]);
        assert_eq!(both(&[("app", None), ("log", Some(143))]), [(Cause::ExitUnknown, Medium); 2]);
        assert_eq!(both(&[("app", None), ("log", Some(3))])[0].0, Cause::ApplicationExit);
    }

    #[test]
    fn the_container_with_the_tasks_name_is_taken_as_the_main_one() {
        let job = |containers: &[(&str, Option<i64>)]| both(containers)[0];
        assert_eq!(
            job(&[("fam", Some(0)), ("log", Some(1))]),
            (Cause::ApplicationExit, Low),
            "a sidecar failed"
        );
        assert_eq!(
            job(&[("fam", Some(1)), ("log", Some(0))]),
            (Cause::ApplicationExit, Medium),
            "the job failed"
        );
        assert_eq!(
            job(&[("fam", Some(143)), ("fam-timeout", Some(0))]),
            (Cause::Terminated, Low),
            "a watchdog ended it"
        );
        assert_eq!(
            job(&[("fam", Some(137)), ("log", Some(0))]),
            (Cause::Killed, High),
            "killed beside a log router"
        );
        assert_eq!(job(&[("fam", Some(0)), ("fam-timeout", Some(143))]), (Cause::Completed, Info));
    }

    #[test]
    fn a_sidecar_beside_a_done_main_container_is_low() {
        let job = |containers: &[(&str, Option<i64>)]| both(containers)[0];
        assert_eq!(job(&[("fam", Some(0)), ("log", None)]), (Cause::ExitUnknown, Low));
        assert_eq!(
            job(&[("fam", Some(0)), ("log", Some(0xC000_013A))]),
            (Cause::Completed, Info),
            "Windows' SIGTERM"
        );
    }

    #[test]
    fn the_worst_and_then_the_first_container_is_to_blame() {
        let containers = [("a", Some(1), ""), ("b", Some(139), ""), ("c", Some(134), "")];
        let verdict = verdict(&task("family:fam", "EssentialContainerExited", "", &containers));
        assert_eq!((verdict.container.as_deref(), verdict.exit_code), (Some("b"), Some(139)));
    }

    #[test]
    fn without_a_stop_code_text_and_clocks_decide() {
        let containers = [("app", Some(143), "")];
        assert_eq!(
            found(&task("service:web", "", "Essential container in task exited", &containers)).0,
            Cause::Terminated
        );
        let mut event = task("service:web", "", "", &containers);
        assert_eq!(found(&event).0, Cause::Terminated, "no times: by the exit code");
        event.stopping_at = Some("2026-05-01T10:00:05Z".into());
        event.execution_stopped_at = Some("2026-05-01T10:00:01Z".into());
        assert_eq!(found(&event).0, Cause::Terminated, "the container came first");
        event.execution_stopped_at = Some("2026-05-01T10:00:35Z".into());
        assert_eq!(found(&event), (Cause::UnknownStopCode, Low), "ECS asked first, nobody says why");
    }
}
