//! Judging with a background: essential containers, and hosts that were being drained.

use proptest::prelude::*;

use super::{Background, ContainerDefinition, Draining, Host, TaskDefinition};
use crate::event::{TaskStateChange, Timestamp};
use crate::judge::rules::testing::{fresh, task, verdict};
use crate::judge::{Cause, Context, Severity, Verdict, judge};
use crate::policy::Policy;
use Severity::{High, Info, Low, Medium};

const EXITED: &str = "Essential container in task exited";
const GONE: &str = "Host EC2 (instance i-0aa1bb2cc3dd4ee5f) terminated.";
const OOM: &str = "OutOfMemoryError: Container killed due to memory usage";
const SINCE: Timestamp = Timestamp::from_millis(1_795_417_200_000);

/// A container of a table: name, whether it is essential, exit code.
type Row<'a> = (&'a str, Option<bool>, Option<i64>);

fn definition(rows: &[Row<'_>]) -> Background {
    let known = rows.iter().filter_map(|(name, essential, _)| Some((*name, (*essential)?)));
    let containers = known.map(|(name, essential)| ContainerDefinition {
        name: name.to_owned(),
        essential,
        ..ContainerDefinition::default()
    });
    Background::of_definition(TaskDefinition { containers: containers.collect(), memory_mib: None })
}

fn judged(task: &TaskStateChange, background: &Background) -> Verdict {
    judge(task, &Policy::default(), &Context { background: Some(background), ..fresh() })
}

/// Cause, severity and culprit of an essential exit, for a job and for a service; the family is `fam`.
fn both(rows: &[Row<'_>]) -> [(Cause, Severity, String); 2] {
    let containers: Vec<_> = rows.iter().map(|(name, _, code)| (*name, *code, "")).collect();
    ["family:fam", "service:web"].map(|group| {
        let verdict =
            judged(&task(group, "EssentialContainerExited", EXITED, &containers), &definition(rows));
        (verdict.cause, verdict.severity, verdict.container.unwrap_or_default().into())
    })
}

/// Containers, what a job comes to, what a service comes to, who is to blame.
type Case<'a> = (&'a [Row<'a>], (Cause, Severity), (Cause, Severity), &'a str);

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

const BLAME: &[Case<'_>] = &[
    // A sidecar's error beside the clean end of what the task is for.
    (
        &[("app", YES, Some(0)), ("log", NO, Some(1))],
        (Cause::Completed, Low),
        (Cause::UnexpectedCompletion, Low),
        "app",
    ),
    (
        &[("log", NO, Some(139)), ("app", YES, Some(0))],
        (Cause::Completed, Low),
        (Cause::UnexpectedCompletion, Low),
        "app",
    ),
    (
        &[("app", YES, Some(0)), ("log", NO, None)],
        (Cause::Completed, Low),
        (Cause::UnexpectedCompletion, Low),
        "app",
    ),
    // What follows from the end of the essential one does not count.
    (
        &[("app", YES, Some(0)), ("log", NO, Some(143))],
        (Cause::Completed, Info),
        (Cause::UnexpectedCompletion, Low),
        "app",
    ),
    (
        &[("log", NO, Some(137)), ("app", YES, Some(1))],
        (Cause::ApplicationExit, Medium),
        (Cause::ApplicationExit, Medium),
        "app",
    ),
    // A louder sidecar does not hide the culprit.
    (
        &[("log", NO, Some(139)), ("app", YES, Some(1))],
        (Cause::ApplicationExit, Medium),
        (Cause::ApplicationExit, Medium),
        "app",
    ),
    // SIGKILL and SIGTERM of the only essential one are its own end.
    (&[("app", YES, Some(137)), ("log", NO, Some(0))], (Cause::Killed, High), (Cause::Killed, High), "app"),
    (
        &[("app", YES, Some(143)), ("log", NO, Some(1))],
        (Cause::Terminated, Low),
        (Cause::Terminated, Medium),
        "app",
    ),
    (
        &[("app", YES, None), ("log", NO, Some(0))],
        (Cause::ExitUnknown, Medium),
        (Cause::ExitUnknown, Medium),
        "app",
    ),
    // The name says fam, the flags say app: the flags win.
    (
        &[("fam", NO, Some(0)), ("app", YES, Some(1))],
        (Cause::ApplicationExit, Medium),
        (Cause::ApplicationExit, Medium),
        "app",
    ),
    (
        &[("fam", NO, Some(1)), ("app", YES, Some(0))],
        (Cause::Completed, Low),
        (Cause::UnexpectedCompletion, Low),
        "app",
    ),
    (
        &[("fam", NO, Some(137)), ("app", YES, Some(0))],
        (Cause::Completed, Info),
        (Cause::UnexpectedCompletion, Low),
        "app",
    ),
    // An essential log router that fails stops the job: it is no sidecar.
    (
        &[("fam", YES, Some(0)), ("log", YES, Some(1))],
        (Cause::ApplicationExit, Medium),
        (Cause::ApplicationExit, Medium),
        "log",
    ),
    // Of several essential ones the rules for names and codes hold.
    (
        &[("envoy", YES, Some(137)), ("app", YES, Some(0))],
        (Cause::Completed, Info),
        (Cause::UnexpectedCompletion, Low),
        "app",
    ),
    (&[("fam", YES, Some(137)), ("log", YES, Some(0))], (Cause::Killed, High), (Cause::Killed, High), "fam"),
    // ECS added a container that no task definition knows: it may be essential.
    (
        &[("app", YES, Some(143)), ("ecs-service-connect-0a", None, Some(1))],
        (Cause::ApplicationExit, Medium),
        (Cause::ApplicationExit, Medium),
        "ecs-service-connect-0a",
    ),
];

#[test]
fn an_essential_container_is_to_blame() {
    for (rows, job, service, culprit) in BLAME {
        let [of_job, of_service] = both(rows);
        let want = |(cause, severity): (Cause, Severity)| (cause, severity, (*culprit).to_owned());
        assert_eq!((of_job, of_service), (want(*job), want(*service)), "{rows:?}");
    }
}

#[test]
fn the_evidence_says_what_is_essential_and_what_a_sidecar_did() {
    let rows: &[Row<'_>] =
        &[("app", Some(true), Some(0)), ("log", Some(false), Some(3)), ("x", None, Some(143))];
    let containers: Vec<_> = rows.iter().map(|(name, _, code)| (*name, *code, "")).collect();
    let verdict =
        judged(&task("family:fam", "EssentialContainerExited", EXITED, &containers), &definition(rows));
    assert_eq!(
        verdict.evidence[2..],
        [
            "container app: exit code 0 (clean), essential",
            "container log: exit code 3 (an error of the application's own), not essential",
            "container x: exit code 143 (SIGTERM)",
            "log ended with exit code 3 (an error of the application's own); it is not essential, so its end did \
             not stop the task",
        ]
    );
    assert_eq!((verdict.cause, verdict.severity), (Cause::Completed, Low));
}

#[test]
fn memory_of_a_container_that_is_not_essential_is_worth_a_ticket() {
    for (essential, code, want) in [
        (Some(false), Some(137), (Cause::OutOfMemory, Medium)),
        (Some(true), Some(137), (Cause::OutOfMemory, High)),
        (None, Some(137), (Cause::OutOfMemory, High)),
    ] {
        let containers = [("app", Some(143), ""), ("log", code, OOM)];
        let event = task("service:web", "EssentialContainerExited", EXITED, &containers);
        let verdict = judged(&event, &definition(&[("app", Some(true), None), ("log", essential, None)]));
        assert_eq!((verdict.cause, verdict.severity), want, "{essential:?}");
        assert_eq!(verdict.container.as_deref(), Some("log"));
    }
}

#[test]
fn memory_of_a_sidecar_does_not_hide_a_crash_of_what_the_task_is_for() {
    let containers = [("app", Some(139), ""), ("log", Some(137), OOM)];
    let event = task("service:web", "EssentialContainerExited", EXITED, &containers);
    let known = definition(&[("app", Some(true), None), ("log", Some(false), None)]);
    assert_eq!((judged(&event, &known).cause, verdict(&event).cause), (Cause::Crashed, Cause::OutOfMemory));
}

#[test]
fn a_job_whose_essential_container_was_done_before_the_rest_started_completed() {
    let containers = [("app", Some(0), ""), ("log", None, "")];
    let event = task("family:fam", "TaskFailedToStart", "", &containers);
    assert_eq!(verdict(&event).cause, Cause::StartFailure);
    let known = definition(&[("app", Some(true), None), ("log", Some(false), None)]);
    assert_eq!(judged(&event, &known).cause, Cause::Completed);
}

#[test]
fn a_service_that_is_lost_with_a_drained_host_is_quiet_and_a_job_is_not() {
    let ours = Background::of_host(Host { draining: Some(Draining::ByUs(SINCE)) });
    let somebodys = Background::of_host(Host { draining: Some(Draining::BySomebody) });
    let in_service = Background::of_host(Host::default());
    // Stop code, reason, the cause without a drain, the severity of a service without one.
    for (code, reason, cause, alone) in [
        ("TerminationNotice", GONE, Cause::HostTerminated, Medium),
        ("", GONE, Cause::HostTerminated, Medium),
        ("SpotInterruption", "", Cause::SpotInterrupted, Info),
        ("InfrastructureHealth", "", Cause::InfrastructureHealth, Info),
    ] {
        for exit in [None, Some(0), Some(137), Some(143)] {
            let of = |group| task(group, code, reason, &[("app", exit, "")]);
            let (service, job) = (of("service:web"), of("family:fam"));
            for (background, words) in [
                (&ours, "its instance was being drained by ecs-steward since 2026-11-23T07:00:00Z"),
                (&somebodys, "its instance was being drained"),
            ] {
                let verdict = judged(&service, background);
                assert_eq!((verdict.cause, verdict.severity), (Cause::Drained, Info));
                assert_eq!(verdict.evidence.last().map(String::as_str), Some(words), "silence has a reason");
                let verdict = judged(&job, background);
                assert_eq!((verdict.cause, verdict.severity), (cause, Medium), "a job's work is lost");
                assert_eq!(verdict.evidence.last().map(String::as_str), Some(words));
            }
            let verdict = judged(&service, &in_service);
            assert_eq!((verdict.cause, verdict.severity), (cause, alone), "{code} {reason}");
        }
    }
}

#[test]
fn a_drain_hides_no_failure_of_the_application() {
    let ours = Background::of_host(Host { draining: Some(Draining::ByUs(SINCE)) });
    for code in [1, 2, 126, 134, 139, 255] {
        let event = task("service:web", "TerminationNotice", GONE, &[("app", Some(code), "")]);
        let verdict = judged(&event, &ours);
        assert_eq!((verdict.cause, verdict.severity), (Cause::HostTerminated, Medium), "{code}");
    }
    for (code, want) in [
        (1, (Cause::ApplicationExit, Medium)),
        (137, (Cause::Killed, High)),
        (139, (Cause::Crashed, High)),
        (143, (Cause::Terminated, Medium)),
    ] {
        let event = task("service:web", "EssentialContainerExited", EXITED, &[("app", Some(code), "")]);
        let verdict = judged(&event, &ours);
        assert_eq!((verdict.cause, verdict.severity), want, "{code}");
        let note = verdict.evidence.last().expect("a note");
        assert!(note.ends_with("yet ECS had not asked this task to stop"), "{note}");
    }
    for reason in [OOM, "CannotPullContainerError: x", "Task failed ELB health checks in (target-group x)"] {
        let event = task("service:web", "ServiceSchedulerInitiated", reason, &[("app", Some(0), "")]);
        assert_eq!(judged(&event, &ours), verdict(&event), "{reason}");
    }
}

fn rows() -> impl Strategy<Value = Vec<(String, Option<bool>, Option<i64>)>> {
    let code = prop::option::of(prop::sample::select(vec![0, 1, 2, 127, 134, 137, 139, 143, 255]));
    let name = prop::sample::select(vec!["fam", "web", "app", "log"]).prop_map(str::to_owned);
    prop::collection::vec((name, any::<Option<bool>>(), code), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_background_makes_a_failure_quiet(rows in rows(), is_service in any::<bool>()) {
        let containers: Vec<_> = rows.iter().map(|(name, _, code)| (name.as_str(), *code, "")).collect();
        let group = if is_service { "service:web" } else { "family:fam" };
        let event = task(group, "EssentialContainerExited", EXITED, &containers);
        let flags: Vec<Row<'_>> = rows.iter().map(|(name, flag, _)| (name.as_str(), *flag, None)).collect();
        let background = Background {
            host: super::Lookup::Found(Host { draining: Some(Draining::ByUs(SINCE)) }),
            ..definition(&flags)
        };
        let verdict = judged(&event, &background);
        if !verdict.is_alert() {
            prop_assert_eq!(verdict.cause, Cause::Completed);
            prop_assert!(!is_service && verdict.exit_code == Some(0));
            let own = rows.iter().all(|(_, _, code)| matches!(code, Some(0 | 137 | 143)));
            prop_assert!(own, "only what a stop leaves behind stood beside it: {rows:?}");
        }
    }
}
