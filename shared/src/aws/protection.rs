//! The protection of instances by the APIs of ECS and Auto Scaling.
//! Source of the calls: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/>,
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/>.

mod scale_in;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    Attribute as SdkAttribute, CapacityProvider as SdkProvider, ContainerInstance as SdkContainerInstance,
    DesiredStatus as SdkDesired, ManagedTerminationProtection, TargetType, Task as SdkTask, TaskField,
};

use super::Aws;
use super::ecs::{PER_PAGE, read};
use super::failure::api_error;
use crate::drain::container_instance::Attribute;
use crate::drain::task::DesiredStatus;
use crate::event::arn::{family_and_revision, last_part};
use crate::ports::ecs::Partial;
use crate::ports::protection::TaskHosts;
use crate::ports::{ApiError, Page};
use crate::protect::{CapacityProvider, Host, HostedTask, TaskFilter};

/// ECS and Auto Scaling in the environment's region.
#[derive(Clone, Debug)]
pub struct ProtectionApi {
    /// ECS's client.
    ecs: Client,
    /// Auto Scaling's client.
    auto_scaling: aws_sdk_autoscaling::Client,
}

impl ProtectionApi {
    /// With what all clients share, and the retries of what ticks.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let mut ecs = aws_sdk_ecs::config::Builder::from(&aws.of_ticks());
        ecs.set_endpoint_url(aws.access.ecs_endpoint.clone());
        let mut auto_scaling = aws_sdk_autoscaling::config::Builder::from(&aws.of_ticks());
        auto_scaling.set_endpoint_url(aws.access.auto_scaling_endpoint.clone());
        Self {
            ecs: Client::from_conf(ecs.build()),
            auto_scaling: aws_sdk_autoscaling::Client::from_conf(auto_scaling.build()),
        }
    }
}

impl TaskHosts for ProtectionApi {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        let call = self.ecs.list_clusters().max_results(PER_PAGE).set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::page(reply.cluster_arns, reply.next_token)
    }

    async fn list_tasks(
        &self,
        cluster: &str,
        filter: &TaskFilter,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let call = self
            .ecs
            .list_tasks()
            .cluster(cluster)
            .desired_status(SdkDesired::from(desired.word()))
            .max_results(PER_PAGE)
            .set_next_token(page.map(str::to_owned));
        let call = match filter {
            TaskFilter::All => call,
            TaskFilter::Family(family) => call.family(family),
            TaskFilter::Service(service) => call.service_name(service),
            TaskFilter::On(container_instance) => call.container_instance(container_instance),
        };
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::page(reply.task_arns, reply.next_token)
    }

    async fn describe_tasks(
        &self,
        cluster: &str,
        arns: &[String],
        with_tags: bool,
    ) -> Result<Partial<HostedTask>, ApiError> {
        let call = self.ecs.describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec()));
        let call = if with_tags { call.include(TaskField::Tags) } else { call };
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::partial(reply.tasks, reply.failures, hosted_task)
    }

    async fn list_with_attribute(
        &self,
        cluster: &str,
        attribute: &str,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let call = self
            .ecs
            .list_container_instances()
            .cluster(cluster)
            .filter(format!("attribute:{attribute} exists"))
            .max_results(PER_PAGE)
            .set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::page(reply.container_instance_arns, reply.next_token)
    }

    async fn describe_hosts(&self, cluster: &str, arns: &[String]) -> Result<Partial<Host>, ApiError> {
        let call = self
            .ecs
            .describe_container_instances()
            .cluster(cluster)
            .set_container_instances(Some(arns.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::partial(reply.container_instances, reply.failures, host)
    }

    async fn describe_capacity_providers(
        &self,
        names: &[String],
    ) -> Result<Partial<CapacityProvider>, ApiError> {
        let call = self.ecs.describe_capacity_providers().set_capacity_providers(Some(names.to_vec()));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        read::partial(reply.capacity_providers, reply.failures, capacity_provider)
    }

    async fn put_attributes(&self, cluster: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        let mut call = self.ecs.put_attributes().cluster(cluster);
        for attribute in attributes {
            call = call.attributes(sdk_attribute(attribute, Some(&attribute.value))?);
        }
        call.send().await.map(drop).map_err(|error| api_error(&error))
    }

    async fn delete_attributes(&self, cluster: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        let mut call = self.ecs.delete_attributes().cluster(cluster);
        for attribute in attributes {
            call = call.attributes(sdk_attribute(attribute, None)?);
        }
        call.send().await.map(drop).map_err(|error| api_error(&error))
    }
}

/// An attribute as ECS takes it.
fn sdk_attribute(attribute: &Attribute, value: Option<&String>) -> Result<SdkAttribute, ApiError> {
    let built = SdkAttribute::builder()
        .name(attribute.name)
        .set_value(value.cloned())
        .target_type(TargetType::ContainerInstance)
        .target_id(&attribute.container_instance)
        .build();
    built.map_err(|error| ApiError::Refused { code: "BuildError".to_owned(), message: error.to_string() })
}

/// A task with its family and tags.
fn hosted_task(mut task: SdkTask) -> HostedTask {
    let family = task.task_definition_arn.take().map(|arn| {
        let (family, _) = family_and_revision(last_part(&arn));
        family.to_owned()
    });
    let tags = task.tags.take().unwrap_or_default().into_iter();
    let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect();
    HostedTask { task: read::task(task), family, tags }
}

/// A container instance with its capacity provider; an empty name is none.
fn host(mut instance: SdkContainerInstance) -> Host {
    let capacity_provider = instance.capacity_provider_name.take().filter(|name| !name.is_empty());
    Host { instance: read::container_instance(instance), capacity_provider }
}

/// A capacity provider.
fn capacity_provider(provider: SdkProvider) -> CapacityProvider {
    let group = provider.auto_scaling_group_provider;
    let protection = group.as_ref().and_then(|group| group.managed_termination_protection.as_ref());
    CapacityProvider {
        name: provider.name.unwrap_or_default(),
        protects: protection == Some(&ManagedTerminationProtection::Enabled),
        group_arn: group.map(|group| group.auto_scaling_group_arn),
    }
}
