//! What the audit reads, by ECS's and Auto Scaling's API.
//! Source of the calls: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/> and
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/>.

mod read;

use aws_sdk_autoscaling::Client as AutoScalingClient;
use aws_sdk_autoscaling::config::Builder as AutoScalingBuilder;
use aws_sdk_ecs::Client as EcsClient;
use aws_sdk_ecs::config::Builder as EcsBuilder;
use aws_sdk_ecs::types::DesiredStatus;

use super::Aws;
use super::auto_scaling::read::token;
use super::ecs::read as ecs;
use super::failure::api_error;
use crate::audit::seen::{Cluster, Instance, Member, Service, Task};
use crate::ports::audit::ClusterReads;
use crate::ports::ecs::Partial;
use crate::ports::{ApiError, Page};

/// Elements on a page of ECS, the most a list gives.
const PER_PAGE: i32 = 100;
/// Instances on a page of Auto Scaling: as many as are named in one call, so that there is one page.
const MEMBERS: i32 = 50;
/// Pages of named instances after which something is wrong: one has room for all of them.
const MOST_PAGES: usize = 3;

/// ECS and Auto Scaling in the environment's region.
#[derive(Clone, Debug)]
pub struct ClusterReadsApi {
    /// The client of ECS.
    ecs: EcsClient,
    /// The client of Auto Scaling.
    auto_scaling: AutoScalingClient,
}

impl ClusterReadsApi {
    /// With what all clients share, and the retries of what ticks.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let shared = aws.of_ticks();
        let (mut ecs, mut auto_scaling) = (EcsBuilder::from(&shared), AutoScalingBuilder::from(&shared));
        ecs.set_endpoint_url(aws.access.ecs_endpoint.clone());
        auto_scaling.set_endpoint_url(aws.access.auto_scaling_endpoint.clone());
        Self {
            ecs: EcsClient::from_conf(ecs.build()),
            auto_scaling: AutoScalingClient::from_conf(auto_scaling.build()),
        }
    }
}

impl ClusterReads for ClusterReadsApi {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        let call = self.ecs.list_clusters().max_results(PER_PAGE).set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        ecs::page(reply.cluster_arns, reply.next_token)
    }

    async fn describe_clusters(&self, clusters: &[String]) -> Result<Partial<Cluster>, ApiError> {
        // Without a name the call would describe the cluster `default`.
        if clusters.is_empty() {
            return Ok(Partial { found: Vec::new(), failures: Vec::new() });
        }
        let call = self.ecs.describe_clusters().set_clusters(Some(clusters.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        ecs::partial(reply.clusters, reply.failures, read::cluster)
    }

    async fn list_services(&self, cluster: &str, page: Option<&str>) -> Result<Page<String>, ApiError> {
        let call = self.ecs.list_services().cluster(cluster).max_results(PER_PAGE);
        let call = call.set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        ecs::page(reply.service_arns, reply.next_token)
    }

    async fn describe_services(
        &self,
        cluster: &str,
        services: &[String],
    ) -> Result<Partial<Service>, ApiError> {
        let call = self.ecs.describe_services().cluster(cluster).set_services(Some(services.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        ecs::partial(reply.services, reply.failures, read::service)
    }

    async fn list_instances(&self, cluster: &str, page: Option<&str>) -> Result<Page<String>, ApiError> {
        let call = self.ecs.list_container_instances().cluster(cluster).max_results(PER_PAGE);
        let call = call.set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        ecs::page(reply.container_instance_arns, reply.next_token)
    }

    async fn describe_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<Instance>, ApiError> {
        let call = self.ecs.describe_container_instances().cluster(cluster);
        let call = call.set_container_instances(Some(arns.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        ecs::partial(reply.container_instances, reply.failures, read::instance)
    }

    async fn list_tasks(&self, cluster: &str, page: Option<&str>) -> Result<Page<String>, ApiError> {
        let call = self
            .ecs
            .list_tasks()
            .cluster(cluster)
            .desired_status(DesiredStatus::Running)
            .max_results(PER_PAGE)
            .set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        ecs::page(reply.task_arns, reply.next_token)
    }

    async fn describe_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<Task>, ApiError> {
        let call = self.ecs.describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        ecs::partial(reply.tasks, reply.failures, read::task)
    }

    async fn describe_members(&self, instance_ids: &[String]) -> Result<Vec<Member>, ApiError> {
        // Without an id the call would describe every instance there is.
        if instance_ids.is_empty() {
            return Ok(Vec::new());
        }
        let (mut found, mut next) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let call = self
                .auto_scaling
                .describe_auto_scaling_instances()
                .set_instance_ids(Some(instance_ids.to_vec()))
                .max_records(MEMBERS)
                .set_next_token(next);
            let reply = call.send().await.map_err(|error| api_error(&error))?;
            found.extend(reply.auto_scaling_instances.unwrap_or_default().into_iter().map(read::member));
            next = token(reply.next_token);
            if next.is_none() {
                return Ok(found);
            }
        }
        Err(ApiError::Unavailable("half an answer: a page after the last".to_owned()))
    }
}
