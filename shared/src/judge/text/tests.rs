//! Every text we know, and some that are none of them.

use super::StartTrouble as T;
use super::{TextClass as C, classify, image_trouble, speaks_of_trouble};

#[test]
fn every_known_text_has_its_class() {
    for (text, want) in [
        ("OutOfMemoryError: Container killed due to memory usage", Some(C::OutOfMemory)),
        ("OutOfMemoryError: container killed", Some(C::OutOfMemory)),
        ("OOMKilled", Some(C::OutOfMemory)),
        ("CannotPullContainerError: OutOfMemory", Some(C::OutOfMemory)),
        ("CannotPullContainerError: Error response from dae", Some(C::Start(T::ImagePull))),
        ("CannotPullECRContainerError: AccessDenied", Some(C::Start(T::ImagePull))),
        ("CannotPullImageManifestError: timeout", Some(C::Start(T::ImagePull))),
        (
            "ResourceInitializationError: unable to pull secrets: ResourceNotFoundException",
            Some(C::Start(T::ResourceInitialization)),
        ),
        (
            "ResourceNotFoundException: Secrets Manager can't find the secret",
            Some(C::Start(T::ResourceInitialization)),
        ),
        ("TaskDependencyError: dependent container failed", Some(C::Start(T::Dependency))),
        ("container db did not become healthy", Some(C::Start(T::Dependency))),
        ("CannotCreateVolumeError: mount failed", Some(C::Start(T::Storage))),
        ("CannotStartContainerError: failed to create task: internalError", Some(C::Start(T::Configuration))),
        ("HostConfigError: x", Some(C::Start(T::Configuration))),
        (
            "DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s",
            Some(C::Start(T::Runtime)),
        ),
        ("ContainerRuntimeTimeoutError", Some(C::Start(T::Runtime))),
        ("InternalError: something", Some(C::Start(T::Runtime))),
        ("ContainerNetworkingError: x", Some(C::Start(T::Network))),
        ("Timeout waiting for network interface provisioning to complete.", Some(C::Start(T::Network))),
        (
            "Unexpected EC2 error while attempting to Create Network Interface: x",
            Some(C::Start(T::NetworkRefused)),
        ),
        ("TaskFailedToStart: RESOURCE:GPU", Some(C::Start(T::Capacity))),
        ("TaskFailedToStart: ATTRIBUTE", Some(C::Start(T::Capacity))),
        ("TaskFailedToStart: AGENT", Some(C::Start(T::Capacity))),
        ("TaskFailedToStart: EMPTY CAPACITY PROVIDER", Some(C::Start(T::Capacity))),
        ("TaskFailedToStart: MemberOf constraint unsatisfied", Some(C::Start(T::Capacity))),
        ("RESOURCE:MEMORY", Some(C::Start(T::Capacity))),
        ("Capacity is unavailable at this time. Please try again later", Some(C::Start(T::Capacity))),
        ("Task failed to start", Some(C::Start(T::Unspecified))),
        ("Taskfailedtostart", Some(C::Start(T::Unspecified))),
        ("(service web) (port 80) is unhealthy in (target-group x) due to (reason y)", Some(C::HealthCheck)),
        ("Task failed ELB health checks in (target-group arn:x)", Some(C::HealthCheck)),
        ("Task failed container health checks", Some(C::HealthCheck)),
        ("Your Spot Task was interrupted.", Some(C::Spot)),
        ("SpotInterruptionError: x", Some(C::Spot)),
        ("Host EC2 (instance i-0123456789abcdef0) terminated.", Some(C::HostGone)),
        ("Scaling activity initiated by (deployment ecs-svc/1)", Some(C::Scaling)),
        ("scaling activity initiated by deployment ecs-svc/1", Some(C::Scaling)),
        ("The container instance i-1 is in DRAINING state", Some(C::Draining)),
        ("Task stopped during instance draining", Some(C::Draining)),
        (
            "Service web: ECS is performing maintenance on the underlying infrastructure hosting the task.",
            Some(C::Maintenance),
        ),
        ("Task stopped by user", Some(C::StoppedByUser)),
        ("Essential container in task exited", Some(C::EssentialExit)),
        ("TaskStoppedBeforePullBeginError: Task stopped before pull began", None),
        ("the agent was moved to a new location", None),
        ("", None),
        ("エラーで停止しました", None),
    ] {
        assert_eq!(classify(text), want, "{text}");
    }
}

#[test]
fn a_stop_reason_speaks_of_trouble() {
    for (reason, want) in [
        ("Job timed out after 3600 s", true),
        ("killed by watchdog", true),
        ("smoke test failed", true),
        ("Task stopped by user", false),
        ("Rollback v2: CannotPullContainerError in prod", true),
        ("rolling restart for the OOMKilled ticket", true),
        ("rotating skills matrix", false),
        ("", false),
    ] {
        assert_eq!(speaks_of_trouble(reason), want, "{reason}");
    }
}

#[test]
fn a_pull_error_has_a_hint() {
    for (text, want) in [
        ("toomanyrequests: You have reached your pull rate limit", "rate"),
        ("manifest unknown", "tag"),
        ("pull access denied", "refused"),
        ("dial tcp 10.0.0.1:443: i/o timeout", "reached"),
        ("write /layer: no space left on device", "disk"),
        ("no matching manifest for linux/arm64 in the manifest list", "architecture"),
        ("CannotPullContainerError", "no known hint"),
    ] {
        assert!(image_trouble(text).contains(want), "{text}");
    }
}
