//! Volumes and their burst balances, by the APIs of ECS, EC2 and `CloudWatch`.
//! Sources of the calls: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>.

mod balances;
mod ec2;
mod xml;

use aws_sdk_ecs::types::DesiredStatus;

use super::Aws;
use super::ecs::read;
use super::failure::api_error;
use crate::drain::container_instance::ContainerInstance;
use crate::drain::task::Task;
use crate::ports::ecs::Partial;
use crate::ports::volumes::{Balances, BalancesOf};
use crate::ports::{ApiError, Page, Volumes};
use crate::volume::Volume;
use ec2::{Asked, Ec2};

/// Elements on a page of ECS, the most a list gives.
const PER_PAGE: i32 = 100;

/// The APIs in the environment's region.
#[derive(Clone, Debug)]
pub struct VolumesApi {
    /// ECS.
    ecs: aws_sdk_ecs::Client,
    /// EC2, its one call.
    ec2: Ec2,
    /// `CloudWatch`.
    cloudwatch: aws_sdk_cloudwatch::Client,
}

impl VolumesApi {
    /// With what all clients share, and the retries of what ticks.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let shared = aws.of_ticks();
        let mut ecs = aws_sdk_ecs::config::Builder::from(&shared);
        ecs.set_endpoint_url(aws.access.ecs_endpoint.clone());
        let mut cloudwatch = aws_sdk_cloudwatch::config::Builder::from(&shared);
        cloudwatch.set_endpoint_url(aws.access.cloudwatch_endpoint.clone());
        Self {
            ecs: aws_sdk_ecs::Client::from_conf(ecs.build()),
            ec2: Ec2::new(&shared, &aws.access),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch.build()),
        }
    }
}

impl Volumes for VolumesApi {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        let call = self.ecs.list_clusters().max_results(PER_PAGE).set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::page(reply.cluster_arns, reply.next_token)
    }

    async fn list_container_instances(
        &self,
        cluster: &str,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let call = self
            .ecs
            .list_container_instances()
            .cluster(cluster)
            .max_results(PER_PAGE)
            .set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::page(reply.container_instance_arns, reply.next_token)
    }

    async fn describe_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<ContainerInstance>, ApiError> {
        let call = self
            .ecs
            .describe_container_instances()
            .cluster(cluster)
            .set_container_instances(Some(arns.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::partial(reply.container_instances, reply.failures, read::container_instance)
    }

    async fn volumes_of(&self, instances: &[String], page: Option<&str>) -> Result<Page<Volume>, ApiError> {
        let asked = Asked { instances: instances.to_vec(), page: page.map(str::to_owned) };
        self.ec2.describe_volumes(asked).await.map_err(|error| api_error(&error))
    }

    async fn balances(&self, of: BalancesOf<'_>, page: Option<&str>) -> Result<Balances, ApiError> {
        let call = self
            .cloudwatch
            .get_metric_data()
            .set_metric_data_queries(Some(balances::queries(of.volumes)))
            .start_time(balances::time(of.from))
            .end_time(balances::time(of.until))
            .set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        balances::read(of.volumes, reply)
    }

    async fn list_tasks(&self, cluster: &str, container_instance: &str) -> Result<Page<String>, ApiError> {
        let call = self
            .ecs
            .list_tasks()
            .cluster(cluster)
            .container_instance(container_instance)
            .desired_status(DesiredStatus::Running)
            .max_results(PER_PAGE);
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::page(reply.task_arns, reply.next_token)
    }

    async fn describe_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<Task>, ApiError> {
        let call = self.ecs.describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::partial(reply.tasks, reply.failures, read::task)
    }
}
