//! Answers that the simulated fleet never gives.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{InstanceDrain, Mode, Purpose, Settings, Wish};
use crate::alert::{HttpsBody, Message};
use crate::drain::auto_scaling::{ActionResult, Group, GroupInstance, Hook, LifecycleState, TERMINATING};
use crate::drain::container_instance::{Attribute, ContainerInstance, Status};
use crate::drain::task::{DesiredStatus, SchedulingStrategy, Task};
use crate::drain::{Because, Step};
use crate::event::Timestamp;
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::auto_scaling::{Action, ActionOutcome, GroupFilter};
use crate::ports::ecs::Partial;
use crate::ports::{ApiError, AutoScaling, Clock, Ecs, MetricSink, Page, PublishError, Publisher};

const ID: &str = "i-0a1b2c3d4e5f60718";

/// An account with one waiting instance, and these container instances in the cluster `harbor`.
struct Account {
    container_instances: Vec<ContainerInstance>,
    refuses: bool,
    metadata: Option<&'static str>,
    calls: Mutex<Vec<String>>,
    told: Mutex<Vec<Message>>,
    now: Mutex<Timestamp>,
}

fn account(arns: &[&str]) -> Account {
    let container_instance = |arn: &&str| ContainerInstance {
        arn: (*arn).into(),
        ec2_instance_id: Some(ID.into()),
        status: Status::Active,
        agent_connected: true,
        running_tasks_count: 1,
        pending_tasks_count: 0,
        attributes: Vec::new(),
    };
    Account {
        container_instances: arns.iter().map(container_instance).collect(),
        refuses: false,
        metadata: None,
        calls: Mutex::default(),
        told: Mutex::default(),
        now: Mutex::new(Timestamp::from_millis(1_795_417_500_000)),
    }
}

impl Account {
    fn note(&self, call: &str) {
        self.calls.lock().unwrap().push(call.to_owned());
    }
}

fn page<T>(items: Vec<T>) -> Page<T> {
    Page { items, next: None }
}

fn whole<T>(found: Vec<T>) -> Partial<T> {
    Partial { found, failures: Vec::new() }
}

impl Ecs for &Account {
    async fn list_clusters(&self, _: Option<&str>) -> Result<Page<String>, ApiError> {
        self.note("list clusters");
        Ok(page(vec!["harbor".into(), "quay".into()]))
    }

    async fn list_container_instances(
        &self,
        cluster: &str,
        _: &[String],
        _: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        self.note(&format!("list {cluster}"));
        if cluster == "quay" {
            return Ok(page(Vec::new()));
        }
        if cluster != "harbor" {
            return Err(ApiError::Refused { code: "ClusterNotFoundException".into(), message: "-".into() });
        }
        Ok(page(self.container_instances.iter().map(|instance| instance.arn.clone()).collect()))
    }

    async fn describe_container_instances(
        &self,
        _: &str,
        arns: &[String],
    ) -> Result<Partial<ContainerInstance>, ApiError> {
        self.note("describe");
        let asked = |instance: &&ContainerInstance| arns.contains(&instance.arn);
        Ok(whole(self.container_instances.iter().filter(asked).cloned().collect()))
    }

    async fn drain_container_instances(&self, _: &str, arns: &[String]) -> Result<Partial<String>, ApiError> {
        self.note("drain");
        if self.refuses {
            return Err(ApiError::Refused { code: "AccessDeniedException".into(), message: "no".into() });
        }
        Ok(whole(arns.to_vec()))
    }

    async fn put_attributes(&self, _: &str, _: &[Attribute]) -> Result<(), ApiError> {
        self.note("put");
        Ok(())
    }

    async fn list_tasks(
        &self,
        _: &str,
        _: &str,
        _: DesiredStatus,
        _: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        Ok(page(Vec::new()))
    }

    async fn describe_tasks(&self, _: &str, _: &[String]) -> Result<Partial<Task>, ApiError> {
        Ok(whole(Vec::new()))
    }

    async fn stop_task(&self, _: &str, _: &str, _: &str) -> Result<(), ApiError> {
        self.note("stop");
        Ok(())
    }

    async fn describe_services(
        &self,
        _: &str,
        _: &[String],
    ) -> Result<Partial<(String, SchedulingStrategy)>, ApiError> {
        Ok(whole(Vec::new()))
    }

    async fn protected_tasks(&self, _: &str, _: &[String]) -> Result<Partial<String>, ApiError> {
        Ok(whole(Vec::new()))
    }
}

impl AutoScaling for &Account {
    async fn describe_groups(&self, _: GroupFilter<'_>, _: Option<&str>) -> Result<Page<Group>, ApiError> {
        let waiting = self.describe_instances(&[ID.into()]).await?;
        Ok(page(vec![Group { name: "web-group".into(), instances: waiting, ..Group::default() }]))
    }

    async fn describe_instances(&self, _: &[String]) -> Result<Vec<GroupInstance>, ApiError> {
        let (instance_id, group) = (ID.into(), "web-group".into());
        Ok(vec![GroupInstance { instance_id, group, state: LifecycleState::TerminatingWait }])
    }

    async fn describe_hooks(&self, group: &str) -> Result<Vec<Hook>, ApiError> {
        Ok(vec![Hook {
            name: "ecs-steward".into(),
            group: group.into(),
            transition: TERMINATING.into(),
            heartbeat_timeout: Duration::from_hours(1),
            global_timeout: Duration::from_hours(48),
            notification_metadata: self.metadata.map(Into::into),
        }])
    }

    async fn heartbeat(&self, _: Action<'_>) -> Result<ActionOutcome, ApiError> {
        self.note("heartbeat");
        Ok(ActionOutcome::Accepted)
    }

    async fn complete(&self, _: Action<'_>, _: ActionResult) -> Result<ActionOutcome, ApiError> {
        self.note("complete");
        Ok(ActionOutcome::Accepted)
    }
}

impl Publisher for &Account {
    async fn publish(&self, message: &Message, _: Duration) -> Result<(), PublishError> {
        self.told.lock().unwrap().push(message.clone());
        Ok(())
    }
}

impl MetricSink for &Account {
    async fn emit(&self, _: &Tally, _: Timestamp, _: Duration) {}
}

impl Clock for &Account {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

type Function<'a> = InstanceDrain<&'a Account, &'a Account, &'a Account, &'a Account, &'a Account>;

fn function(account: &Account) -> Function<'_> {
    let (policy, settings) = (Policy::default(), Settings::default());
    InstanceDrain::new(policy, settings, account, account, account, account, account, HttpsBody::Json)
}

/// One tick a minute; what the last one decided.
fn ticks(function: &Function<'_>, minutes: usize) -> Option<Step> {
    looks(function, &Wish::new(Purpose::Termination), minutes)
}

/// The same for what somebody wishes.
fn looks(function: &Function<'_>, wish: &Wish, minutes: usize) -> Option<Step> {
    let mut last = None;
    for _ in 0..minutes {
        let wishes = BTreeMap::from([(ID.to_owned(), wish.clone())]);
        let deadline = function.clock.now().plus(Duration::from_mins(1));
        let mut round = pin!(function.reconcile(wishes, true, Mode::Act, deadline));
        let Poll::Ready(report) = round.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a port in memory never waits")
        };
        last = report.rows.into_iter().next().expect("a row").step;
        let mut now = function.clock.now.lock().unwrap();
        *now = now.plus(Duration::from_mins(1));
    }
    last
}

#[test]
fn an_instance_that_registered_twice_is_held_and_told_of() {
    let account = account(&["arn:old", "arn:new"]);
    let step = ticks(&function(&account), 3);
    let Some(Step::Wait(wait)) = step else { panic!("{step:?}") };
    assert!(matches!(wait.because, Because::Trouble(why) if why.contains("arn:old and arn:new")));
    let calls = account.calls.lock().unwrap();
    assert!(!calls.iter().any(|call| call == "complete" || call == "drain"), "{calls:?}");
    let told = account.told.lock().unwrap();
    assert_eq!(told.len(), 1, "once an hour");
    assert!(told[0].body.contains("deregister the old one"), "{}", told[0].body);
}

#[test]
fn a_missing_permission_is_told_once_an_hour_and_nothing_is_completed() {
    let refusing = Account { refuses: true, ..account(&["arn:one"]) };
    let step = ticks(&function(&refusing), 61);
    assert!(matches!(step, Some(Step::Drain { .. })), "{step:?}");
    let told = refusing.told.lock().unwrap();
    let count = |what: &str| told.iter().filter(|message| message.body.contains(what)).count();
    assert_eq!(count("IAM action ecs:UpdateContainerInstancesState"), 2, "in 61 minutes");
    assert_eq!((count("of the 1 h it may take"), count("the deadline has come"), told.len()), (3, 1, 6));
    let heartbeats = refusing.calls.lock().unwrap().iter().filter(|call| *call == "heartbeat").count();
    assert!((2..=4).contains(&heartbeats), "{heartbeats}");
}

#[test]
fn a_cluster_that_was_named_by_mistake_is_told_and_the_others_are_asked() {
    let misnamed = Account { metadata: Some(r#"{"cluster": "harbour"}"#), ..account(&["arn:one"]) };
    assert!(matches!(ticks(&function(&misnamed), 1), Some(Step::Drain { .. })));
    let told = misnamed.told.lock().unwrap();
    let subjects: Vec<_> = told.iter().map(|message| message.subject.as_str()).collect();
    assert_eq!(subjects, ["[low] drain-started: harbor", "[high] drain-stuck: ecs-steward"]);
    assert!(told[1].body.contains("cluster harbour, named by hand, hook, tag or setting, does not exist"));
}

#[test]
fn an_instance_that_is_not_where_its_hook_says_is_found_where_it_is() {
    let misplaced = Account { metadata: Some(r#"{"cluster": "quay"}"#), ..account(&["arn:one"]) };
    assert!(matches!(ticks(&function(&misplaced), 5), Some(Step::Drain { .. } | Step::Remember { .. })));
    let calls = misplaced.calls.lock().unwrap();
    assert_eq!(calls[0..3], ["list quay", "list clusters", "list harbor"]);
    assert!(!calls.iter().any(|call| call == "complete"), "{calls:?}");
}

#[test]
fn a_cluster_that_was_named_by_hand_is_never_another_one_and_never_ends_an_instance() {
    for (cluster, arns) in [("harbor", &[][..]), ("harbour", &["arn:one"])] {
        let account = account(arns);
        let wish = Wish { cluster: Some(cluster.into()), ..Wish::new(Purpose::Asked) };
        let step = looks(&function(&account), &wish, 5);
        let Some(Step::Wait(wait)) = step else { panic!("{step:?}") };
        assert!(matches!(wait.because, Because::Trouble(why) if why.contains(cluster)));
        let calls = account.calls.lock().unwrap();
        assert!(calls.iter().all(|call| call.starts_with("list ") || call == "heartbeat"), "{calls:?}");
        assert!(!calls.iter().any(|call| call == "list clusters"), "{calls:?}");
    }
}

#[test]
fn metadata_that_is_no_json_names_no_cluster() {
    for text in ["please drain", "", "[1]", "{\"cluster\": 7}", "{\"team\": \"web\"}", "\"harbour\""] {
        let account = Account { metadata: Some(text), ..account(&["arn:one"]) };
        assert!(matches!(ticks(&function(&account), 1), Some(Step::Drain { .. })), "{text}");
        assert_eq!(
            account.calls.lock().unwrap()[0..3],
            ["list clusters", "list harbor", "describe"],
            "{text}"
        );
    }
}
