//! ECS and Auto Scaling as the protection of instances needs them: one method is one call, so that calls can be
//! counted and paid for. The limits named here are AWS's own for one call; a caller keeps them.

use super::ecs::Partial;
use super::{ApiError, Page};
use crate::drain::container_instance::Attribute;
use crate::drain::task::DesiredStatus;
use crate::protect::{CapacityProvider, Host, HostedTask, Member, TaskFilter};

/// Attributes in one `PutAttributes` or `DeleteAttributes`.
pub const PER_ATTRIBUTES: usize = 10;
/// Instances in one `SetInstanceProtection`, and in one `DescribeAutoScalingInstances`.
pub const PER_PROTECTION: usize = 50;
/// Capacity providers in one `DescribeCapacityProviders`: as many as a page has.
pub const PER_PROVIDERS: usize = 10;

/// Tasks, and the container instances that host them: calls of ECS.
/// Source of the shapes: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/>.
pub trait TaskHosts {
    /// `ListClusters`: ARNs, up to 100 a page.
    fn list_clusters(
        &self,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `ListTasks` by desired status: ARNs, up to 100 a page.
    fn list_tasks(
        &self,
        cluster: &str,
        filter: &TaskFilter,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeTasks`, 1 to 100 ARNs, with their tags where these are asked for.
    fn describe_tasks(
        &self,
        cluster: &str,
        arns: &[String],
        with_tags: bool,
    ) -> impl Future<Output = Result<Partial<HostedTask>, ApiError>> + Send;

    /// `ListContainerInstances` that have an attribute of this name: ARNs, up to 100 a page, of every status but
    /// INACTIVE.
    fn list_with_attribute(
        &self,
        cluster: &str,
        attribute: &str,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeContainerInstances`, 1 to 100 ARNs.
    fn describe_hosts(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<Host>, ApiError>> + Send;

    /// `DescribeCapacityProviders`, 1 to 10 names.
    fn describe_capacity_providers(
        &self,
        names: &[String],
    ) -> impl Future<Output = Result<Partial<CapacityProvider>, ApiError>> + Send;

    /// `PutAttributes`, 1 to 10 of them.
    fn put_attributes(
        &self,
        cluster: &str,
        attributes: &[Attribute],
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// `DeleteAttributes`, 1 to 10 of them, whatever their values.
    fn delete_attributes(
        &self,
        cluster: &str,
        attributes: &[Attribute],
    ) -> impl Future<Output = Result<(), ApiError>> + Send;
}

/// What scale-in may take: calls of Auto Scaling.
/// Source of the shapes: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/>.
pub trait ScaleIn {
    /// `DescribeAutoScalingInstances`, 1 to 50 ids; an instance in no group is not answered.
    fn describe_members(
        &self,
        instance_ids: &[String],
    ) -> impl Future<Output = Result<Vec<Member>, ApiError>> + Send;

    /// `DescribeAutoScalingGroups`, 1 to 100 names: the instances of all of them, up to 100 groups a page.
    fn describe_groups_of(
        &self,
        names: &[String],
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<Member>, ApiError>> + Send;

    /// `SetInstanceProtection`, 1 to 50 instances of one group, all of which serve.
    fn set_protection(
        &self,
        group: &str,
        instance_ids: &[String],
        is_protected: bool,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;
}
