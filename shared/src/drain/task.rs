//! A task as a drain sees it.

/// The one status that means a task is gone.
const STOPPED: &str = "STOPPED";

/// What every `StopTask` of ours begins its reason with; a finished drain counts its stops by it.
pub const STOP_REASON: &str = "ecs-steward drain:";

/// Whether ECS wants a task to run: what `ListTasks` filters by. It lists RUNNING unless asked otherwise, and
/// a task that is stopping is listed only under STOPPED.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DesiredStatus {
    /// Tasks that are to run.
    Running,
    /// Tasks that are stopping, and those that stopped within the last hour or so.
    Stopped,
}

impl DesiredStatus {
    /// AWS's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// A task as `DescribeTasks` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// The container instance it is on.
    pub container_instance: Option<String>,
    /// For example `service:web` or `family:nightly`.
    pub group: Option<String>,
    /// Who started it; `ecs-svc/…` for a service.
    pub started_by: Option<String>,
    /// For example `RUNNING`, `STOPPING`, `STOPPED`.
    pub last_status: Option<String>,
    /// `RUNNING` or `STOPPED`.
    pub desired_status: Option<String>,
    /// Why it stopped or is stopping; what a caller of `StopTask` gave as reason stands in here.
    pub stopped_reason: Option<String>,
}

impl Task {
    /// A task that is known to have stopped, and whether we asked for that.
    #[must_use]
    pub fn stopped(arn: &str, by_us: bool) -> Self {
        let stopped = || Some(STOPPED.to_owned());
        Self {
            arn: arn.to_owned(),
            last_status: stopped(),
            desired_status: stopped(),
            stopped_reason: by_us.then(|| STOP_REASON.to_owned()),
            ..Self::default()
        }
    }

    /// Whether it is gone. A status that is missing or unknown is not gone.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.last_status.as_deref() == Some(STOPPED)
    }

    /// Whether somebody has asked it to stop.
    #[must_use]
    pub fn is_asked_to_stop(&self) -> bool {
        self.desired_status.as_deref() == Some(STOPPED)
    }

    /// Whether the reason of its stop is one of ours, see [`STOP_REASON`].
    #[must_use]
    pub fn was_stopped_by_us(&self) -> bool {
        self.stopped_reason.as_deref().is_some_and(|reason| reason.contains(STOP_REASON))
    }

    /// The service that owns it, by name.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.group.as_deref()?.strip_prefix("service:")
    }

    /// Whether a service owns it, even where its name is not told.
    #[must_use]
    pub fn is_of_service(&self) -> bool {
        self.service().is_some() || self.started_by.as_deref().is_some_and(|by| by.starts_with("ecs-svc/"))
    }
}

/// How a service spreads its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SchedulingStrategy {
    /// As many as are desired, anywhere.
    Replica,
    /// One on each instance.
    Daemon,
}
