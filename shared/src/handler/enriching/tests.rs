//! Enrichment over ports in memory: what is asked, what is told, and what is missing.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::FutureExt as _;

use super::Enriching;
use crate::alert::Details;
use crate::alert::deployment::{Deployment, DeploymentStatus, Relation, RolloutState};
use crate::alert::log_lines::LogStream;
use crate::drain::container_instance::{ContainerInstance, Status};
use crate::event::{TaskStateChange, Timestamp};
use crate::judge::background::{
    AwsLogs, Background, ContainerDefinition, Draining, Host, Lookup, TaskDefinition,
};
use crate::judge::rules::testing::{fresh, task, verdict};
use crate::judge::{Cause, Context, Severity, judge};
use crate::policy::Policy;
use crate::ports::facts::{LogEvent, LogTail, MemoryOf, MemoryPeak};
use crate::ports::{ApiError, Clock, TaskFacts};

const EXITED: &str = "Essential container in task exited";
const GONE: &str = "Host EC2 (instance i-0aa1bb2cc3dd4ee5f) terminated.";
const BUDGET: Duration = Duration::from_secs(2);
const UNTIL: Timestamp = Timestamp::from_millis(2_000);

/// AWS in memory: what fails, and what was asked, with the time it was given.
#[derive(Default)]
struct Fake {
    failing: Vec<&'static str>,
    calls: Mutex<Vec<(&'static str, Duration)>>,
    /// What each call takes of the clock.
    takes: Duration,
    /// Milliseconds of the clock.
    now: Mutex<i64>,
}

impl Fake {
    fn failing(failing: &[&'static str]) -> Self {
        Self { failing: failing.to_vec(), ..Self::default() }
    }

    fn call(&self, name: &'static str, within: Duration) -> Result<(), ApiError> {
        self.calls.lock().unwrap().push((name, within));
        *self.now.lock().unwrap() += i64::try_from(self.takes.min(within).as_millis()).unwrap();
        if self.takes > within {
            return Err(ApiError::Unavailable("no answer in time".into()));
        }
        if self.failing.contains(&name) { Err(ApiError::Throttled("Rate exceeded".into())) } else { Ok(()) }
    }

    fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls.lock().unwrap()).into_iter().map(|(name, _)| name).collect()
    }
}

impl Clock for &Fake {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(*self.now.lock().unwrap())
    }
}

fn definition() -> TaskDefinition {
    let container = |name: &str, essential| ContainerDefinition {
        name: name.into(),
        essential,
        memory_mib: Some(512),
        image: Some(format!("{name}:1")),
        log_driver: Some("awslogs".into()),
        logs: Some(AwsLogs { group: "/ecs/web".into(), region: None, stream_prefix: Some("web".into()) }),
    };
    TaskDefinition {
        containers: vec![container("app", true), container("log", false)],
        memory_mib: Some(1024),
    }
}

impl TaskFacts for &Fake {
    async fn task_definition(&self, _arn: &str, within: Duration) -> Result<TaskDefinition, ApiError> {
        self.call("definition", within).map(|()| definition())
    }

    async fn host(
        &self,
        _cluster: &str,
        arn: &str,
        within: Duration,
    ) -> Result<Option<ContainerInstance>, ApiError> {
        self.call("host", within).map(|()| {
            Some(ContainerInstance {
                arn: arn.into(),
                ec2_instance_id: None,
                status: Status::Draining,
                agent_connected: false,
                running_tasks_count: 0,
                pending_tasks_count: 0,
                attributes: Vec::new(),
            })
        })
    }

    async fn deployments(
        &self,
        _cluster: &str,
        _service: &str,
        within: Duration,
    ) -> Result<Vec<Deployment>, ApiError> {
        self.call("deployments", within).map(|()| {
            vec![Deployment {
                id: "ecs-svc/7".into(),
                status: DeploymentStatus::Primary,
                rollout: Some(RolloutState::InProgress),
                failed_tasks: 2,
                ..Deployment::default()
            }]
        })
    }

    async fn last_log_lines(
        &self,
        stream: &LogStream,
        limit: usize,
        within: Duration,
    ) -> Result<LogTail, ApiError> {
        assert_eq!((stream.stream.as_str(), limit), ("web/app/0a1b2c", 20));
        self.call("logs", within)
            .map(|()| LogTail::Events(vec![LogEvent { at: None, message: "panic\n".into() }]))
    }

    async fn memory_peak(&self, of: MemoryOf<'_>, within: Duration) -> Result<MemoryPeak, ApiError> {
        assert_eq!((of.cluster, of.family), ("harbor", Some("fam")));
        assert_eq!(of.until.millis_since(of.from), 61 * 60_000);
        self.call("memory", within).map(|()| MemoryPeak { percent: Some(97), mib: None })
    }
}

fn enriching(fake: &Fake) -> Enriching<&Fake, &Fake> {
    Enriching::new(fake, fake, BUDGET)
}

/// A task of the service `web` on EC2.
fn stopped(code: &str, reason: &str, containers: &[(&str, Option<i64>, &str)]) -> TaskStateChange {
    TaskStateChange {
        started_by: Some("ecs-svc/7".into()),
        container_instance_arn: Some("arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/a".into()),
        ..task("service:web", code, reason, containers)
    }
}

fn killed() -> TaskStateChange {
    stopped("EssentialContainerExited", EXITED, &[("app", Some(137), ""), ("log", Some(143), "")])
}

fn background(enriching: &Enriching<&Fake, &Fake>, task: &TaskStateChange) -> Background {
    enriching.background(task, &verdict(task), UNTIL).now_or_never().expect("ports that answer at once")
}

fn details(enriching: &Enriching<&Fake, &Fake>, task: &TaskStateChange, known: &Background) -> Details {
    let verdict = judge(task, &Policy::default(), &Context { background: Some(known), ..fresh() });
    let details = enriching.details(task, &verdict, known, UNTIL);
    details.now_or_never().expect("ports that answer at once")
}

#[test]
fn a_killed_task_gets_every_part() {
    let fake = Fake::default();
    let enriching = enriching(&fake);
    let known = background(&enriching, &killed());
    assert_eq!(fake.asked(), ["definition"]);
    let found = details(&enriching, &killed(), &known);
    let mut asked = fake.asked();
    asked.sort_unstable();
    assert_eq!(asked, ["deployments", "logs", "memory"], "the definition is known");
    assert_eq!(found.log_lines.iter().map(crate::alert::LogLine::text).collect::<Vec<_>>(), ["panic"]);
    assert_eq!(found.log_stream.map(|log| log.region), Some(Some("eu-west-1".to_owned())));
    assert_eq!((found.image.as_deref(), found.revision.as_deref()), (Some("app:1"), Some("fam:7")));
    assert_eq!(
        found.deployment.map(|note| (note.relation, note.failed_tasks)),
        Some((Relation::NewTask, Some(2)))
    );
    assert_eq!(
        found.memory.in_words().as_deref(),
        Some(
            "container limit 512 MiB, task limit 1024 MiB; peak in the hour before: 97 % of the service's reservation"
        )
    );
    assert_eq!(found.missing, [] as [&str; 0]);
}

#[test]
fn one_part_that_fails_leaves_the_others() {
    for (failing, missing) in [
        ("logs", "log lines: logs:GetLogEvents was throttled"),
        ("deployments", "deployment: ecs:DescribeServices was throttled"),
        ("memory", "memory peak: cloudwatch:GetMetricData was throttled"),
        ("definition", "task definition: ecs:DescribeTaskDefinition was throttled"),
    ] {
        let fake = Fake::failing(&[failing]);
        let enriching = enriching(&fake);
        let known = background(&enriching, &killed());
        let found = details(&enriching, &killed(), &known);
        assert_eq!(found.missing, [missing]);
        assert_eq!(found.log_lines.is_empty(), matches!(failing, "logs" | "definition"), "{failing}");
        assert_eq!(found.deployment.is_none(), failing == "deployments");
        assert_eq!(found.memory.peak_percent.is_none(), failing == "memory");
        let definitions = fake.asked().iter().filter(|name| **name == "definition").count();
        assert_eq!(definitions, 1, "not asked for again a moment later");
    }
}

#[test]
fn a_revision_is_asked_for_once_and_a_failure_is_not_kept() {
    let mut fake = Fake::failing(&["definition"]);
    let enriching_once = enriching(&fake);
    assert!(matches!(background(&enriching_once, &killed()).definition, Lookup::Missing(_)));
    assert!(matches!(background(&enriching_once, &killed()).definition, Lookup::Missing(_)));
    assert_eq!(fake.asked(), ["definition", "definition"]);
    fake.failing.clear();
    let enriching = enriching(&fake);
    for _ in 0..3 {
        assert!(background(&enriching, &killed()).definition.found().is_some());
    }
    assert_eq!(fake.asked(), ["definition"]);
    let of_family = TaskStateChange { task_definition_arn: Some("web".into()), ..killed() };
    for _ in 0..2 {
        assert!(background(&enriching, &of_family).definition.found().is_some());
    }
    assert_eq!(fake.asked(), ["definition", "definition"], "the latest of a family changes");
}

#[test]
fn only_what_can_matter_is_asked_before_judging() {
    let one = [("app", Some(1), "")];
    let two = [("app", Some(1), ""), ("log", Some(0), "")];
    let on_fargate =
        TaskStateChange { container_instance_arn: None, ..stopped("TerminationNotice", GONE, &one) };
    let oom = [("app", Some(137), "OutOfMemoryError: x")];
    let pull = "CannotPullContainerError: x";
    for (task, want) in [
        (stopped("EssentialContainerExited", EXITED, &one), &[][..]),
        (stopped("EssentialContainerExited", EXITED, &two), &["definition"]),
        (stopped("EssentialContainerExited", EXITED, &oom), &["definition"]),
        (stopped("TaskFailedToStart", pull, &two), &[]),
        (stopped("TerminationNotice", GONE, &one), &["host"]),
        (on_fargate, &[]),
        (
            stopped(
                "ServiceSchedulerInitiated",
                "Scaling activity initiated by (deployment ecs-svc/7)",
                &two,
            ),
            &[],
        ),
    ] {
        let fake = Fake::default();
        background(&enriching(&fake), &task);
        assert_eq!(fake.asked(), want, "{:?}", task.stopped_reason);
    }
}

#[test]
fn a_task_that_went_with_a_drained_host_becomes_quiet() {
    let fake = Fake::default();
    let task = stopped("TerminationNotice", GONE, &[("app", None, "")]);
    let known = background(&enriching(&fake), &task);
    assert_eq!(known.host, Lookup::Found(Host { draining: Some(Draining::BySomebody) }));
    let again = judge(&task, &Policy::default(), &Context { background: Some(&known), ..fresh() });
    assert_eq!(
        (verdict(&task).cause, again.cause, again.severity),
        (Cause::HostTerminated, Cause::Drained, Severity::Info)
    );
}

#[test]
fn a_job_that_seems_completed_and_was_killed_is_found_out() {
    for (containers, asked, cause) in [
        (&[("app", Some(137), ""), ("log", Some(0), "")][..], &["definition"][..], Cause::Killed),
        (&[("app", Some(0), ""), ("log", Some(143), "")], &["definition"], Cause::Completed),
        (&[("app", Some(0), ""), ("log", Some(0), "")], &[], Cause::Completed),
        (&[("fam", Some(0), ""), ("log", Some(143), "")], &[], Cause::Completed),
    ] {
        let fake = Fake::default();
        let job = task("family:fam", "EssentialContainerExited", EXITED, containers);
        assert_eq!(verdict(&job).cause, Cause::Completed, "by the codes alone");
        let known = background(&enriching(&fake), &job);
        assert_eq!(fake.asked(), asked, "{containers:?}");
        let again = judge(&job, &Policy::default(), &Context { background: Some(&known), ..fresh() });
        assert_eq!(again.cause, cause, "{containers:?}");
    }
}

#[test]
fn details_ask_only_for_what_helps() {
    for (task, want) in [
        (
            stopped("EssentialContainerExited", EXITED, &[("app", Some(1), "")]),
            &["definition", "deployments", "logs"][..],
        ),
        (stopped("TaskFailedToStart", "CannotPullContainerError: x", &[("app", None, "")]), &["deployments"]),
        (stopped("TerminationNotice", GONE, &[("app", None, "")]), &[]),
        (
            task("family:job", "EssentialContainerExited", EXITED, &[("app", Some(1), "")]),
            &["definition", "logs"],
        ),
    ] {
        let fake = Fake::default();
        let found = details(&enriching(&fake), &task, &Background::default());
        let mut asked = fake.asked();
        asked.sort_unstable();
        assert_eq!(asked, want, "{:?}", task.stopped_reason);
        assert_eq!(found.revision.as_deref(), Some("fam:7"));
        assert_eq!(found.memory.container_limit_mib, None, "memory is not what these are about");
    }
}

#[test]
fn no_time_means_no_call() {
    let fake = Fake::default();
    let off = Enriching::new(&fake, &fake, Duration::ZERO);
    assert_eq!(background(&off, &killed()), Background::default());
    let found = details(&off, &killed(), &Background::default());
    assert_eq!(
        (found.revision.as_deref(), found.missing.len()),
        (Some("fam:7"), 0),
        "what the event says is told"
    );
    *fake.now.lock().unwrap() = UNTIL.as_millis();
    let late = enriching(&fake);
    assert_eq!(background(&late, &killed()), Background::default());
    let found = details(&late, &killed(), &Background::default());
    let want = [
        "task definition: no time was left",
        "deployment: no time was left",
        "memory peak: no time was left",
    ];
    assert_eq!(found.missing, want);
    assert_eq!(fake.asked(), [] as [&str; 0]);
}

#[test]
fn no_call_is_given_more_than_what_is_left() {
    for takes in [0, 300, 900, 1_900, 5_000] {
        let fake = Fake { takes: Duration::from_millis(takes), ..Fake::default() };
        let enriching = enriching(&fake);
        let known = background(&enriching, &killed());
        assert!((&fake).now() <= Timestamp::from_millis(1_000), "half of it is for the details");
        details(&enriching, &killed(), &known);
        assert!((&fake).now() <= UNTIL, "{takes}");
        let calls = fake.calls.lock().unwrap();
        assert!(calls.iter().all(|(_, within)| *within <= BUDGET && !within.is_zero()), "{calls:?}");
    }
}

#[test]
fn an_alert_waits_no_longer_than_its_budget() {
    let fake = Fake::default();
    assert_eq!(enriching(&fake).until(Timestamp::from_millis(60_000)), Timestamp::from_millis(2_000));
    assert_eq!(enriching(&fake).until(Timestamp::from_millis(500)), Timestamp::from_millis(500));
}
