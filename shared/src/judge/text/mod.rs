//! What the words of `stoppedReason` and of a container's `reason` stand for.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>,
//! the error names of amazon-ecs-agent, and the samples of the event reference. Matching ignores case
//! and never needs the end of a text: ECS cuts it at 1,024 characters or before.

mod classify;
mod hints;

pub use classify::classify;
pub use hints::{image_trouble, speaks_of_trouble};

use crate::verdict::{Cause, Severity};

/// What a text says about a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextClass {
    /// A process was killed for lack of memory.
    OutOfMemory,
    /// The task or a container could not start, or the runtime failed.
    Start(StartTrouble),
    /// A load balancer or container health check failed.
    HealthCheck,
    /// Spot capacity was taken back.
    Spot,
    /// `Host EC2 (instance i-…) terminated.` or `stopped.`
    HostGone,
    /// `Scaling activity initiated by (deployment ecs-svc/N)`: scale-in, or the old side of a deployment.
    Scaling,
    /// The container instance was being drained.
    Draining,
    /// AWS maintains the infrastructure.
    Maintenance,
    /// Somebody stopped it, in AWS's own words.
    StoppedByUser,
    /// `Essential container in task exited`.
    EssentialExit,
}

/// What kept a task from starting, or the runtime from working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartTrouble {
    /// The `CannotPull…` family.
    ImagePull,
    /// Secrets, logging, volumes before the start.
    ResourceInitialization,
    /// `dependsOn` was not fulfilled.
    Dependency,
    /// Volumes.
    Storage,
    /// The container's own configuration.
    Configuration,
    /// Agent and container runtime.
    Runtime,
    /// A network interface that did not come in time, or container networking.
    Network,
    /// EC2 refused the network interface.
    NetworkRefused,
    /// No room, or no instance that fits.
    Capacity,
    /// Only that it failed.
    Unspecified,
}

impl StartTrouble {
    /// The cause this trouble counts as.
    #[must_use]
    pub const fn cause(self) -> Cause {
        match self {
            Self::ImagePull => Cause::ImagePull,
            Self::ResourceInitialization => Cause::ResourceInitialization,
            Self::Dependency => Cause::Dependency,
            Self::Storage => Cause::Storage,
            Self::Configuration | Self::Unspecified => Cause::StartFailure,
            Self::Runtime => Cause::ContainerRuntime,
            Self::Network | Self::NetworkRefused => Cause::Network,
            Self::Capacity => Cause::Capacity,
        }
    }

    /// How bad it is. What passes by itself is medium; what keeps a service down until somebody acts is high.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::ImagePull
            | Self::ResourceInitialization
            | Self::Dependency
            | Self::Storage
            | Self::Configuration
            | Self::NetworkRefused => Severity::High,
            Self::Runtime | Self::Network | Self::Capacity | Self::Unspecified => Severity::Medium,
        }
    }

    /// What happened, as the end of a sentence.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::ImagePull => "its image could not be pulled",
            Self::ResourceInitialization => "secrets, logging or volumes could not be set up",
            Self::Dependency => "a container it depends on did not become ready",
            Self::Storage => "a volume could not be set up",
            Self::Configuration => "a container could not be created or started",
            Self::Runtime => "the agent or container runtime failed",
            Self::Network => "its network was not ready in time",
            Self::NetworkRefused => "EC2 refused its network interface",
            Self::Capacity => "there is no room or no fitting instance for it",
            Self::Unspecified => "it failed to start",
        }
    }
}

#[cfg(test)]
mod tests;
