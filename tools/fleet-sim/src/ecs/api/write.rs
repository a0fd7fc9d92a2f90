//! ECS's operations that change something.

use shared::drain::container_instance::Status;
use shared::ports::ApiError;
use shared::ports::ecs::{PER_PUT, PER_UPDATE, Partial};

use super::{MISSING, invalid, refused, within};
use crate::api::Spoiled;
use crate::ec2::InstanceNo;
use crate::ecs::{TaskNo, attributes};
use crate::world::World;

/// The longest reason of a stop.
const LONGEST_REASON: usize = 1024;
/// Custom attributes of one container instance.
const ATTRIBUTES: usize = 10;

impl World {
    /// `UpdateContainerInstancesState`.
    pub(crate) fn update_container_instances(
        &mut self,
        cluster: &str,
        arns: &[String],
        status: &Status,
        spoiled: Spoiled,
    ) -> Result<Partial<InstanceNo>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        within("Container instances", arns.len(), PER_UPDATE)?;
        Ok(self.partial(arns, spoiled, |world, arn| {
            let found = world.instance_of_arn(arn).filter(|found| world.is_in(*found, cluster));
            let found = found.ok_or(MISSING)?;
            match world.instance(found).container.as_ref().map(|container| &container.status) {
                Some(Status::Active | Status::Draining) => {
                    world.set_status(found, status.clone());
                    Ok(found)
                }
                Some(Status::Other(_)) | None => Err("INACTIVE"),
            }
        }))
    }

    /// `PutAttributes`: container instance's ARN, name and value of each.
    pub(crate) fn put_attributes(
        &mut self,
        cluster: &str,
        attributes: &[(&str, &str, &str)],
    ) -> Result<(), ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        within("Attributes", attributes.len(), PER_PUT)?;
        let mut targets = Vec::new();
        for (target, name, value) in attributes {
            if let Some(problem) = attributes::problem(name, value) {
                return Err(invalid(problem));
            }
            let found = self.instance_of_arn(target).filter(|found| self.is_in(*found, cluster));
            let found = found.filter(|found| {
                self.instance(*found).container.as_ref().is_some_and(|container| !container.is_inactive())
            });
            let found = found
                .ok_or_else(|| refused("TargetNotFoundException", format!("Target {target} not found.")))?;
            targets.push((found, name, value));
        }
        for (target, name, _) in &targets {
            let Some(container) = &self.instance(*target).container else { continue };
            let new = targets.iter().filter(|(other, other_name, _)| {
                other == target && !container.attributes.contains_key(**other_name)
            });
            if container.attributes.len() + new.count() > ATTRIBUTES {
                let message = format!("Attribute limit exceeded at {name}.");
                return Err(refused("AttributeLimitExceededException", message));
            }
        }
        for (target, name, value) in targets {
            if let Some(container) = self.instances[target.0].container.as_mut() {
                container.attributes.insert((*name).to_owned(), (*value).to_owned());
            }
        }
        Ok(())
    }

    /// `DeleteAttributes`: container instance's ARN and name of each.
    pub(crate) fn delete_attributes(
        &mut self,
        cluster: &str,
        attributes: &[(&str, &str)],
    ) -> Result<(), ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        within("Attributes", attributes.len(), PER_PUT)?;
        let mut targets = Vec::new();
        for (target, name) in attributes {
            let found = self.instance_of_arn(target).filter(|found| self.is_in(*found, cluster));
            let found = found
                .ok_or_else(|| refused("TargetNotFoundException", format!("Target {target} not found.")))?;
            targets.push((found, name));
        }
        for (target, name) in targets {
            if let Some(container) = self.instances[target.0].container.as_mut() {
                container.attributes.remove(*name);
            }
        }
        Ok(())
    }

    /// `StopTask`.
    pub(crate) fn call_stop_task(
        &mut self,
        cluster: &str,
        task: &str,
        reason: &str,
    ) -> Result<TaskNo, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        if reason.chars().count() > LONGEST_REASON {
            return Err(invalid("Reason is too long."));
        }
        let found = self.task_of_arn(task).filter(|found| self.task(*found).cluster == cluster);
        let found = found.ok_or_else(|| invalid("The referenced task was not found."))?;
        self.stop_task(found, reason);
        Ok(found)
    }
}
