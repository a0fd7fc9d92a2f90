//! What the words of `stoppedReason` and of a container's `reason` stand for.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>,
//! the error names of amazon-ecs-agent, and the samples of the event reference. Matching ignores case
//! and never needs the end of a text: ECS cuts it at 1,024 characters or before.

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

/// Names of errors, in lower case. Unlike phrases they are never a person's words.
const ERROR_NAMES: &[(&str, StartTrouble)] = &[
    ("cannotpull", StartTrouble::ImagePull),
    ("resourceinitializationerror", StartTrouble::ResourceInitialization),
    ("resourcenotfoundexception", StartTrouble::ResourceInitialization),
    ("taskdependencyerror", StartTrouble::Dependency),
    ("cannotcreatevolumeerror", StartTrouble::Storage),
    ("cannotinspectvolumeerror", StartTrouble::Storage),
    ("cannotremovevolumeerror", StartTrouble::Storage),
    ("cannotstartcontainererror", StartTrouble::Configuration),
    ("cannotcreatecontainererror", StartTrouble::Configuration),
    ("hostconfigerror", StartTrouble::Configuration),
    ("invalidvolumeerror", StartTrouble::Configuration),
    ("dockerclientconfigerror", StartTrouble::Configuration),
    ("cannotstopcontainererror", StartTrouble::Runtime),
    ("cannotinspectcontainererror", StartTrouble::Runtime),
    ("cannotdescribecontainererror", StartTrouble::Runtime),
    ("cannotgetdockerclienterror", StartTrouble::Runtime),
    ("nosuchcontainererror", StartTrouble::Runtime),
    ("containervanishederror", StartTrouble::Runtime),
    ("dockertimeouterror", StartTrouble::Runtime),
    ("containerruntimetimeouterror", StartTrouble::Runtime),
    ("containerruntimeerror", StartTrouble::Runtime),
    ("impossiblestatetransitionerror", StartTrouble::Runtime),
    ("internalerror", StartTrouble::Runtime),
    ("internalservererror", StartTrouble::Runtime),
    ("unknownerror", StartTrouble::Runtime),
    ("containernetworkingerror", StartTrouble::Network),
];

/// Phrases of the scheduler and the agent, in lower case. The first that is found counts.
const PHRASES: &[(&str, TextClass)] = &[
    ("failed elb health checks", TextClass::HealthCheck),
    ("failed container health checks", TextClass::HealthCheck),
    ("is unhealthy in (target-group", TextClass::HealthCheck),
    ("is unhealthy in target-group", TextClass::HealthCheck),
    ("your spot task was interrupted", TextClass::Spot),
    ("spotinterruption", TextClass::Spot),
    ("host ec2 (instance", TextClass::HostGone),
    ("scaling activity initiated by", TextClass::Scaling),
    ("in draining state", TextClass::Draining),
    ("during instance draining", TextClass::Draining),
    ("performing maintenance on the underlying infrastructure", TextClass::Maintenance),
    ("stopped by user", TextClass::StoppedByUser),
    ("essential container in task exited", TextClass::EssentialExit),
    ("essential container exited", TextClass::EssentialExit),
    ("network interface provisioning", TextClass::Start(StartTrouble::Network)),
    ("unexpected ec2 error while attempting", TextClass::Start(StartTrouble::NetworkRefused)),
    ("empty capacity provider", TextClass::Start(StartTrouble::Capacity)),
    ("memberof constraint", TextClass::Start(StartTrouble::Capacity)),
    ("capacity is unavailable", TextClass::Start(StartTrouble::Capacity)),
    ("no active instances", TextClass::Start(StartTrouble::Capacity)),
    ("did not become healthy", TextClass::Start(StartTrouble::Dependency)),
    ("dependson", TextClass::Start(StartTrouble::Dependency)),
];

/// The words of `RunTask` failures (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html>),
/// which say something only at the start of a reason.
const PLACEMENT_WORDS: &[&str] = &["resource:", "attribute", "agent", "location"];

/// The text of every scale-in and deployment: the one reason worth a shortcut.
const SCALING_PREFIX: &str = "Scaling activity initiated by ";
/// The text of every essential exit.
const ESSENTIAL_EXIT: &str = "Essential container in task exited";

/// What a text says; `None` where it says nothing we know.
#[must_use]
pub fn classify(text: &str) -> Option<TextClass> {
    if text == ESSENTIAL_EXIT {
        return Some(TextClass::EssentialExit);
    }
    let lower = text.to_ascii_lowercase();
    if says_out_of_memory(&lower) {
        return Some(TextClass::OutOfMemory);
    }
    if text.starts_with(SCALING_PREFIX) {
        return Some(TextClass::Scaling);
    }
    if let Some(trouble) = named_error(&lower) {
        return Some(TextClass::Start(trouble));
    }
    if let Some((_, class)) = PHRASES.iter().find(|(phrase, _)| lower.contains(phrase)) {
        return Some(*class);
    }
    failed_to_start(lower.trim())
}

/// What a text says where a person may have written it: only memory and error names count.
#[must_use]
pub fn classify_free_text(text: &str) -> Option<TextClass> {
    let lower = text.to_ascii_lowercase();
    if says_out_of_memory(&lower) {
        return Some(TextClass::OutOfMemory);
    }
    named_error(&lower).map(TextClass::Start)
}

/// `OutOfMemoryError`, `OutOfMemory`, `OOMKilled`.
fn says_out_of_memory(lower: &str) -> bool {
    lower.contains("outofmemory") || lower.contains("oomkilled")
}

/// The error name that stands first in the text: what follows it is detail, and may hold other names.
fn named_error(lower: &str) -> Option<StartTrouble> {
    if !lower.contains("error") && !lower.contains("exception") && !lower.contains("cannotpull") {
        return None;
    }
    let found = ERROR_NAMES.iter().filter_map(|(name, trouble)| Some((lower.find(name)?, *trouble)));
    found.min_by_key(|(at, _)| *at).map(|(_, trouble)| trouble)
}

/// `Task failed to start`, `TaskFailedToStart: RESOURCE:GPU` and the words of placement alone.
fn failed_to_start(lower: &str) -> Option<TextClass> {
    let (failed, rest) = ["taskfailedtostart", "task failed to start"]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix))
        .map_or((false, lower), |rest| (true, rest.trim_start_matches([':', ' ', '.'])));
    let is_word = |word: &str| {
        let next = rest.strip_prefix(word).map(|rest| rest.chars().next());
        next.is_some_and(|next| word.ends_with(':') || next.is_none_or(|letter| !letter.is_alphanumeric()))
    };
    // Alone, `agent` and `location` are just words; `RESOURCE:CPU` and `ATTRIBUTE` are not used otherwise.
    let words = if failed { PLACEMENT_WORDS } else { &PLACEMENT_WORDS[..1] };
    if words.iter().any(|word| is_word(word)) {
        return Some(TextClass::Start(StartTrouble::Capacity));
    }
    failed.then_some(TextClass::Start(StartTrouble::Unspecified))
}

/// Why an image could not be pulled, as a hint for the reader.
#[must_use]
pub fn image_trouble(text: &str) -> &'static str {
    const HINTS: &[(&[&str], &str)] = &[
        (
            &["toomanyrequests", "rate limit"],
            "the registry limits the rate of pulls: log in to it, or use a pull-through cache",
        ),
        (&["no space left"], "the host's disk is full: look at the instance, not at the image"),
        (
            &["platform", "no matching manifest"],
            "the image has no build for this CPU architecture or operating system",
        ),
        (
            &["manifest unknown", "not found", "does not exist", "manifest for"],
            "the tag or repository does not exist",
        ),
        (
            &["401", "403", "denied", "unauthorized", "not authorized", "no basic auth", "auth"],
            "the registry refused access: check the execution role or the registry credentials",
        ),
        (
            &["timeout", "timed out", "deadline", "no route", "i/o", "dial tcp", "connection"],
            "the registry was not reached: check routes, NAT, endpoints and security groups",
        ),
    ];
    let lower = text.to_ascii_lowercase();
    let hint = HINTS.iter().find(|(words, _)| words.iter().any(|word| lower.contains(word)));
    hint.map_or("the reason gives no known hint", |(_, hint)| hint)
}

/// Whether the reason somebody gave to `StopTask` speaks of trouble.
#[must_use]
pub fn speaks_of_trouble(reason: &str) -> bool {
    const WORDS: &[&str] = &["timeout", "timed out", "timed-out", "fail", "error", "kill", "exceeded"];
    let lower = reason.to_ascii_lowercase();
    WORDS.iter().any(|word| {
        lower
            .match_indices(word)
            .any(|(at, _)| !lower[..at].ends_with(|before: char| before.is_ascii_alphabetic()))
    })
}

#[cfg(test)]
mod tests {
    use super::StartTrouble as T;
    use super::{TextClass as C, classify, classify_free_text, image_trouble, speaks_of_trouble};

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
            (
                "CannotStartContainerError: failed to create task: internalError",
                Some(C::Start(T::Configuration)),
            ),
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
            (
                "(service web) (port 80) is unhealthy in (target-group x) due to (reason y)",
                Some(C::HealthCheck),
            ),
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
    fn a_persons_words_are_no_class() {
        for text in
            ["Task failed to start within 5 minutes", "host is in DRAINING state", "dependsOn my mood", ""]
        {
            assert_eq!(classify_free_text(text), None, "{text}");
        }
        assert_eq!(classify_free_text("CannotPullContainerError: x"), Some(C::Start(T::ImagePull)));
    }

    #[test]
    fn a_stop_reason_speaks_of_trouble_in_whole_words() {
        for (reason, want) in [
            ("Job timed out after 3600 s", true),
            ("killed by watchdog", true),
            ("smoke test failed", true),
            ("Task stopped by user", false),
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
}
