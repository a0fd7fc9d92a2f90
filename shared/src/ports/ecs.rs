//! ECS as a drain needs it: one method is one call, so that calls can be counted and paid for.
//!
//! Clusters are named by name or ARN. The limits named here are AWS's own for one call; a caller keeps them.

use super::{ApiError, Page};
use crate::drain::container_instance::{Attribute, ContainerInstance};
use crate::drain::task::{DesiredStatus, SchedulingStrategy, Task};

/// Container instances in one `DescribeContainerInstances`, tasks in one `DescribeTasks` or
/// `GetTaskProtection`, and elements of a page.
pub const PER_DESCRIBE: usize = 100;
/// Container instances in one `UpdateContainerInstancesState`.
pub const PER_UPDATE: usize = 10;
/// Attributes in one `PutAttributes`.
pub const PER_PUT: usize = 10;
/// Services in one `DescribeServices`.
pub const PER_SERVICES: usize = 10;

/// What could not be answered, out of a reply that is otherwise well: an element of `failures[]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The ARN it is about; empty where the reply does not say.
    pub arn: String,
    /// AWS's reason, such as `MISSING`.
    pub reason: String,
}

/// A reply that may be whole or in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial<T> {
    /// What was answered.
    pub found: Vec<T>,
    /// What was not.
    pub failures: Vec<Failure>,
}

/// Calls of ECS. Source of the shapes: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/>.
pub trait Ecs {
    /// `ListClusters`: ARNs, up to 100 a page.
    fn list_clusters(
        &self,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `ListContainerInstances` with the filter `ec2InstanceId in [...]`: ARNs, up to 100 a page, of every
    /// status but INACTIVE. `instance_ids`: 1 to 100.
    fn list_container_instances(
        &self,
        cluster: &str,
        instance_ids: &[String],
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeContainerInstances`, 1 to 100 ARNs.
    fn describe_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<ContainerInstance>, ApiError>> + Send;

    /// `UpdateContainerInstancesState` to DRAINING, 1 to 10 ARNs. Answers the ARNs that are now DRAINING.
    fn drain_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<String>, ApiError>> + Send;

    /// `PutAttributes`, 1 to 10 of them.
    fn put_attributes(
        &self,
        cluster: &str,
        attributes: &[Attribute],
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// `ListTasks` of one container instance by desired status: ARNs, up to 100 a page.
    fn list_tasks(
        &self,
        cluster: &str,
        container_instance: &str,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeTasks`, 1 to 100 ARNs.
    fn describe_tasks(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<Task>, ApiError>> + Send;

    /// `StopTask`. `reason`: up to 1024 characters.
    fn stop_task(
        &self,
        cluster: &str,
        task: &str,
        reason: &str,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// `DescribeServices`, 1 to 10 names: each service's name and strategy.
    fn describe_services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> impl Future<Output = Result<Partial<(String, SchedulingStrategy)>, ApiError>> + Send;

    /// `GetTaskProtection`, 1 to 100 task ARNs of services: those that are protected now.
    fn protected_tasks(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<String>, ApiError>> + Send;
}
