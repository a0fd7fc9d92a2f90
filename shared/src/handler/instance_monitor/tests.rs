//! What people get of hosts, with an account that answers, refuses or is large.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::{Value, json};

use super::InstanceMonitor;
use crate::alert::{HttpsBody, Message};
use crate::drain::auto_scaling::{ActionResult, Group, GroupInstance, Hook, LifecycleState};
use crate::drain::container_instance::{Attribute, ContainerInstance, Status};
use crate::drain::task::{DesiredStatus, SchedulingStrategy, Task};
use crate::event::Timestamp;
use crate::handler::host_logs::HostLogs;
use crate::handler::monitor::{Beat, CollectsLogs, Monitor};
use crate::in_memory::{Absent, TableInMemory};
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::auto_scaling::{Action, ActionOutcome, GroupFilter};
use crate::ports::ecs::Partial;
use crate::ports::log_collector::{Command, Invocation};
use crate::ports::{
    ApiError, AutoScaling, Clock, Ecs, LogCollector, MetricSink, Page, PublishError, Publisher,
};

/// When all of it happens.
const NOW: i64 = 1_777_629_600_000;
const ID: &str = "i-0a1b2c3d4e5f60718";
const ARN: &str = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/0a1b";

/// An account: the container instance of [`ID`] in the last cluster, its group's word for it, and what was asked.
struct Account {
    clusters: usize,
    status: Option<&'static str>,
    agent_connected: bool,
    tasks: i64,
    group_state: Option<&'static str>,
    refuses: Option<&'static str>,
    now: Mutex<i64>,
    calls: Mutex<Vec<&'static str>>,
    told: Mutex<Vec<Message>>,
    scripts: Arc<Mutex<Vec<String>>>,
}

/// Systems Manager, which writes down what it is to run and where.
#[derive(Debug)]
struct Manager(Arc<Mutex<Vec<String>>>);

impl LogCollector for Manager {
    async fn send(&self, command: Command<'_>) -> Result<(), ApiError> {
        self.0.lock().unwrap().push(format!("{}: {}", command.instance_id, command.script));
        Ok(())
    }

    async fn invocations(&self, _: &str, _: Timestamp) -> Result<Vec<Invocation>, ApiError> {
        Ok(Vec::new())
    }
}

/// A clock that stands.
#[derive(Debug)]
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(NOW)
    }
}

fn account() -> Account {
    Account {
        clusters: 3,
        status: Some("ACTIVE"),
        agent_connected: false,
        tasks: 3,
        group_state: Some("InService"),
        refuses: None,
        now: Mutex::new(NOW),
        calls: Mutex::default(),
        told: Mutex::default(),
        scripts: Arc::default(),
    }
}

impl Account {
    fn call(&self, name: &'static str) -> Result<(), ApiError> {
        self.calls.lock().unwrap().push(name);
        if self.refuses == Some(name) {
            return Err(ApiError::Throttled("Rate exceeded".into()));
        }
        Ok(())
    }

    fn counted(&self, name: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|call| **call == name).count()
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().iter().map(|message| message.subject.clone()).collect()
    }

    fn instance(&self) -> Option<ContainerInstance> {
        Some(ContainerInstance {
            arn: ARN.into(),
            ec2_instance_id: Some(ID.into()),
            status: Status::from_word(self.status?),
            agent_connected: self.agent_connected,
            running_tasks_count: self.tasks,
            pending_tasks_count: 0,
            attributes: Vec::new(),
        })
    }
}

impl Ecs for &Account {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        self.call("ListClusters")?;
        let all: Vec<_> =
            (1..self.clusters).map(|n| format!("quay-{n}")).chain(["harbor".to_owned()]).collect();
        Ok(match page {
            None => Page { items: all[..1].to_vec(), next: (all.len() > 1).then(|| "more".to_owned()) },
            Some(_) => Page { items: all[1..].to_vec(), next: None },
        })
    }

    async fn list_container_instances(
        &self,
        cluster: &str,
        ids: &[String],
        _: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        self.call("ListContainerInstances")?;
        let is_here = cluster.ends_with("harbor") && self.status.is_some() && ids.contains(&ID.to_owned());
        Ok(Page { items: if is_here { vec![ARN.to_owned()] } else { Vec::new() }, next: None })
    }

    async fn describe_container_instances(
        &self,
        _: &str,
        _: &[String],
    ) -> Result<Partial<ContainerInstance>, ApiError> {
        self.call("DescribeContainerInstances")?;
        Ok(Partial { found: self.instance().into_iter().collect(), failures: Vec::new() })
    }

    async fn drain_container_instances(&self, _: &str, _: &[String]) -> Result<Partial<String>, ApiError> {
        panic!("it changes nothing")
    }

    async fn put_attributes(&self, _: &str, _: &[Attribute]) -> Result<(), ApiError> {
        panic!("it changes nothing")
    }

    async fn list_tasks(
        &self,
        _: &str,
        _: &str,
        _: DesiredStatus,
        _: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        panic!("it asks for no task")
    }

    async fn describe_tasks(&self, _: &str, _: &[String]) -> Result<Partial<Task>, ApiError> {
        panic!("it asks for no task")
    }

    async fn stop_task(&self, _: &str, _: &str, _: &str) -> Result<(), ApiError> {
        panic!("it changes nothing")
    }

    async fn describe_services(
        &self,
        _: &str,
        _: &[String],
    ) -> Result<Partial<(String, SchedulingStrategy)>, ApiError> {
        panic!("it asks for no service")
    }

    async fn protected_tasks(&self, _: &str, _: &[String]) -> Result<Partial<String>, ApiError> {
        panic!("it asks for no task")
    }
}

impl AutoScaling for &Account {
    async fn describe_groups(&self, _: GroupFilter<'_>, _: Option<&str>) -> Result<Page<Group>, ApiError> {
        panic!("it asks for no group")
    }

    async fn describe_instances(&self, ids: &[String]) -> Result<Vec<GroupInstance>, ApiError> {
        self.call("DescribeAutoScalingInstances")?;
        let one = |state: &str| GroupInstance {
            instance_id: ID.into(),
            group: "harbor-asg".into(),
            state: LifecycleState::from_word(state),
        };
        Ok(self.group_state.filter(|_| ids.contains(&ID.to_owned())).map(one).into_iter().collect())
    }

    async fn describe_hooks(&self, _: &str) -> Result<Vec<Hook>, ApiError> {
        panic!("it asks for no hook")
    }

    async fn heartbeat(&self, _: Action<'_>) -> Result<ActionOutcome, ApiError> {
        panic!("it changes nothing")
    }

    async fn complete(&self, _: Action<'_>, _: ActionResult) -> Result<ActionOutcome, ApiError> {
        panic!("it changes nothing")
    }
}

impl Publisher for &Account {
    async fn publish(&self, _: Option<&str>, message: &Message, _: Duration) -> Result<(), PublishError> {
        self.told.lock().unwrap().push(message.clone());
        Ok(())
    }
}

impl MetricSink for &Account {
    async fn emit(&self, _: &Tally, _: Timestamp, _: Duration) {}
}

impl Clock for &Account {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(*self.now.lock().unwrap())
    }
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a port in memory never waits"),
    }
}

type Function<'a> = InstanceMonitor<
    &'a Account,
    &'a Account,
    &'a Account,
    &'a TableInMemory,
    Absent,
    &'a Account,
    &'a Account,
>;

fn function<'a>(account: &'a Account, table: Option<&'a TableInMemory>, policy: &str) -> Function<'a> {
    let policy = Policy::parse(policy).expect("a policy");
    let logs = policy.collect_logs.clone().map(|policy| -> Box<dyn CollectsLogs> {
        Box::new(HostLogs { policy, logs: Manager(Arc::clone(&account.scripts)), clock: Standing })
    });
    let monitor = Monitor::new(Beat::Hosts, policy, account, account, account, HttpsBody::Json);
    InstanceMonitor::new(monitor.with_table(table).with_host_logs(logs), account, account)
}

fn handle(function: &Function<'_>, account: &Account, events: &[Value]) {
    let deadline = account.now().plus(Duration::from_mins(1));
    let payload = Value::Array(events.to_vec()).to_string();
    ready(function.handle(payload.as_bytes(), deadline)).expect("handled");
}

fn event(account: &Account, kind: &str, detail: &Value) -> Value {
    let at = account.now().to_string();
    let id = format!("{kind}-{at}-{detail}");
    json!({"detail-type": kind, "source": "aws.any", "id": id, "time": at, "detail": detail})
}

fn ends(account: &Account, id: &str, state: &str) -> Value {
    let detail = json!({"instance-id": id, "state": state});
    event(account, "EC2 Instance State-change Notification", &detail)
}

fn changed(account: &Account, status: &str, agent: bool, version: i64) -> Value {
    let detail = json!({"containerInstanceArn": ARN, "ec2InstanceId": ID, "status": status, "version": version,
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor", "agentConnected": agent});
    event(account, "ECS Container Instance State Change", &detail)
}

/// Minutes go by, with a tick each.
fn wait(function: &Function<'_>, account: &Account, minutes: i64) {
    for _ in 0..minutes {
        *account.now.lock().unwrap() += 60_000;
        handle(function, account, &[json!({"detail-type": "Scheduled Event", "source": "aws.events"})]);
    }
}

const LOST: &str = "[medium] agent-disconnected: i-0a1b2c3d4e5f60718 on harbor";
const GONE: &str = "[medium] host-terminated: i-0a1b2c3d4e5f60718 on harbor";

#[test]
fn a_short_loss_is_silence_and_a_long_one_is_told_and_ended() {
    let (account, table) = (account(), TableInMemory::default());
    let function = function(&account, Some(&table), "");
    handle(&function, &account, &[changed(&account, "ACTIVE", false, 4)]);
    wait(&function, &account, 3);
    handle(&function, &account, &[changed(&account, "ACTIVE", true, 5)]);
    wait(&function, &account, 30);
    assert!(account.told().is_empty(), "{:?}", account.told());
    handle(&function, &account, &[changed(&account, "ACTIVE", false, 6)]);
    wait(&function, &account, 4);
    assert!(account.told().is_empty());
    wait(&function, &account, 2);
    assert_eq!(account.told(), [LOST]);
    wait(&function, &account, 30);
    assert_eq!(account.told().len(), 1, "no digests of a state");
    handle(&function, &account, &[changed(&account, "ACTIVE", true, 7)]);
    wait(&function, &account, 5);
    let told = account.told();
    assert!(told.len() == 2 && told[1].starts_with("[recovered] agent-disconnected"), "{told:?}");
}

#[test]
fn an_older_loss_that_comes_to_another_process_is_no_news() {
    let (account, table) = (account(), TableInMemory::default());
    let back = function(&account, Some(&table), "");
    handle(&back, &account, &[changed(&account, "ACTIVE", true, 9)]);
    let other = function(&account, Some(&table), "");
    handle(&other, &account, &[changed(&account, "ACTIVE", false, 8)]);
    wait(&other, &account, 20);
    assert!(account.told().is_empty());
    handle(&other, &account, &[changed(&account, "ACTIVE", false, 10)]);
    handle(&back, &account, &[changed(&account, "ACTIVE", true, 9)]);
    wait(&other, &account, 20);
    assert_eq!(account.told(), [LOST], "an older return ends nothing");
}

#[test]
fn what_leaves_or_drains_or_is_back_by_now_is_silence() {
    for (status, agent, then) in [
        (Some("ACTIVE"), false, Some("INACTIVE")),
        (Some("ACTIVE"), false, Some("DRAINING")),
        (Some("DRAINING"), false, None),
        (Some("ACTIVE"), true, None),
    ] {
        let account = Account { status, agent_connected: agent, ..account() };
        let table = TableInMemory::default();
        let function = function(&account, Some(&table), "");
        handle(&function, &account, &[changed(&account, "ACTIVE", false, 4)]);
        wait(&function, &account, 1);
        if let Some(then) = then {
            handle(&function, &account, &[changed(&account, then, false, 5)]);
        }
        wait(&function, &account, 30);
        assert!(account.told().is_empty(), "{status:?} {then:?}: {:?}", account.told());
    }
}

#[test]
fn without_a_table_a_loss_is_told_at_once_and_low_unless_it_is_back() {
    let lost = account();
    handle(&function(&lost, None, ""), &lost, &[changed(&lost, "ACTIVE", false, 4)]);
    assert_eq!(lost.told(), [LOST.replace("medium", "low")]);
    let back = Account { agent_connected: true, ..account() };
    handle(&function(&back, None, ""), &back, &[changed(&back, "ACTIVE", false, 4)]);
    assert!(back.told().is_empty());
}

#[test]
fn what_auto_scaling_ends_costs_one_call_and_no_word() {
    let account = Account { group_state: Some("Terminating:Proceed"), ..account() };
    let table = TableInMemory::default();
    let function = function(&account, Some(&table), "");
    for state in ["shutting-down", "terminated", "running", "pending", "stopped"] {
        handle(&function, &account, &[ends(&account, ID, state)]);
    }
    assert!(account.told().is_empty());
    assert_eq!(*account.calls.lock().unwrap(), ["DescribeAutoScalingInstances"]);
}

#[test]
fn what_somebody_ends_is_told_once() {
    for (state, then) in [("stopping", "stopped"), ("shutting-down", "terminated")] {
        let (account, table) = (account(), TableInMemory::default());
        let function = function(&account, Some(&table), "");
        for state in [state, state, then] {
            handle(&function, &account, &[ends(&account, ID, state)]);
        }
        assert_eq!(account.told(), [GONE]);
        wait(&function, &account, 90);
        assert_eq!(account.told(), [GONE], "and its end is no news");
    }
}

#[test]
fn what_is_in_no_cluster_is_silence_and_the_clusters_are_listed_once() {
    let account = Account { status: None, group_state: None, ..account() };
    let table = TableInMemory::default();
    let function = function(&account, Some(&table), "");
    let several: Vec<_> = (0..8).map(|n| ends(&account, &format!("i-{n}"), "stopping")).collect();
    handle(&function, &account, &several);
    handle(&function, &account, &[ends(&account, ID, "shutting-down")]);
    assert!(account.told().is_empty(), "{:?}", account.told());
    assert_eq!((account.counted("ListClusters"), account.counted("ListContainerInstances")), (2, 6));
}

#[test]
fn a_known_place_is_asked_alone() {
    let (account, table) = (Account { clusters: 200, ..account() }, TableInMemory::default());
    let function = function(&account, Some(&table), "");
    handle(&function, &account, &[changed(&account, "ACTIVE", true, 1)]);
    handle(&function, &account, &[ends(&account, ID, "stopping")]);
    assert_eq!(account.told(), [GONE]);
    assert_eq!(
        *account.calls.lock().unwrap(),
        ["DescribeAutoScalingInstances", "DescribeContainerInstances"]
    );
}

#[test]
fn what_cannot_be_known_is_low_and_one_incident() {
    for account in [
        Account { refuses: Some("ListClusters"), ..account() },
        Account { refuses: Some("ListContainerInstances"), ..account() },
        Account { refuses: Some("DescribeContainerInstances"), ..account() },
        Account { refuses: Some("DescribeAutoScalingInstances"), ..account() },
        Account { clusters: 200, ..account() },
    ] {
        let table = TableInMemory::default();
        let function = function(&account, Some(&table), "");
        let more = [ends(&account, ID, "stopping"), ends(&account, "i-2", "stopping")];
        handle(&function, &account, &more);
        let told = account.told();
        assert!(
            !told.is_empty() && told.iter().all(|told| told.starts_with("[low] host-terminated")),
            "{told:?}"
        );
        assert!(told.len() == 1, "{told:?}");
        assert!(account.counted("ListContainerInstances") <= 25);
    }
}

#[test]
fn a_spot_instance_that_ends_was_told_of_by_its_warning() {
    let (account, table) = (account(), TableInMemory::default());
    let function = function(&account, Some(&table), "");
    let warning = json!({"instance-id": ID, "instance-action": "terminate"});
    let warning = event(&account, "EC2 Spot Instance Interruption Warning", &warning);
    handle(&function, &account, &[warning]);
    handle(&function, &account, &[ends(&account, ID, "shutting-down")]);
    assert!(account.told().is_empty(), "instance-drain acts on it: {:?}", account.told());
}

#[test]
fn a_policy_raises_what_is_quiet_once_the_cluster_is_known() {
    let rule = "[[rule]]\ncluster = 'harbor'\nseverity = { rebalance-recommended = 'low', spot-interrupted = 'high' }";
    for (kind, want) in [
        (
            "EC2 Instance Rebalance Recommendation",
            "[low] rebalance-recommended: i-0a1b2c3d4e5f60718 on harbor",
        ),
        ("EC2 Spot Instance Interruption Warning", "[high] spot-interrupted: i-0a1b2c3d4e5f60718 on harbor"),
    ] {
        let (account, table) = (account(), TableInMemory::default());
        let detail = json!({"instance-id": ID, "instance-action": "terminate"});
        let event = event(&account, kind, &detail);
        handle(&function(&account, Some(&table), rule), &account, std::slice::from_ref(&event));
        assert_eq!(account.told(), [want]);
        assert!(account.counted("DescribeContainerInstances") == 1);
        let quiet = Account { ..account };
        quiet.told.lock().unwrap().clear();
        let table = TableInMemory::default();
        handle(&function(&quiet, Some(&table), ""), &quiet, &[event]);
        assert!(quiet.told().is_empty());
    }
}

#[test]
fn an_impaired_host_is_told_once_and_is_over_with_its_health() {
    let (account, table) = (account(), TableInMemory::default());
    let function = function(&account, Some(&table), "");
    let health = |overall: &str, minute: u32| {
        let at = format!("2026-05-01T10:{minute:02}:00Z");
        let detail = json!({"containerInstanceArn": ARN, "ec2InstanceId": ID, "overallStatus": overall,
            "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor", "healthChecks": [
            {"type": "CONTAINER_RUNTIME", "status": overall, "lastStatusChange": at}]});
        event(&account, "ECS Container Instance Health Change", &detail)
    };
    handle(&function, &account, &[health("IMPAIRED", 1), health("IMPAIRED", 1)]);
    handle(&function, &account, &[health("INITIALIZING", 2)]);
    wait(&function, &account, 10);
    assert_eq!(account.told(), ["[medium] host-impaired: i-0a1b2c3d4e5f60718 on harbor"]);
    handle(&function, &account, &[health("OK", 3)]);
    wait(&function, &account, 10);
    assert_eq!(account.told().len(), 2, "{:?}", account.told());
}

#[test]
fn the_alert_of_an_impaired_host_links_the_logs_the_policy_asks_for() {
    let runtime = json!({"type": "CONTAINER_RUNTIME", "status": "IMPAIRED"});
    let detail = json!({"containerInstanceArn": ARN, "ec2InstanceId": ID, "overallStatus": "IMPAIRED",
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor", "healthChecks": [runtime]});
    let policies = [
        ("[collect-logs]\nbucket = \"harbor-logs\"", 1),
        ("[collect-logs]\nbucket = \"harbor-logs\"\non = [\"drain-stuck\"]", 0),
        ("", 0),
    ];
    for (policy, wanted) in policies {
        let (account, table) = (account(), TableInMemory::default());
        let function = function(&account, Some(&table), policy);
        let impaired = event(&account, "ECS Container Instance Health Change", &detail);
        handle(&function, &account, &[impaired.clone(), impaired]);
        assert_eq!(account.told(), ["[medium] host-impaired: i-0a1b2c3d4e5f60718 on harbor"], "{policy}");
        let scripts = account.scripts.lock().unwrap();
        let begin = format!("{ID}: ");
        assert!(
            scripts.len() == wanted && scripts.iter().all(|script| script.starts_with(&begin)),
            "{policy}"
        );
        let told = account.told.lock().unwrap();
        let bodies: Value = serde_json::from_str(&told[0].body).expect("JSON by protocol");
        let body: Value = serde_json::from_str(bodies["default"].as_str().expect("a text")).expect("JSON");
        let uri = body["details"]["archives"][0]["uri"].as_str().unwrap_or_default();
        let link = body["links"]["archive"].as_str().unwrap_or_default();
        let begin = format!("s3://harbor-logs/harbor/{ID}/");
        assert!(uri.starts_with(&begin) == (wanted == 1) && link.is_empty() == (wanted == 0), "{body:#}");
    }
}
