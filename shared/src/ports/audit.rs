//! ECS and Auto Scaling as the audit reads them: one method is one call, so that calls can be counted and paid for.
//!
//! Clusters are named by name or ARN. The limits named here are AWS's own for one call; a caller keeps them.

use super::ecs::Partial;
use super::{ApiError, Page};
use crate::audit::seen::{Cluster, Instance, Member, Service, Task};

/// Clusters in one `DescribeClusters`, and elements of a page.
pub const PER_CLUSTERS: usize = 100;

/// Calls that read. Source of the shapes: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/> and
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/>.
pub trait ClusterReads {
    /// `ListClusters`: ARNs, up to 100 a page.
    fn list_clusters(
        &self,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeClusters`, 1 to 100 names or ARNs.
    fn describe_clusters(
        &self,
        clusters: &[String],
    ) -> impl Future<Output = Result<Partial<Cluster>, ApiError>> + Send;

    /// `ListServices`: ARNs, up to 100 a page, of status ACTIVE and DRAINING.
    fn list_services(
        &self,
        cluster: &str,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeServices`, 1 to 10 names or ARNs.
    fn describe_services(
        &self,
        cluster: &str,
        services: &[String],
    ) -> impl Future<Output = Result<Partial<Service>, ApiError>> + Send;

    /// `ListContainerInstances`: ARNs, up to 100 a page, of every status but INACTIVE.
    fn list_instances(
        &self,
        cluster: &str,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeContainerInstances`, 1 to 100 ARNs.
    fn describe_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<Instance>, ApiError>> + Send;

    /// `ListTasks` of desired status RUNNING: ARNs, up to 100 a page. Tasks that wait to start are among them, and
    /// under no other status.
    fn list_tasks(
        &self,
        cluster: &str,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeTasks`, 1 to 100 ARNs.
    fn describe_tasks(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<Task>, ApiError>> + Send;

    /// `DescribeAutoScalingInstances`, 1 to 50 ids; an instance in no group is not answered.
    fn describe_members(
        &self,
        instance_ids: &[String],
    ) -> impl Future<Output = Result<Vec<Member>, ApiError>> + Send;
}
