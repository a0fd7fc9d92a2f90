//! Services, and how one is asked for.

use std::time::Duration;

use shared::drain::task::SchedulingStrategy;
use shared::event::Timestamp;

use super::{ClusterNo, TaskNo};

/// Lines of the scheduler that are kept.
const MOST_EVENTS: usize = 10;

/// What a service is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePlan {
    /// Its name, also that of its task definition's family.
    pub name: String,
    /// The cluster's name.
    pub cluster: String,
    /// REPLICA or DAEMON.
    pub strategy: SchedulingStrategy,
    /// How many tasks a REPLICA service has.
    pub desired: usize,
    /// `minimumHealthyPercent`.
    pub minimum_percent: usize,
    /// `maximumPercent`.
    pub maximum_percent: usize,
    /// From placement to RUNNING.
    pub starts_in: Duration,
    /// From SIGTERM to the end of the container, if nobody kills it.
    pub stops_in: Duration,
    /// `stopTimeout`: from SIGTERM to SIGKILL.
    pub stop_timeout: Duration,
    /// How long a stopping task stays in DEACTIVATING while load balancers let go of it.
    pub deregistration_delay: Duration,
}

impl ServicePlan {
    /// A REPLICA service with AWS's defaults: 100 and 200 percent, 30 seconds to stop.
    #[must_use]
    pub fn replica(name: &str, cluster: &str, desired: usize) -> Self {
        Self {
            name: name.to_owned(),
            cluster: cluster.to_owned(),
            strategy: SchedulingStrategy::Replica,
            desired,
            minimum_percent: 100,
            maximum_percent: 200,
            starts_in: Duration::from_secs(8),
            stops_in: Duration::from_secs(2),
            stop_timeout: Duration::from_secs(30),
            deregistration_delay: Duration::ZERO,
        }
    }

    /// A DAEMON service.
    #[must_use]
    pub fn daemon(name: &str, cluster: &str) -> Self {
        Self { strategy: SchedulingStrategy::Daemon, ..Self::replica(name, cluster, 0) }
    }

    /// With these percentages.
    #[must_use]
    pub fn percent(mut self, minimum: usize, maximum: usize) -> Self {
        (self.minimum_percent, self.maximum_percent) = (minimum, maximum);
        self
    }

    /// With tasks that take this long to start.
    #[must_use]
    pub fn starts_in(mut self, span: Duration) -> Self {
        self.starts_in = span;
        self
    }

    /// With tasks that take this long to stop after SIGTERM.
    #[must_use]
    pub fn stops_in(mut self, span: Duration) -> Self {
        self.stops_in = span;
        self
    }

    /// With this `stopTimeout`.
    #[must_use]
    pub fn stop_timeout(mut self, span: Duration) -> Self {
        self.stop_timeout = span;
        self
    }

    /// With this deregistration delay.
    #[must_use]
    pub fn deregistration_delay(mut self, span: Duration) -> Self {
        self.deregistration_delay = span;
        self
    }
}

/// What is to become of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceStatus {
    /// It runs.
    Active,
    /// It was deleted, and has tasks that have not stopped.
    Draining,
    /// It was deleted.
    Inactive,
}

impl ServiceStatus {
    /// AWS's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive => "INACTIVE",
        }
    }
}

/// A line of the scheduler about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceEvent {
    /// When.
    pub at: Timestamp,
    /// What, in AWS's words.
    pub message: String,
}

/// A service that runs.
#[derive(Clone, Debug)]
pub struct Service {
    /// What it was asked to be; `desired` may be changed.
    pub plan: ServicePlan,
    /// Its cluster.
    pub cluster: ClusterNo,
    /// Its tasks that have not stopped, in the order they were started.
    pub tasks: Vec<TaskNo>,
    /// What is to become of it.
    pub status: ServiceStatus,
    /// When its deployment began: tasks from before are replaced.
    pub deployed: Timestamp,
    /// Whether that deployment goes on.
    pub rolls_out: bool,
    /// What the scheduler said of it, the newest last.
    pub events: Vec<ServiceEvent>,
}

impl Service {
    /// Its deployment, as tasks name it: `ecs-svc/` and 19 digits that the name determines.
    #[must_use]
    pub fn deployment(&self) -> String {
        let name = self.plan.name.bytes().chain(self.plan.cluster.bytes());
        let seed = name.fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        format!("ecs-svc/{:019}", crate::dice::Dice::new(seed).below(10_u64.pow(19)))
    }

    /// Notes a line of the scheduler, unless it is the last one again.
    pub(crate) fn say(&mut self, at: Timestamp, message: &str) {
        let message = format!("(service {}) {message}", self.plan.name);
        if self.events.last().is_some_and(|last| last.message == message) {
            return;
        }
        if self.events.len() >= MOST_EVENTS {
            self.events.remove(0);
        }
        self.events.push(ServiceEvent { at, message });
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!(
            "arn:aws:ecs:{}:{}:service/{}/{}",
            super::REGION,
            super::ACCOUNT,
            self.plan.cluster,
            self.plan.name
        )
    }

    /// How many tasks may be there while some are replaced.
    #[must_use]
    pub fn most(&self) -> usize {
        self.plan.desired * self.plan.maximum_percent / 100
    }

    /// How many have to be RUNNING while some are replaced.
    #[must_use]
    pub fn least(&self) -> usize {
        (self.plan.desired * self.plan.minimum_percent).div_ceil(100)
    }
}
