//! ECS by its API.
//! Source of the calls: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/>.

pub(in crate::aws) mod read;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::config::Builder;
use aws_sdk_ecs::types::{
    Attribute as SdkAttribute, ContainerInstanceStatus, DesiredStatus as SdkDesired, TargetType,
};

use super::Aws;
use super::failure::api_error;
use crate::drain::container_instance::{Attribute, ContainerInstance};
use crate::drain::task::{DesiredStatus, SchedulingStrategy, Task};
use crate::ports::ecs::Partial;
use crate::ports::{ApiError, Ecs, Page};

/// Elements on a page, the most a list gives.
pub(super) const PER_PAGE: i32 = 100;

/// ECS in the environment's region.
#[derive(Clone, Debug)]
pub struct EcsApi {
    /// The client.
    client: Client,
}

impl EcsApi {
    /// With what all clients share, and the retries of what ticks.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let mut config = Builder::from(&aws.of_ticks());
        config.set_endpoint_url(aws.access.ecs_endpoint.clone());
        Self { client: Client::from_conf(config.build()) }
    }
}

impl Ecs for EcsApi {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        let call = self.client.list_clusters().max_results(PER_PAGE).set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::page(reply.cluster_arns, reply.next_token)
    }

    async fn list_container_instances(
        &self,
        cluster: &str,
        instance_ids: &[String],
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let Some(filter) = filter(instance_ids) else { return Ok(Page { items: Vec::new(), next: None }) };
        let call = self
            .client
            .list_container_instances()
            .cluster(cluster)
            .filter(filter)
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
            .client
            .describe_container_instances()
            .cluster(cluster)
            .set_container_instances(Some(arns.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::partial(reply.container_instances, reply.failures, read::container_instance)
    }

    async fn drain_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<String>, ApiError> {
        let call = self
            .client
            .update_container_instances_state()
            .cluster(cluster)
            .set_container_instances(Some(arns.to_vec()))
            .status(ContainerInstanceStatus::Draining);
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::some(reply.container_instances, reply.failures, read::drained)
    }

    async fn put_attributes(&self, cluster: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        let mut call = self.client.put_attributes().cluster(cluster);
        for attribute in attributes {
            let built = SdkAttribute::builder()
                .name(attribute.name)
                .value(&attribute.value)
                .target_type(TargetType::ContainerInstance)
                .target_id(&attribute.container_instance)
                .build();
            call = call.attributes(built.map_err(|error| ApiError::Refused {
                code: "BuildError".to_owned(),
                message: error.to_string(),
            })?);
        }
        call.send().await.map(drop).map_err(|error| api_error(&error))
    }

    async fn list_tasks(
        &self,
        cluster: &str,
        container_instance: &str,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let call = self
            .client
            .list_tasks()
            .cluster(cluster)
            .container_instance(container_instance)
            .desired_status(SdkDesired::from(desired.word()))
            .max_results(PER_PAGE)
            .set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::page(reply.task_arns, reply.next_token)
    }

    async fn describe_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<Task>, ApiError> {
        let call = self.client.describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::partial(reply.tasks, reply.failures, read::task)
    }

    async fn stop_task(&self, cluster: &str, task: &str, reason: &str) -> Result<(), ApiError> {
        let call = self.client.stop_task().cluster(cluster).task(task).reason(reason);
        call.send().await.map(drop).map_err(|error| api_error(&error))
    }

    async fn describe_services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<Partial<(String, SchedulingStrategy)>, ApiError> {
        let call = self.client.describe_services().cluster(cluster).set_services(Some(names.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::partial(reply.services, reply.failures, read::service)
    }

    async fn protected_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<String>, ApiError> {
        let call = self.client.get_task_protection().cluster(cluster).set_tasks(Some(arns.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::some(reply.protected_tasks, reply.failures, read::protected)
    }
}

/// The filter for these instances, in the cluster query language; none where no id is one.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html>.
///
/// What is no id is left out: no container instance has it, and the language would read it as its own.
fn filter(instance_ids: &[String]) -> Option<String> {
    let is_id = |id: &&str| {
        !id.is_empty() && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    match instance_ids.iter().map(String::as_str).filter(is_id).collect::<Vec<_>>()[..] {
        [] => None,
        [id] => Some(format!("ec2InstanceId == {id}")),
        ref ids => Some(format!("ec2InstanceId in [{}]", ids.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn a_filter_names_ids_and_nothing_else() {
        for (ids, want) in [
            (&["i-1"][..], Some("ec2InstanceId == i-1")),
            (&["i-1", "i-2"], Some("ec2InstanceId in [i-1, i-2]")),
            (&["i-1] or agentConnected in [true", "mi-2", ""], Some("ec2InstanceId == mi-2")),
            (&["*"], None),
            (&[], None),
        ] {
            let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
            assert_eq!(filter(&ids).as_deref(), want, "{ids:?}");
        }
    }
}
