//! The one vocabulary of causes: code, metrics, logs, policy and people use these words.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Makes the enum, its words and its texts from one table, so that none of them can be forgotten.
macro_rules! causes {
    ($($variant:ident $word:literal $meaning:literal $next_step:literal)*) => {
        /// What a stop comes down to. The word is a kebab-case contract (metrics, policy, JSON).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cause {
            $(#[doc = $meaning] $variant,)*
        }

        impl Cause {
            /// Every cause, in the order of the documentation.
            pub const ALL: &'static [Cause] = &[$(Cause::$variant,)*];

            /// The word in metrics, policy, JSON and logs.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Cause::$variant => $word,)* }
            }

            /// What it means, as one line of the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Cause::$variant => $meaning,)* }
            }

            /// What to look at first.
            #[must_use]
            pub const fn next_step(self) -> &'static str {
                match self { $(Cause::$variant => $next_step,)* }
            }
        }
    };
}

causes! {
    NotStopped "not-stopped" "The task has not stopped yet; the final event follows."
        "Nothing to do."
    ContainerExited "container-exited" "A container ended with an error, or without an exit code, and its task runs on without it."
        "Read the container's last log lines. What it was there for is not done before the task is replaced: stop the task where that matters."
    Duplicate "duplicate" "This event, or a later version of its task, was judged before."
        "Nothing to do."
    Completed "completed" "A job ended cleanly, or with an exit code the policy expects."
        "Nothing to do."
    UnexpectedCompletion "unexpected-completion" "A service's container ended with exit code 0, and a service should not end."
        "Look at the last log lines: why did a process that should serve for ever return? If it is meant to, run it as a job or list 0 in expected-exit-codes."
    ScaledIn "scaled-in" "The service scheduler replaced or removed the task: a deployment or a scale-in."
        "Nothing to do. If the task was killed after its stopTimeout, let it handle SIGTERM."
    StoppedByUser "stopped-by-user" "Somebody or something called StopTask."
        "If nobody remembers: CloudTrail, event StopTask, shows who called."
    Drained "drained" "The instance under the task was being drained."
        "Nothing to do for a service. A job must be started again by its owner."
    Maintenance "maintenance" "AWS maintained the infrastructure under the task."
        "Nothing to do for a service. A job must be started again by its owner."
    ApplicationExit "application-exit" "The application ended with an error code of its own."
        "Read the container's last log lines, then compare with the last deployment."
    OutOfMemory "out-of-memory" "The kernel killed a process for lack of memory."
        "Compare the container's memory limit with its use before the kill; raise the limit or find the leak."
    Killed "killed" "A container got SIGKILL (137), no stop was asked for, and nothing says it was memory."
        "Look at the host: kernel log (dmesg) for an OOM kill, the docker and agent logs for a kill from outside."
    Crashed "crashed" "A signal of a crash ended the process: abort, segmentation fault, illegal instruction and the like."
        "Look for a stack trace in the last log lines; check native libraries and the CPU architecture of the image."
    Terminated "terminated" "A signal that asks to stop (129, 130, 143) ended the container, though ECS asked for nothing."
        "Find who sent it: another container of the task that went first, a process inside, or somebody on the host."
    HealthCheck "health-check" "The task failed its load balancer or container health checks and was replaced."
        "Look at the target group's reason code and the application's logs just before the stop; check grace period and timeouts."
    ImagePull "image-pull" "The image could not be pulled."
        "Check that the tag exists, that the execution role may pull it, and that the host reaches the registry."
    StartFailure "start-failure" "The container could not be created or started, or its command does not exist."
        "Check the task definition's command, entry point, mounts and the image's architecture against the last working revision."
    ResourceInitialization "resource-initialization" "Something the task needs before its start was not to be had: secrets, logging, volumes."
        "Check the execution role's permissions, the secret or parameter by name, and the network's way to its endpoint."
    Dependency "dependency" "A container another one depends on did not become ready."
        "Look at the container named in dependsOn: its health check and its own logs."
    Capacity "capacity" "There was no room: CPU, memory, GPU, ports, or no instance that fits the constraints."
        "Compare what the task asks for with what the capacity provider has left; check its Auto Scaling group's limits."
    Network "network" "The task's network interface could not be set up."
        "Check free addresses in the subnet, the account's interface limit, and the security groups by id."
    Storage "storage" "A volume could not be created, mounted or removed."
        "Check the volume's definition, the file system's mount targets, and space on the host."
    ContainerRuntime "container-runtime" "The agent or the container runtime failed or did not answer."
        "Suspect the host: look for more such tasks on it, check its disk (BurstBalance) and docker, drain it if in doubt."
    SpotInterrupted "spot-interrupted" "Spot capacity was taken back."
        "Nothing to do for a service. A job lost its work: start it again, on demand if it must not wait."
    HostTerminated "host-terminated" "The EC2 instance under the task was stopped or terminated."
        "Find out who ended the instance (Auto Scaling activity, CloudTrail) and why it was not drained first."
    InfrastructureHealth "infrastructure-health" "ECS took the host out of service because it was unhealthy, or AWS Health reports trouble with what tasks run on."
        "Nothing to do for a service. A job must be started again by its owner. The AWS Health Dashboard says what AWS does about it."
    ExitUnknown "exit-unknown" "A container ended and no exit code was reported; it is not taken for a success."
        "Look at the container's last log lines and at the host: agent connected, docker alive?"
    UnknownStopCode "unknown-stop-code" "The stop says something this version does not know; judged as an alert, never as a success."
        "Read the raw words in this alert and report them to the maintainers."
    DeploymentFailed "deployment-failed" "A deployment of a service did not reach a steady state, and ECS gave it up."
        "Look at the stops of the new revision's tasks, in the same thread; compare the revision with the last one that worked."
    DeploymentRolledBack "deployment-rolled-back" "ECS gives a deployment up and goes back to the one before."
        "The old revision runs: find out why the new one did not before deploying it again, by its stopped tasks and the alarms of the deployment."
    PlacementFailed "placement-failed" "The scheduler found no place for a task that a service should have."
        "Compare what the task asks for with what the instances or the capacity provider have left; check the Auto Scaling group's limits, agents and constraints."
    StartImpaired "start-impaired" "A service's tasks do not start, one after the other, and the scheduler tries less and less often."
        "Look at the stops of its tasks, in the same thread: image, secrets, health check, command."
    ServiceImpaired "service-impaired" "ECS finds something wrong with a service: an unhealthy target, an unhealthy instance in service discovery, or what this version has no word for."
        "Look at the service's events and at the health of its tasks and targets."
    Throttled "throttled" "The scheduler was throttled by an API it calls for the service, and goes on later."
        "Nothing to do for once. If it goes on: find out what calls so often, and spread deployments and scaling."
    Steady "steady" "A service, a deployment, a daemon or an instance goes its way: begun, in progress, completed, steady."
        "Nothing to do."
    DrainStarted "drain-started" "An instance is to be terminated, and its tasks are being moved away first."
        "Nothing to do."
    DrainStuck "drain-stuck" "A drain takes longer than it should: tasks on the instance have not stopped."
        "Look at the tasks named here and at what blocks each: room for a replacement, deployment limits, protection, the agent."
    DrainFinished "drain-finished" "An instance was drained and its termination continues."
        "Nothing to do. If tasks were stopped by the deadline, give the drain more time or the task a shorter end."
    InstanceRetained "instance-retained" "A drain's time was over and the instance was kept, with its tasks running."
        "See its tasks off, then end it: aws autoscaling terminate-instance-in-auto-scaling-group. It costs money until then."
    AgentDisconnected "agent-disconnected" "The ECS agent of a container instance that takes tasks has lost its connection and has not come back."
        "Look at the instance: its status checks, its disk (BurstBalance), docker and the agent's log. Its tasks run on unseen, and none is started there; drain it if it does not come back."
    HostImpaired "host-impaired" "A container instance's health check says that it is impaired."
        "Look at the check named here: the container runtime, the daemon or the accelerator of the instance. Drain and replace it if it does not recover."
    RebalanceRecommended "rebalance-recommended" "EC2 expects that it may take a Spot instance back."
        "Nothing to do: most of these are followed by no interruption. Spread over more instance types if they come often."
    RetirementScheduled "retirement-scheduled" "AWS will end or restart what a task or an instance runs on, at a date it names."
        "Before that date: let the services replace the tasks named here, or drain and replace the instance."
    ServiceBelowDesired "service-below-desired" "A service has run fewer tasks than it should for some time."
        "Look at the service's events and at the last stops of its tasks: no room, no image, failing health checks? If nobody needs it, set its desired count to what it is."
    TaskStuck "task-stuck" "A task has not reached RUNNING for some time, and ECS says nothing of it."
        "Look at the instance it is placed on: agent and docker alive, disk full, image large? Without an instance: has its capacity provider room? Stop the task to have it placed anew."
    StaleProtection "stale-protection" "An instance is protected from scale-in and runs nothing that needs it."
        "Find out who set the protection, and remove it: aws autoscaling set-instance-protection --no-protected-from-scale-in. The instance costs money until then."
    BurstBalanceLow "burst-balance-low" "A volume of a container instance has used up its burst credits, or will soon."
        "Find what reads and writes: image pulls, logs, a task's own files. Change the volume to gp3, which has no burst credits, or move the task."
    JobMissing "job-missing" "A job that should succeed every so often has not."
        "Look at what starts it: its schedule, the role that may run it, the last failed RunTask in CloudTrail; then at its last stops."
    JobOverrunning "job-overrunning" "A job runs longer than it should."
        "Look at its log: does it move? Compare with its last runs; stop the task if it hangs."
    NotAudited "not-audited" "Something that is looked at regularly could not be read for some time: nobody knows how it is."
        "Look at the reason: a missing permission, throttling, a cluster that is gone. Until it is read again, nothing of it is watched."
    ClusterWide "cluster-wide" "More incidents began at once in a cluster than are told one by one."
        "Look for what they share: instances, an Availability Zone, a deployment, a registry, a secret, a service all of them call."
    UnreadableEvent "unreadable-event" "A record could not be read as an event."
        "Look at the excerpt and at the rule or queue it came through; the record goes to the dead-letter queue."
    UnknownEvent "unknown-event" "A well-formed event of a kind this function does not judge."
        "Nothing to do, unless a rule sends it here by mistake."
}

impl Cause {
    /// Whether it is what ECS says of a service as a whole, and not about the stop of a task.
    #[must_use]
    pub const fn is_of_a_service(self) -> bool {
        matches!(
            self,
            Self::DeploymentFailed
                | Self::DeploymentRolledBack
                | Self::PlacementFailed
                | Self::StartImpaired
                | Self::ServiceImpaired
                | Self::Throttled
                | Self::Steady
        )
    }

    /// Whether it is about a state that somebody looks at again and again, and which is over when it is seen to be:
    /// silence says nothing of it.
    #[must_use]
    pub const fn is_of_a_state(self) -> bool {
        matches!(
            self,
            Self::AgentDisconnected
                | Self::HostImpaired
                | Self::ServiceBelowDesired
                | Self::TaskStuck
                | Self::StaleProtection
                | Self::BurstBalanceLow
                | Self::JobMissing
                | Self::JobOverrunning
                | Self::NotAudited
                | Self::DrainStuck
                | Self::InstanceRetained
        )
    }

    /// From its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|cause| cause.word() == word)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::from_word(&word).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|cause| cause.word()).collect();
            D::Error::custom(format!("unknown cause `{word}`, expected one of: {}", words.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Cause;

    #[test]
    fn words_are_kebab_case_unique_and_read_back() {
        let words: HashSet<_> = Cause::ALL.iter().map(|cause| cause.word()).collect();
        assert_eq!(words.len(), Cause::ALL.len());
        for cause in Cause::ALL {
            let word = cause.word();
            assert!(word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{word}");
            assert_eq!(Cause::from_word(word), Some(*cause));
            assert!(
                cause.meaning().ends_with('.') && cause.next_step().ends_with(['.', '?']),
                "{word}: sentences"
            );
        }
        assert_eq!(Cause::from_word("no-such-cause"), None);
    }
}
