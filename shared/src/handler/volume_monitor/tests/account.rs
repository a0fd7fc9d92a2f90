//! An account in memory: clusters, volumes and balances, with faults.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::Value;

use super::super::VolumeMonitor;
use crate::alert::{HttpsBody, Message};
use crate::drain::container_instance::{ContainerInstance, Status};
use crate::drain::task::Task;
use crate::event::Timestamp;
use crate::handler::HandlerError;
use crate::handler::monitor::{Beat, Monitor};
use crate::in_memory::{Absent, TableInMemory};
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::ecs::{Failure, Partial};
use crate::ports::volumes::{Balance, Balances, BalancesOf, PER_FILTER, PER_METRICS};
use crate::ports::{ApiError, Clock, MetricSink, Page, PublishError, Publisher, Volumes};
use crate::volume::balance::Sample;
use crate::volume::{Attachment, Volume, VolumeType};

pub const MINUTE: i64 = 60_000;
pub const HOURS: i64 = 6;
pub const DISK: &str = "/dev/xvdcz";
/// Minutes at which the tests begin.
const BEGIN: i64 = 8 * 60;
/// Elements on a page, so that there are several.
const PER_PAGE: usize = 100;

/// The function over an account.
pub type Process<'a> =
    VolumeMonitor<&'a Account, &'a Account, &'a Account, &'a TableInMemory, Absent, Absent, &'a Account>;

/// What a balance is so many minutes before now.
type Series = Box<dyn Fn(i32) -> f64 + Send>;

#[derive(Default)]
struct State {
    clusters: BTreeMap<String, Vec<String>>,
    volumes: BTreeMap<String, Volume>,
    series: BTreeMap<String, Option<Series>>,
    incomplete: BTreeMap<String, String>,
    lost: BTreeMap<String, String>,
    failing: BTreeMap<String, ApiError>,
    last_value: Option<i64>,
    only: Vec<String>,
    calls: BTreeMap<String, usize>,
    asked_for: Vec<Vec<String>>,
}

/// Everything outside the function.
#[derive(Default)]
pub struct Account {
    now: AtomicI64,
    state: Mutex<State>,
    table: TableInMemory,
    told: Mutex<Vec<(String, Value)>>,
    tallies: Mutex<Vec<Tally>>,
}

/// A tick, as a rule sends it.
pub fn tick() -> String {
    r#"{"detail-type":"Scheduled Event","source":"aws.events","detail":{}}"#.to_owned()
}

impl Account {
    pub fn with_instances(cluster: &str, count: usize) -> Self {
        let account = Self::default();
        account.add_instances(cluster, count);
        account
    }

    /// Adds instances with one full gp2 volume each.
    pub fn add_instances(&self, cluster: &str, count: usize) {
        let mut state = self.state.lock().unwrap();
        for _ in 0..count {
            let number = state.volumes.len();
            let (id, instance) = (format!("vol-{number}"), format!("i-{number:04}"));
            let attachment = Attachment { instance: Some(instance.clone()), device: Some(DISK.into()) };
            let volume = Volume {
                id: id.clone(),
                kind: VolumeType::Gp2,
                size_gib: Some(100),
                iops: Some(300),
                availability_zone: Some("eu-west-1b".into()),
                attachments: vec![attachment],
            };
            state.volumes.insert(id.clone(), volume);
            state.series.insert(id, Some(Box::new(|_| 100.0)));
            state.clusters.entry(cluster.to_owned()).or_default().push(instance);
        }
    }

    /// A volume's balance has been this all the time.
    pub fn fall(&self, volume: &str, percent: f64) {
        self.series(volume, move |_| percent);
    }

    pub fn series(&self, volume: &str, series: impl Fn(i32) -> f64 + Send + 'static) {
        self.state.lock().unwrap().series.insert(volume.into(), Some(Box::new(series)));
    }

    /// There is no value of a volume.
    pub fn forget(&self, volume: &str) {
        self.state.lock().unwrap().series.insert(volume.into(), None);
    }

    pub fn retype(&self, volume: &str, kind: &str, size: i64) {
        let mut state = self.state.lock().unwrap();
        let volume = state.volumes.get_mut(volume).unwrap();
        (volume.kind, volume.size_gib) = (VolumeType::from_word(kind), Some(size));
    }

    /// No value is newer than this minute of the test.
    pub fn stop_values_at(&self, minute: i64) {
        self.state.lock().unwrap().last_value = Some(BEGIN + minute);
    }

    pub fn leave_incomplete(&self, volume: &str, why: Option<&str>) {
        let mut state = self.state.lock().unwrap();
        match why {
            Some(why) => drop(state.incomplete.insert(volume.into(), why.into())),
            None => drop(state.incomplete.remove(volume)),
        }
    }

    /// An instance is listed, and not described.
    pub fn lose(&self, instance: &str, reason: &str) {
        self.state.lock().unwrap().lost.insert(instance.into(), reason.into());
    }

    pub fn fail(&self, call: &str, error: Option<ApiError>) {
        let mut state = self.state.lock().unwrap();
        match error {
            Some(error) => drop(state.failing.insert(call.into(), error)),
            None => drop(state.failing.remove(call)),
        }
    }

    pub fn only(&self, cluster: &str) {
        self.state.lock().unwrap().only = vec![cluster.to_owned()];
    }

    /// A process that has looked at nothing yet.
    pub fn process(&self) -> Process<'_> {
        let monitor: Monitor<_, _, _, _, Absent, Absent> =
            Monitor::new(Beat::Nothing, Policy::default(), self, self, self, HttpsBody::Json)
                .with_table(Some(&self.table));
        let clusters = self.state.lock().unwrap().only.clone();
        VolumeMonitor::new(monitor, self, clusters)
    }

    /// A new process gets a tick at a minute of the test, and none of the calls before counts.
    pub fn tick(&self, minute: i64) {
        self.tick_to(&self.process(), minute);
    }

    /// A process gets a tick at a minute of the test.
    pub fn tick_to(&self, process: &Process<'_>, minute: i64) {
        self.now.store((BEGIN + minute) * MINUTE, Ordering::Relaxed);
        let mut state = self.state.lock().unwrap();
        (state.calls, state.asked_for) = (BTreeMap::new(), Vec::new());
        drop(state);
        let deadline = self.now().plus(Duration::from_mins(2));
        let tick = tick();
        let mut invocation = pin!(process.handle(tick.as_bytes(), deadline));
        let answer = invocation.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(answer, Poll::Ready(Ok(_))), "a tick fails nothing");
    }

    pub fn invoke(&self, payload: &str, deadline: Timestamp) -> Result<(), HandlerError> {
        let function = self.process();
        let mut invocation = pin!(function.handle(payload.as_bytes(), deadline));
        match invocation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer.map(drop),
            Poll::Pending => panic!("nothing is waited for here"),
        }
    }

    /// Subjects and bodies of what people were told.
    pub fn told(&self) -> Vec<(String, Value)> {
        self.told.lock().unwrap().clone()
    }

    pub fn causes(&self) -> Vec<String> {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        self.told()
            .iter()
            .map(|(_, one)| format!("{} {}", word(&one["notice"]), word(&one["cause"])))
            .collect()
    }

    pub fn last_tally(&self) -> Tally {
        self.tallies.lock().unwrap().last().cloned().unwrap()
    }

    /// Calls since the last tick began.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        self.state.lock().unwrap().calls.clone()
    }

    /// The volumes of each call for balances.
    pub fn asked_for(&self) -> Vec<Vec<String>> {
        self.state.lock().unwrap().asked_for.clone()
    }

    /// Counts a call; fails where it is to.
    fn call(&self, name: &str) -> Result<std::sync::MutexGuard<'_, State>, ApiError> {
        let mut state = self.state.lock().unwrap();
        *state.calls.entry(name.to_owned()).or_default() += 1;
        match state.failing.get(name) {
            Some(error) => Err(error.clone()),
            None => Ok(state),
        }
    }
}

/// A page of a list, by the place of its first element.
fn page<T>(items: Vec<T>, per_page: usize, page: Option<&str>) -> Page<T> {
    let from: usize = page.map_or(0, |page| page.parse().expect("a token of ours"));
    let next = (items.len() > from + per_page).then(|| (from + per_page).to_string());
    Page { items: items.into_iter().skip(from).take(per_page).collect(), next }
}

fn arn(kind: &str, cluster: &str, id: &str) -> String {
    format!("arn:aws:ecs:eu-west-1:111122223333:{kind}/{cluster}/{id}")
}

fn name(cluster: &str) -> &str {
    cluster.rsplit('/').next().unwrap()
}

impl Volumes for &Account {
    async fn list_clusters(&self, token: Option<&str>) -> Result<Page<String>, ApiError> {
        let state = self.call("ListClusters")?;
        let arns =
            state.clusters.keys().map(|name| format!("arn:aws:ecs:eu-west-1:111122223333:cluster/{name}"));
        Ok(page(arns.collect(), PER_PAGE, token))
    }

    async fn list_container_instances(
        &self,
        cluster: &str,
        token: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let state = self.call("ListContainerInstances")?;
        let instances = state.clusters.get(name(cluster)).cloned().unwrap_or_default();
        let arns =
            instances.iter().map(|id| arn("container-instance", name(cluster), &id.replacen('i', "ci", 1)));
        Ok(page(arns.collect(), PER_PAGE, token))
    }

    async fn describe_container_instances(
        &self,
        _cluster: &str,
        arns: &[String],
    ) -> Result<Partial<ContainerInstance>, ApiError> {
        let state = self.call("DescribeContainerInstances")?;
        assert!(!arns.is_empty() && arns.len() <= PER_PAGE);
        let mut reply = Partial { found: Vec::new(), failures: Vec::new() };
        for arn in arns {
            let id = name(arn).replacen("ci", "i", 1);
            match state.lost.get(&id) {
                Some(reason) => reply.failures.push(Failure { arn: arn.clone(), reason: reason.clone() }),
                None => reply.found.push(ContainerInstance {
                    arn: arn.clone(),
                    ec2_instance_id: Some(id),
                    status: Status::Active,
                    agent_connected: true,
                    running_tasks_count: 2,
                    pending_tasks_count: 0,
                    attributes: Vec::new(),
                }),
            }
        }
        Ok(reply)
    }

    async fn volumes_of(&self, instances: &[String], token: Option<&str>) -> Result<Page<Volume>, ApiError> {
        let state = self.call("DescribeVolumes")?;
        assert!(!instances.is_empty() && instances.len() <= PER_FILTER);
        let is_on = |volume: &&Volume| {
            volume
                .attachments
                .iter()
                .any(|one| one.instance.as_ref().is_some_and(|id| instances.contains(id)))
        };
        Ok(page(state.volumes.values().filter(is_on).cloned().collect(), 500, token))
    }

    async fn balances(&self, of: BalancesOf<'_>, token: Option<&str>) -> Result<Balances, ApiError> {
        let mut state = self.call("GetMetricData")?;
        assert!(!of.volumes.is_empty() && of.volumes.len() <= PER_METRICS);
        state.asked_for.push(of.volumes.to_vec());
        let last = state.last_value.map_or(of.until, |minute| Timestamp::from_millis(minute * MINUTE));
        let samples = |series: &Series| -> Vec<Sample> {
            let ages = (0..i32::try_from(HOURS * 60).unwrap()).step_by(5);
            let all = ages.map(|age| Sample {
                at: last.minus(Duration::from_secs(u64::try_from(age).unwrap() * 60)),
                percent: series(age),
            });
            all.filter(|sample| sample.at >= of.from).collect()
        };
        let balances = of.volumes.iter().map(|id| Balance {
            volume: id.clone(),
            samples: state.series[id].as_ref().map(samples).unwrap_or_default(),
            incomplete: state.incomplete.get(id).cloned(),
        });
        Ok(Balances { page: page(balances.collect(), 500, token), messages: Vec::new() })
    }

    async fn list_tasks(&self, cluster: &str, _container_instance: &str) -> Result<Page<String>, ApiError> {
        let _state = self.call("ListTasks")?;
        let arns = ["t0", "t1"].map(|id| arn("task", name(cluster), id)).to_vec();
        Ok(Page { items: arns, next: None })
    }

    async fn describe_tasks(&self, _cluster: &str, arns: &[String]) -> Result<Partial<Task>, ApiError> {
        let _state = self.call("DescribeTasks")?;
        let groups = ["service:web", "family:nightly"];
        let task = |(arn, group): (&String, &str)| Task {
            arn: arn.clone(),
            group: Some(group.to_owned()),
            last_status: Some("RUNNING".to_owned()),
            ..Task::default()
        };
        Ok(Partial { found: arns.iter().zip(groups).map(task).collect(), failures: Vec::new() })
    }
}

impl Publisher for &Account {
    async fn publish(&self, _: Option<&str>, message: &Message, _: Duration) -> Result<(), PublishError> {
        let bodies: Value = serde_json::from_str(&message.body).expect("JSON by protocol");
        let body = serde_json::from_str(bodies["default"].as_str().unwrap()).unwrap();
        self.told.lock().unwrap().push((message.subject.clone(), body));
        Ok(())
    }
}

impl MetricSink for &Account {
    async fn emit(&self, tally: &Tally, _: Timestamp, _: Duration) {
        self.tallies.lock().unwrap().push(tally.clone());
    }
}

impl Clock for &Account {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::Relaxed))
    }
}
