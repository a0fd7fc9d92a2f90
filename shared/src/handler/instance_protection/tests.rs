//! Answers that the simulated fleet never gives.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::InstanceProtection;
use crate::alert::{HttpsBody, Message};
use crate::drain::auto_scaling::{GroupInstance, LifecycleState};
use crate::drain::container_instance::{Attribute, ContainerInstance, Status};
use crate::drain::task::{DesiredStatus, Task};
use crate::event::Timestamp;
use crate::metrics::{Protections, Tally};
use crate::policy::Policy;
use crate::ports::ecs::{Failure, Partial};
use crate::ports::protection::{ScaleIn, TaskHosts};
use crate::ports::{ApiError, Clock, MetricSink, Page, PublishError, Publisher};
use crate::protect::{CapacityProvider, Host, HostedTask, Member, TaskFilter};

const POLICY: &str = "[[protect]]\ngroup = \"service:broker\"\nmode = \"protect\"\nrelease-after = \"0s\"\n";
const TICK: &[u8] = br#"{"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}"#;

/// What is shown of a task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// It runs.
    Running,
    /// It stops.
    Stopping,
    /// It stops, and `DescribeTasks` leaves it out of its reply without a word.
    LeftOut,
}

/// An account with one instance `i-1`, on which a task of the service `broker` runs.
struct Account {
    /// Its container instances, by their ARNs; the task is on the first.
    arns: Vec<&'static str>,
    /// What is noted on each of them.
    note: Option<&'static str>,
    /// Whether the cluster has no such service (any more).
    has_no_service: bool,
    /// Whether the instance is protected.
    is_protected: bool,
    /// What is shown of its task.
    shown: Shown,
    /// What `DescribeCapacityProviders` answers.
    provider: Option<Partial<CapacityProvider>>,
    /// What was changed.
    changes: Mutex<Vec<String>>,
    /// The last measure.
    measured: Mutex<Option<Protections>>,
    /// The present.
    now: Mutex<Timestamp>,
}

impl Account {
    fn new() -> Self {
        Self {
            arns: vec!["arn:one"],
            note: None,
            has_no_service: false,
            is_protected: false,
            shown: Shown::Running,
            provider: None,
            changes: Mutex::default(),
            measured: Mutex::default(),
            now: Mutex::new(Timestamp::from_millis(1_795_417_500_000)),
        }
    }

    fn change(&self, what: String) {
        self.changes.lock().expect("it").push(what);
    }

    /// What a function changes in so many ticks.
    fn after(&self, ticks: usize) -> Vec<String> {
        let policy = Policy::parse(POLICY).expect("a policy");
        let function = InstanceProtection::new(policy, self, self, self, self, self, HttpsBody::Json);
        for _ in 0..ticks {
            let deadline = self.now().plus(Duration::from_mins(1));
            let mut tick = pin!(function.handle(TICK, deadline));
            let Poll::Ready(answer) = tick.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("a port in memory never waits")
            };
            answer.expect("an answer");
            let mut now = self.now.lock().expect("it");
            *now = now.plus(Duration::from_mins(1));
        }
        std::mem::take(&mut *self.changes.lock().expect("it"))
    }
}

fn page<T>(items: Vec<T>) -> Page<T> {
    Page { items, next: None }
}

fn whole<T>(found: Vec<T>) -> Partial<T> {
    Partial { found, failures: Vec::new() }
}

impl TaskHosts for &Account {
    async fn list_clusters(&self, _: Option<&str>) -> Result<Page<String>, ApiError> {
        Ok(page(vec!["arn:aws:ecs:eu-west-1:111122223333:cluster/harbor".to_owned()]))
    }

    async fn list_tasks(
        &self,
        _: &str,
        filter: &TaskFilter,
        desired: DesiredStatus,
        _: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        if self.has_no_service && matches!(filter, TaskFilter::Service(_)) {
            let (code, message) = ("ServiceNotFoundException".to_owned(), "Service not found.".to_owned());
            return Err(ApiError::Refused { code, message });
        }
        let listed = match desired {
            DesiredStatus::Running => self.shown == Shown::Running,
            DesiredStatus::Stopped => self.shown != Shown::Running,
        };
        Ok(page(if listed { vec!["arn:task".to_owned()] } else { Vec::new() }))
    }

    async fn describe_tasks(&self, _: &str, _: &[String], _: bool) -> Result<Partial<HostedTask>, ApiError> {
        let task = Task {
            arn: "arn:task".into(),
            container_instance: Some("arn:one".into()),
            group: Some("service:broker".into()),
            last_status: Some(if self.shown == Shown::Running { "RUNNING" } else { "STOPPING" }.into()),
            ..Task::default()
        };
        let task = HostedTask { task, ..HostedTask::default() };
        Ok(whole(if self.shown == Shown::LeftOut { Vec::new() } else { vec![task] }))
    }

    async fn list_with_attribute(&self, _: &str, _: &str, _: Option<&str>) -> Result<Page<String>, ApiError> {
        let noted = self.arns.iter().filter(|_| self.note.is_some());
        Ok(page(noted.map(|arn| (*arn).to_owned()).collect()))
    }

    async fn describe_hosts(&self, _: &str, arns: &[String]) -> Result<Partial<Host>, ApiError> {
        let notes = self.note.map(|note| ("ecs-steward.protected-since".to_owned(), note.to_owned()));
        let host = |arn: &String| Host {
            instance: ContainerInstance {
                arn: arn.clone(),
                ec2_instance_id: Some("i-1".into()),
                status: Status::Active,
                agent_connected: true,
                running_tasks_count: 1,
                pending_tasks_count: 0,
                attributes: notes.clone().into_iter().collect(),
            },
            capacity_provider: self.provider.as_ref().map(|_| "cp".to_owned()),
        };
        Ok(whole(arns.iter().map(host).collect()))
    }

    async fn describe_capacity_providers(&self, _: &[String]) -> Result<Partial<CapacityProvider>, ApiError> {
        self.provider.clone().ok_or_else(|| ApiError::Unavailable("nobody asked".to_owned()))
    }

    async fn put_attributes(&self, _: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        let stages = attributes.iter().map(|one| one.value.rsplit(' ').next().unwrap_or_default());
        self.change(format!("note {}", stages.collect::<Vec<_>>().join(" ")));
        Ok(())
    }

    async fn delete_attributes(&self, _: &str, _: &[Attribute]) -> Result<(), ApiError> {
        self.change("forget".to_owned());
        Ok(())
    }
}

impl ScaleIn for &Account {
    async fn describe_members(&self, _: &[String]) -> Result<Vec<Member>, ApiError> {
        let state = LifecycleState::from_word("InService");
        let instance = GroupInstance { instance_id: "i-1".into(), group: "blue".into(), state };
        Ok(vec![Member { instance, is_protected: self.is_protected }])
    }

    async fn describe_groups_of(&self, _: &[String], _: Option<&str>) -> Result<Page<Member>, ApiError> {
        Ok(page(self.describe_members(&[]).await?))
    }

    async fn set_protection(&self, _: &str, _: &[String], is_protected: bool) -> Result<(), ApiError> {
        self.change(if is_protected { "protect" } else { "release" }.to_owned());
        Ok(())
    }
}

impl Publisher for &Account {
    async fn publish(&self, _: Option<&str>, _: &Message, _: Duration) -> Result<(), PublishError> {
        Ok(())
    }
}

impl MetricSink for &Account {
    async fn emit(&self, tally: &Tally, _: Timestamp, _: Duration) {
        *self.measured.lock().expect("it") = tally.protections;
    }
}

impl Clock for &Account {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("it")
    }
}

impl Clock for Account {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("it")
    }
}

const IDLE: Option<&str> = Some("2026-11-23T06:05:00Z 2026-11-23T07:00:00Z idle");

#[test]
fn the_note_comes_before_the_protection() {
    assert_eq!(Account::new().after(1), ["note begun", "protect", "note held"]);
}

#[test]
fn an_instance_that_registered_twice_is_left_alone() {
    // The old container instance carries the note and has no task; the new one has the task and no note.
    let account =
        Account { arns: vec!["arn:one", "arn:old"], note: IDLE, is_protected: true, ..Account::new() };
    assert_eq!(account.after(5), Vec::<String>::new());
}

#[test]
fn tasks_of_a_service_that_is_gone_are_looked_for_on_the_instance() {
    let gone = Account { note: IDLE, is_protected: true, has_no_service: true, ..Account::new() };
    assert_eq!(gone.after(1), ["note held"], "its task still runs");
    let stopping = Account { shown: Shown::Stopping, ..gone };
    assert_eq!(stopping.after(1), ["note held"], "its task still stops");
}

#[test]
fn a_task_that_is_left_out_of_the_reply_is_not_gone() {
    let account = Account { note: IDLE, is_protected: true, shown: Shown::LeftOut, ..Account::new() };
    assert_eq!(account.after(3), Vec::<String>::new());
    assert_eq!(*account.measured.lock().expect("it"), None, "unknown is not zero");
}

#[test]
fn a_capacity_provider_nobody_knows_leaves_its_instances_alone() {
    let failure = Failure { arn: "cp".into(), reason: "MISSING".into() };
    let unknown = Partial { found: Vec::new(), failures: vec![failure] };
    let account = Account { provider: Some(unknown), ..Account::new() };
    assert_eq!(account.after(3), Vec::<String>::new());
    let known = CapacityProvider { name: "cp".into(), group_arn: None, protects: false };
    let account =
        Account { provider: Some(Partial { found: vec![known], failures: vec![] }), ..Account::new() };
    assert_eq!(account.after(1), ["note begun", "protect", "note held"]);
}
