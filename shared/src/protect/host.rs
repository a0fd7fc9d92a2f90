//! An instance as ECS and as Auto Scaling see it.

use crate::drain::auto_scaling::{GroupInstance, LifecycleState};
use crate::drain::container_instance::ContainerInstance;

/// AWS's word for an instance that serves: the one state in which we set or take protection. `Standby` and
/// `EnteringStandby` are allowed too, but somebody put the instance there by hand; all others are refused.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html>.
const IN_SERVICE: &str = "InService";

/// A container instance as `DescribeContainerInstances` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// What a drain sees of it too.
    pub instance: ContainerInstance,
    /// The capacity provider that launched it, where one did.
    pub capacity_provider: Option<String>,
}

/// An instance as its group has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What a drain sees of it too.
    pub instance: GroupInstance,
    /// Whether scale-in leaves it alone.
    pub is_protected: bool,
}

impl Member {
    /// Whether it serves.
    #[must_use]
    pub fn is_in_service(&self) -> bool {
        match &self.instance.state {
            LifecycleState::Other(word) => word.as_ref() == IN_SERVICE,
            LifecycleState::TerminatingWait | LifecycleState::Retained => false,
        }
    }
}

/// A capacity provider as `DescribeCapacityProviders` shows it.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProvider.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityProvider {
    /// Its name.
    pub name: String,
    /// The ARN of its Auto Scaling group; none for one without a group, such as FARGATE.
    pub group_arn: Option<String>,
    /// Whether ECS itself protects the group's instances: `managedTerminationProtection` is `ENABLED`.
    pub protects: bool,
}

impl CapacityProvider {
    /// The name of its group: the end of `arn:…:autoScalingGroup:UUID:autoScalingGroupName/NAME`, which may hold
    /// slashes itself.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.group_arn.as_deref()?.split_once(":autoScalingGroupName/").map(|(_, name)| name)
    }
}
