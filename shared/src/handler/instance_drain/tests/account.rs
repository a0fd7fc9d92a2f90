//! An account that answers as the simulated fleet never does.

use std::sync::Mutex;
use std::time::Duration;

use super::ID;
use crate::alert::Message;
use crate::drain::auto_scaling::{ActionResult, Group, GroupInstance, Hook, LifecycleState, TERMINATING};
use crate::drain::container_instance::{Attribute, ContainerInstance, Status};
use crate::drain::task::{DesiredStatus, SchedulingStrategy, Task};
use crate::event::Timestamp;
use crate::metrics::Tally;
use crate::ports::auto_scaling::{Action, ActionOutcome, GroupFilter};
use crate::ports::ecs::Partial;
use crate::ports::log_collector::{Command, Invocation};
use crate::ports::{
    ApiError, AutoScaling, Clock, Ecs, LogCollector, MetricSink, Page, PublishError, Publisher,
};

/// An account with one waiting instance, and these container instances in the cluster `harbor`.
pub(super) struct Account {
    pub(super) container_instances: Vec<ContainerInstance>,
    pub(super) refuses: bool,
    /// From when on the second of the container instances is there.
    pub(super) registers_anew: Timestamp,
    pub(super) metadata: Option<&'static str>,
    pub(super) calls: Mutex<Vec<String>>,
    pub(super) told: Mutex<Vec<Message>>,
    /// Topics that were asked, by their last part, and the one that fails.
    pub(super) topics: Mutex<Vec<String>>,
    pub(super) failing_topic: Option<&'static str>,
    pub(super) now: Mutex<Timestamp>,
}

pub(super) fn account(arns: &[&str]) -> Account {
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
        registers_anew: Timestamp::from_millis(0),
        metadata: None,
        calls: Mutex::default(),
        told: Mutex::default(),
        topics: Mutex::default(),
        failing_topic: None,
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
        let there = if self.now() < self.registers_anew { 1 } else { self.container_instances.len() };
        Ok(page(self.container_instances[..there].iter().map(|instance| instance.arn.clone()).collect()))
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
    async fn publish(&self, topic: Option<&str>, message: &Message, _: Duration) -> Result<(), PublishError> {
        let name = topic.and_then(|topic| topic.rsplit(':').next()).unwrap_or("default");
        self.topics.lock().unwrap().push(name.to_owned());
        if self.failing_topic == Some(name) {
            return Err(PublishError::Unavailable("500".into()));
        }
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

impl LogCollector for &Account {
    async fn send(&self, command: Command<'_>) -> Result<(), ApiError> {
        self.note(&format!("send {}", command.instance_id));
        Ok(())
    }

    async fn invocations(&self, _: &str, _: Timestamp) -> Result<Vec<Invocation>, ApiError> {
        self.note("invocations");
        Ok(Vec::new())
    }
}
