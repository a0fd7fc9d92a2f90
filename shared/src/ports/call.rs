//! What one call of ECS or Auto Scaling can cost, for those who budget calls and time, and what it needs to be
//! allowed.

use std::time::Duration;

/// How often one call goes out at most: once, and once more where it was throttled, failed or was not
/// answered. The next tick comes within a minute and asks again, and each attempt is taken out of the
/// account's bucket, which everything else in the account draws from too.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>.
pub const ATTEMPTS_PER_CALL: u32 = 2;

/// How long one call takes at most: two attempts of four seconds, a second's pause between them. Who has less
/// time than this left does not call.
pub const LONGEST_CALL: Duration = Duration::from_secs(9);

/// Auto Scaling's calls; all others are ECS's.
const OF_AUTO_SCALING: [&str; 6] = [
    "CompleteLifecycleAction",
    "DescribeAutoScalingGroups",
    "DescribeAutoScalingInstances",
    "DescribeLifecycleHooks",
    "RecordLifecycleActionHeartbeat",
    "SetInstanceProtection",
];

/// Systems Manager's calls.
const OF_SYSTEMS_MANAGER: [&str; 2] = ["ListCommandInvocations", "SendCommand"];

/// The IAM action that allows a call of ECS, Auto Scaling or Systems Manager; each has the call's own name.
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/>.
#[must_use]
pub fn iam_action(call: &str) -> String {
    let service = if OF_AUTO_SCALING.contains(&call) {
        "autoscaling"
    } else if OF_SYSTEMS_MANAGER.contains(&call) {
        "ssm"
    } else {
        "ecs"
    };
    format!("{service}:{call}")
}

#[cfg(test)]
mod tests {
    use super::iam_action;

    #[test]
    fn an_action_is_named_for_its_service_and_call() {
        assert_eq!(iam_action("UpdateContainerInstancesState"), "ecs:UpdateContainerInstancesState");
        assert_eq!(iam_action("DescribeLifecycleHooks"), "autoscaling:DescribeLifecycleHooks");
        assert_eq!(iam_action("SendCommand"), "ssm:SendCommand");
    }
}
