//! Why tasks end, in the words of ECS.

use super::line::Line;

/// Why a task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The deployment with this number removes it; its container ends with this code.
    Scaled(u64, u8),
    /// It fails the checks of its load balancer.
    Unhealthy,
    /// Its container ends by itself with this code.
    Exited(u8),
    /// The kernel kills its container for lack of memory.
    OutOfMemory,
    /// Spot capacity is taken back.
    Spot,
    /// Its image cannot be pulled.
    ImagePull,
    /// Its secrets cannot be had.
    Secrets,
    /// Its host is gone.
    HostGone,
    /// Somebody calls `StopTask`.
    User,
}

impl End {
    /// Whether the task never starts.
    #[must_use]
    pub const fn is_at_start(self) -> bool {
        matches!(self, Self::ImagePull | Self::Secrets)
    }

    /// The `stopCode`.
    #[must_use]
    pub const fn stop_code(self) -> &'static str {
        match self {
            Self::Scaled(..) | Self::Unhealthy => "ServiceSchedulerInitiated",
            Self::Exited(_) | Self::OutOfMemory => "EssentialContainerExited",
            Self::Spot => "SpotInterruption",
            Self::ImagePull | Self::Secrets => "TaskFailedToStart",
            Self::HostGone => "TerminationNotice",
            Self::User => "UserInitiated",
        }
    }

    /// The container's exit code; none where none is reported.
    #[must_use]
    pub const fn exit_code(self) -> Option<u8> {
        match self {
            Self::Scaled(_, code) | Self::Exited(code) => Some(code),
            Self::Unhealthy | Self::Spot | Self::User => Some(143),
            Self::OutOfMemory => Some(137),
            Self::ImagePull | Self::Secrets | Self::HostGone => None,
        }
    }

    /// The container's `reason`.
    #[must_use]
    pub const fn container_reason(self) -> Option<&'static str> {
        match self {
            Self::OutOfMemory => Some("OutOfMemoryError: Container killed due to memory usage"),
            Self::ImagePull => Some(
                "CannotPullContainerError: Error response from daemon: manifest for the image not found: manifest unknown",
            ),
            Self::Scaled(..)
            | Self::Unhealthy
            | Self::Exited(_)
            | Self::Spot
            | Self::Secrets
            | Self::HostGone
            | Self::User => None,
        }
    }

    /// Writes the `stoppedReason` of a task of this service or family, on a host with this id.
    pub fn write_reason(self, line: &mut Line, name: &str, host: u64) {
        match self {
            Self::Scaled(deployment, _) => {
                line.text("Scaling activity initiated by (deployment ecs-svc/").number(deployment).text(")")
            }
            Self::Unhealthy => line
                .text("Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/")
                .text(name)
                .text("/c24fec061741aa8e)"),
            Self::Exited(_) | Self::OutOfMemory => line.text("Essential container in task exited"),
            Self::Spot => line.text("Your Spot Task was interrupted."),
            Self::ImagePull => line.text("Task failed to start"),
            Self::Secrets => line.text("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret: AccessDeniedException"),
            Self::HostGone => line.text("Host EC2 (instance i-0").hex(host, 16).text(") terminated."),
            Self::User => line.text("Task stopped by user"),
        };
    }
}
