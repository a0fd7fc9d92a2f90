//! Tasks, as ECS sees them.

use std::time::Duration;

use shared::drain::task::DesiredStatus;
use shared::event::Timestamp;

use super::{ClusterNo, ServiceNo};
use crate::ec2::InstanceNo;

/// Which task, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskNo(pub(crate) usize);

/// Where a task stands.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LastStatus {
    /// Work before the start, such as a network interface.
    Provisioning,
    /// Waits for the agent.
    Pending,
    /// Work before RUNNING, such as registering with a load balancer.
    Activating,
    /// Runs.
    Running,
    /// Work before the stop, such as deregistering from a load balancer.
    Deactivating,
    /// Its containers were asked to stop.
    Stopping,
    /// Work after the stop.
    Deprovisioning,
    /// Gone.
    Stopped,
}

impl LastStatus {
    /// AWS's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// What kind of task it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Of a REPLICA service.
    Replica,
    /// Of a DAEMON service.
    Daemon,
    /// Of no service: `RunTask`.
    Standalone,
}

/// What a task of no service is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandalonePlan {
    /// Its task definition's family.
    pub family: String,
    /// Ends by itself after so long with exit code 0; runs until it is stopped where there is none.
    pub runs_for: Option<Duration>,
    /// From SIGTERM to the end of the container, if nobody kills it.
    pub stops_in: Duration,
    /// `stopTimeout`: from SIGTERM to SIGKILL.
    pub stop_timeout: Duration,
    /// Keys and values.
    pub tags: Vec<(String, String)>,
}

impl StandalonePlan {
    /// A task that runs until it is stopped, and stops within two seconds.
    #[must_use]
    pub fn of_family(family: &str) -> Self {
        Self {
            family: family.to_owned(),
            runs_for: None,
            stops_in: Duration::from_secs(2),
            stop_timeout: Duration::from_secs(30),
            tags: Vec::new(),
        }
    }

    /// With a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// That ends by itself after so long.
    #[must_use]
    pub const fn runs_for(mut self, span: Duration) -> Self {
        self.runs_for = Some(span);
        self
    }

    /// That takes this long to stop after SIGTERM.
    #[must_use]
    pub const fn stops_in(mut self, span: Duration) -> Self {
        self.stops_in = span;
        self
    }

    /// With this `stopTimeout`.
    #[must_use]
    pub const fn stop_timeout(mut self, span: Duration) -> Self {
        self.stop_timeout = span;
        self
    }
}

/// What a disconnected agent holds back until it connects again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Nothing.
    Nothing,
    /// The next status.
    Step,
    /// That the task ended by itself.
    End,
}

/// How a task came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// `stopCode`.
    pub code: &'static str,
    /// `stoppedReason`.
    pub reason: String,
    /// Exit code of its essential container; none where nobody saw it exit.
    pub exit_code: Option<i32>,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// Its cluster.
    pub cluster: ClusterNo,
    /// Where it runs.
    pub instance: InstanceNo,
    /// The service it is of.
    pub service: Option<ServiceNo>,
    /// Its kind.
    pub class: Class,
    /// Its task definition's family.
    pub family: String,
    /// Keys and values.
    pub tags: Vec<(String, String)>,
    /// Where it stands.
    pub last: LastStatus,
    /// Whether ECS wants it to run.
    pub desired: DesiredStatus,
    /// When it was started.
    pub created: Timestamp,
    /// When it was RUNNING first.
    pub started_at: Option<Timestamp>,
    /// When its stop was asked for.
    pub asked_at: Option<Timestamp>,
    /// When its containers ended; none where nobody saw that.
    pub ended_at: Option<Timestamp>,
    /// When it stopped.
    pub stopped_at: Option<Timestamp>,
    /// How it came to its end, known from when the stop is asked for.
    pub ending: Option<Ending>,
    /// Protected from the service's scheduler until then.
    pub protected_until: Option<Timestamp>,
    /// Counts its changes, as in events.
    pub version: u64,
    /// From placement to RUNNING.
    pub(crate) starts_in: Duration,
    /// As in [`StandalonePlan::runs_for`].
    pub(crate) runs_for: Option<Duration>,
    /// As in [`StandalonePlan::stops_in`].
    pub(crate) stops_in: Duration,
    /// As in [`StandalonePlan::stop_timeout`].
    pub(crate) stop_timeout: Duration,
    /// As in [`super::ServicePlan::deregistration_delay`].
    pub(crate) deregistration_delay: Duration,
    /// Tells a step that is due from one that was overtaken.
    pub(crate) turn: u32,
    /// What a disconnected agent holds back.
    pub(crate) held: Held,
    /// It had been RUNNING when its stop was asked for, so its containers get SIGTERM.
    pub(crate) had_run: bool,
}

impl Task {
    /// Whether it counts as running: desired RUNNING and past PENDING.
    #[must_use]
    pub fn counts_as_running(&self) -> bool {
        self.desired == DesiredStatus::Running && self.last > LastStatus::Pending
    }

    /// Whether it counts as pending: desired RUNNING and not past PENDING.
    #[must_use]
    pub fn counts_as_pending(&self) -> bool {
        self.desired == DesiredStatus::Running && self.last <= LastStatus::Pending
    }

    /// Whether the service may count on it.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.desired == DesiredStatus::Running && self.last == LastStatus::Running
    }

    /// Whether it has stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.last == LastStatus::Stopped
    }

    /// Whether it is protected now.
    #[must_use]
    pub fn is_protected(&self, now: Timestamp) -> bool {
        self.protected_until.is_some_and(|until| until > now)
    }
}
