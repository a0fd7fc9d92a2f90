//! Auto Scaling as a drain needs it: one method is one call.

use super::{ApiError, Page};
use crate::drain::auto_scaling::{ActionResult, Group, GroupInstance, Hook};

/// Instances in one `DescribeAutoScalingInstances`.
pub const PER_INSTANCES: usize = 50;
/// Groups in one `DescribeAutoScalingGroups`, named or as a page.
pub const PER_GROUPS: usize = 100;

/// Which groups to describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupFilter<'a> {
    /// All of the account and region.
    All,
    /// Those that have a tag of this key.
    TagKey(&'a str),
    /// Those of these names, 1 to 100; names nobody has are not answered.
    Names(&'a [String]),
}

/// A lifecycle action: this hook holds this instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action<'a> {
    /// The group's name.
    pub group: &'a str,
    /// The hook's name.
    pub hook: &'a str,
    /// The instance; enough for AWS without the action's token.
    pub instance_id: &'a str,
}

/// What became of a heartbeat or of a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionOutcome {
    /// It was taken.
    Accepted,
    /// `No active Lifecycle Action found`: it was completed before, or it expired.
    NoActiveAction,
}

/// Calls of Auto Scaling.
/// Source of the shapes: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/>.
pub trait AutoScaling {
    /// `DescribeAutoScalingGroups`, up to 100 a page.
    fn describe_groups(
        &self,
        filter: GroupFilter<'_>,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<Group>, ApiError>> + Send;

    /// `DescribeAutoScalingInstances`, 1 to 50 ids; an instance in no group is not answered.
    fn describe_instances(
        &self,
        instance_ids: &[String],
    ) -> impl Future<Output = Result<Vec<GroupInstance>, ApiError>> + Send;

    /// `DescribeLifecycleHooks` of a group.
    fn describe_hooks(&self, group: &str) -> impl Future<Output = Result<Vec<Hook>, ApiError>> + Send;

    /// `RecordLifecycleActionHeartbeat`.
    fn heartbeat(&self, action: Action<'_>) -> impl Future<Output = Result<ActionOutcome, ApiError>> + Send;

    /// `CompleteLifecycleAction`.
    fn complete(
        &self,
        action: Action<'_>,
        result: ActionResult,
    ) -> impl Future<Output = Result<ActionOutcome, ApiError>> + Send;
}
