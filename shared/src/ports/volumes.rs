//! Volumes and their burst balances, and where they are: one method is one call, so that calls can be counted.
//!
//! The limits named here are AWS's own for one call; a caller keeps them.

use super::ecs::Partial;
use super::{ApiError, Page};
use crate::drain::container_instance::ContainerInstance;
use crate::drain::task::Task;
use crate::event::Timestamp;
use crate::volume::Volume;
use crate::volume::balance::Sample;

/// Values of one filter of `DescribeVolumes`.
pub const PER_FILTER: usize = 200;
/// Metrics in one `GetMetricData`.
pub const PER_METRICS: usize = 500;

/// Which volumes' balances are asked for, and of when.
#[derive(Clone, Copy, Debug)]
pub struct BalancesOf<'a> {
    /// Ids of volumes, 1 to 500. A page is asked for with the same ones as the first.
    pub volumes: &'a [String],
    /// The first value's time at the earliest.
    pub from: Timestamp,
    /// The last value's time at the latest.
    pub until: Timestamp,
}

/// What `CloudWatch` says of one volume, on one page.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// The volume's id.
    pub volume: String,
    /// Its values, in any order.
    pub samples: Vec<Sample>,
    /// Why there are values that are missing here, in `CloudWatch`'s words; none where these are all, up to here.
    pub incomplete: Option<String>,
}

/// A page of balances.
#[derive(Clone, Debug, PartialEq)]
pub struct Balances {
    /// The balances on it. A volume may be on several pages, and is whole where the last of them says so.
    pub page: Page<Balance>,
    /// Something about the whole answer that people should know, in `CloudWatch`'s words.
    pub messages: Vec<String>,
}

/// Calls of ECS, EC2 and `CloudWatch`.
pub trait Volumes {
    /// `ListClusters`: ARNs, up to 100 a page.
    fn list_clusters(
        &self,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `ListContainerInstances`: ARNs of every status but INACTIVE, up to 100 a page.
    fn list_container_instances(
        &self,
        cluster: &str,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeContainerInstances`, 1 to 100 ARNs.
    fn describe_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<ContainerInstance>, ApiError>> + Send;

    /// `DescribeVolumes` of what is attached to these instances, 1 to 200 ids; up to 500 a page.
    fn volumes_of(
        &self,
        instances: &[String],
        page: Option<&str>,
    ) -> impl Future<Output = Result<Page<Volume>, ApiError>> + Send;

    /// `GetMetricData` of `BurstBalance`, a value for each five minutes.
    fn balances(
        &self,
        of: BalancesOf<'_>,
        page: Option<&str>,
    ) -> impl Future<Output = Result<Balances, ApiError>> + Send;

    /// `ListTasks` of a container instance, those that are to run: ARNs, up to 100 on the one page that is asked for.
    fn list_tasks(
        &self,
        cluster: &str,
        container_instance: &str,
    ) -> impl Future<Output = Result<Page<String>, ApiError>> + Send;

    /// `DescribeTasks`, 1 to 100 ARNs.
    fn describe_tasks(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> impl Future<Output = Result<Partial<Task>, ApiError>> + Send;
}
