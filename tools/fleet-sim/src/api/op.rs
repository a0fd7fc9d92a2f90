//! The operations there are, and whose allowance each spends.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>.

/// An AWS service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Elastic Container Service.
    Ecs,
    /// EC2 Auto Scaling.
    AutoScaling,
    /// Simple Notification Service.
    Sns,
    /// Systems Manager.
    Ssm,
}

/// Calls that share one allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Allowance {
    /// ECS: cluster resources, read.
    ClusterResourceRead,
    /// ECS: cluster resources, modify.
    ClusterResourceModify,
    /// ECS: clusters, read.
    ClusterRead,
    /// ECS: services, read.
    ServiceRead,
    /// ECS: task definitions, read.
    TaskDefinitionRead,
    /// ECS: task protection.
    TaskProtection,
    /// Auto Scaling, all of it; AWS does not say how much.
    AutoScaling,
    /// SNS: far more than a handler publishes.
    Sns,
    /// Systems Manager's Run Command; AWS does not say how much.
    RunCommand,
}

impl Allowance {
    /// Every one of them.
    pub const ALL: [Self; 9] = [
        Self::ClusterResourceRead,
        Self::ClusterResourceModify,
        Self::ClusterRead,
        Self::ServiceRead,
        Self::TaskDefinitionRead,
        Self::TaskProtection,
        Self::AutoScaling,
        Self::Sns,
        Self::RunCommand,
    ];

    /// How many calls at once, and how many more each second.
    #[must_use]
    pub const fn burst_and_rate(self) -> (u32, u32) {
        match self {
            Self::ClusterResourceRead | Self::ServiceRead => (100, 20),
            Self::ClusterResourceModify => (100, 40),
            Self::ClusterRead | Self::TaskDefinitionRead => (50, 20),
            Self::TaskProtection => (200, 80),
            Self::AutoScaling => (100, 10),
            Self::Sns => (3000, 300),
            Self::RunCommand => (40, 5),
        }
    }
}

/// Writes the operations once: the enum, their names, and their allowances.
macro_rules! operations {
    ($($op:ident $allowance:ident),+ $(,)?) => {
        /// An operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Op {
            $(#[doc = concat!("`", stringify!($op), "`.")] $op,)+
        }

        impl Op {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$op),+];

            /// AWS's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$op => stringify!($op),)+ }
            }

            /// Whose allowance it spends.
            #[must_use]
            pub const fn allowance(self) -> Allowance {
                match self { $(Self::$op => Allowance::$allowance,)+ }
            }
        }
    };
}

operations! {
    ListClusters ClusterRead,
    DescribeClusters ClusterRead,
    ListContainerInstances ClusterResourceRead,
    DescribeContainerInstances ClusterResourceRead,
    UpdateContainerInstancesState ClusterResourceModify,
    PutAttributes ClusterResourceModify,
    DeleteAttributes ClusterResourceModify,
    ListTasks ClusterResourceRead,
    DescribeTasks ClusterResourceRead,
    StopTask ClusterResourceModify,
    ListServices ServiceRead,
    DescribeServices ServiceRead,
    GetTaskProtection TaskProtection,
    DescribeTaskDefinition TaskDefinitionRead,
    DescribeCapacityProviders ClusterRead,
    DescribeAutoScalingGroups AutoScaling,
    DescribeAutoScalingInstances AutoScaling,
    DescribeLifecycleHooks AutoScaling,
    RecordLifecycleActionHeartbeat AutoScaling,
    CompleteLifecycleAction AutoScaling,
    SetInstanceProtection AutoScaling,
    Publish Sns,
    SendCommand RunCommand,
    ListCommandInvocations RunCommand,
}

impl Op {
    /// The service it belongs to.
    #[must_use]
    pub const fn service(self) -> Service {
        match self.allowance() {
            Allowance::ClusterResourceRead
            | Allowance::ClusterResourceModify
            | Allowance::ClusterRead
            | Allowance::ServiceRead
            | Allowance::TaskDefinitionRead
            | Allowance::TaskProtection => Service::Ecs,
            Allowance::AutoScaling => Service::AutoScaling,
            Allowance::Sns => Service::Sns,
            Allowance::RunCommand => Service::Ssm,
        }
    }

    /// The operation of AWS's name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.name() == name)
    }
}
