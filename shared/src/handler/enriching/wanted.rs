//! What is worth a call, by the cause of a verdict.

use crate::event::{Container, TaskStateChange};
use crate::judge::exit_code;
use crate::verdict::{Cause, Verdict};

/// What is to be looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a call")]
pub(super) struct Wanted {
    /// The task definition, since the verdict may depend on it.
    pub(super) definition_to_judge: bool,
    /// The container instance, since the verdict may depend on it.
    pub(super) host: bool,
    /// The last log lines, and with them the task definition.
    pub(super) log_lines: bool,
    /// The deployments of the service.
    pub(super) deployment: bool,
    /// The peak of memory and the limits.
    pub(super) memory: bool,
}

impl Wanted {
    /// For a verdict.
    pub(super) fn of(task: &TaskStateChange, verdict: &Verdict) -> Self {
        let several = task.containers.len() > 1;
        let wanted = by_cause(verdict.cause, verdict.container.is_some());
        Self {
            definition_to_judge: wanted.definition_to_judge && (several || wanted.memory),
            host: wanted.host && task.container_instance_arn.is_some(),
            deployment: wanted.deployment
                && task.service().is_some()
                && task.started_by.as_deref().is_some_and(|by| by.starts_with("ecs-svc/")),
            ..wanted
        }
    }
}

/// Whether a quiet verdict may hide a failure: a job counts as completed since one container returned 0, and another
/// one was killed, which follows from that end unless the other one was the essential one.
pub(super) fn is_doubtful(task: &TaskStateChange, verdict: &Verdict) -> bool {
    let was_killed = |container: &Container| container.exit_code.is_some_and(exit_code::follows_from_a_stop);
    let is_named = verdict.container.is_some()
        && [task.service(), task.family()].contains(&verdict.container.as_deref());
    verdict.cause == Cause::Completed && !is_named && task.containers.iter().any(was_killed)
}

/// What helps with a cause; `blamed` where the verdict names a container.
const fn by_cause(cause: Cause, blamed: bool) -> Wanted {
    let nothing = Wanted {
        definition_to_judge: false,
        host: false,
        log_lines: false,
        deployment: false,
        memory: false,
    };
    let own_end = Wanted { definition_to_judge: true, log_lines: true, deployment: true, ..nothing };
    match cause {
        // Which container is essential tells whose memory, kill or exit code counts.
        Cause::OutOfMemory | Cause::Killed => Wanted { memory: true, ..own_end },
        Cause::ApplicationExit
        | Cause::Completed
        | Cause::UnexpectedCompletion
        | Cause::Crashed
        | Cause::Terminated
        | Cause::ExitUnknown
        | Cause::ContainerExited
        | Cause::StartFailure
        | Cause::ContainerRuntime => own_end,
        Cause::HealthCheck | Cause::Dependency | Cause::UnknownStopCode => {
            Wanted { log_lines: true, deployment: true, ..nothing }
        }
        // Nothing ran, so nothing was logged.
        Cause::ImagePull
        | Cause::ResourceInitialization
        | Cause::Capacity
        | Cause::Network
        | Cause::Storage => Wanted { deployment: true, ..nothing },
        Cause::SpotInterrupted | Cause::HostTerminated | Cause::InfrastructureHealth => {
            Wanted { host: true, log_lines: blamed, ..nothing }
        }
        // An alert only where a container crashed on its way out, or by policy.
        Cause::ScaledIn | Cause::StoppedByUser | Cause::Drained | Cause::Maintenance => {
            Wanted { log_lines: blamed, ..nothing }
        }
        Cause::NotStopped
        | Cause::Duplicate
        | Cause::ClusterWide
        | Cause::DeploymentFailed
        | Cause::DeploymentRolledBack
        | Cause::PlacementFailed
        | Cause::StartImpaired
        | Cause::ServiceImpaired
        | Cause::Throttled
        | Cause::Steady
        | Cause::DrainStarted
        | Cause::DrainStuck
        | Cause::DrainFinished
        | Cause::InstanceRetained
        | Cause::AgentDisconnected
        | Cause::HostImpaired
        | Cause::RebalanceRecommended
        | Cause::RetirementScheduled
        | Cause::ServiceBelowDesired
        | Cause::TaskStuck
        | Cause::StaleProtection
        | Cause::BurstBalanceLow
        | Cause::JobMissing
        | Cause::JobOverrunning
        | Cause::NotAudited
        | Cause::UnreadableEvent
        | Cause::UnknownEvent => nothing,
    }
}
