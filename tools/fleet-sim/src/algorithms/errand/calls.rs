//! The calls of an errand, each with the retries of an AWS SDK.

use std::time::Duration;

use shared::drain::auto_scaling::ActionResult;
use shared::drain::container_instance::ContainerInstance;
use shared::drain::task::{DesiredStatus, Task};
use shared::ports::auto_scaling::{Action, ActionOutcome};
use shared::ports::ecs::PER_DESCRIBE;
use shared::ports::{ApiError, AutoScaling as _, Clock as _, Ecs as _, Page};

use super::Errand;
use crate::api::{Called, Op};

/// How often an SDK tries a call in its standard mode.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
const ATTEMPTS: u32 = 3;
/// The longest first pause of an SDK between two attempts; each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How long after a heartbeat the next one is sent: well below the shortest hook that anybody uses for this.
const HEARTBEAT_EVERY: Duration = Duration::from_mins(4);

/// Where an instance is in ECS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The cluster's name.
    pub cluster: String,
    /// The container instance's ARN.
    pub arn: String,
}

impl Errand {
    /// Makes a call as an SDK does: again after a pause where it was throttled or failed.
    async fn tried<T, F>(&self, call: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let mut attempt = 1;
        loop {
            self.pause_between(self.latency.0, self.latency.1).await;
            match call().await {
                Err(ApiError::Throttled(_) | ApiError::Unavailable(_)) if attempt < ATTEMPTS => {
                    self.pause_between(Duration::ZERO, FIRST_PAUSE * 2_u32.pow(attempt - 1)).await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Finds the container instance by its EC2 id.
    pub async fn place(&self) -> Result<Option<Place>, ApiError> {
        let Some(cluster) = &self.order.cluster else { return Ok(None) };
        let ids = [self.order.instance_id.clone()];
        let found = self.tried(|| self.sim.list_container_instances(cluster, &ids, None)).await?;
        Ok(found.items.into_iter().next().map(|arn| Place { cluster: cluster.clone(), arn }))
    }

    /// The first page of all container instances of the cluster.
    pub async fn first_page_of_all(&self, cluster: &str) -> Result<Vec<String>, ApiError> {
        let call = async || {
            let called = self.sim.try_call(Op::ListContainerInstances, |world, _| {
                world.list_container_instances(cluster, None, None, None, PER_DESCRIBE)
            });
            self.answer(called).await
        };
        Ok(self.tried(call).await?.items)
    }

    /// Publishes a message of its own to its own topic.
    pub async fn publish(&self) -> Result<(), ApiError> {
        let call = async || self.answer(self.sim.try_call(Op::Publish, |_, _| Ok(()))).await;
        self.tried(call).await
    }

    /// What a call answers; nothing ever where its caller died.
    async fn answer<T>(&self, called: Called<T>) -> Result<T, ApiError> {
        match called {
            Called::Answered(answer) => Ok(answer),
            Called::Refused(error) => Err(error),
            Called::Failed(failing) => Err(ApiError::Unavailable(failing.words().to_owned())),
            Called::Never => std::future::pending().await,
        }
    }

    /// Describes container instances.
    pub async fn described(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Vec<ContainerInstance>, ApiError> {
        Ok(self.tried(|| self.sim.describe_container_instances(cluster, arns)).await?.found)
    }

    /// Describes the one container instance; none where ECS no longer knows it.
    pub async fn seen(&self, place: &Place) -> Result<Option<ContainerInstance>, ApiError> {
        let found = self.described(&place.cluster, std::slice::from_ref(&place.arn)).await?;
        Ok(found.into_iter().next())
    }

    /// Sets it DRAINING.
    pub async fn set_draining(&self, place: &Place) -> Result<(), ApiError> {
        let arns = [place.arn.clone()];
        self.tried(|| self.sim.drain_container_instances(&place.cluster, &arns)).await.map(drop)
    }

    /// A page of its tasks.
    pub async fn tasks_page(
        &self,
        place: &Place,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        self.tried(|| self.sim.list_tasks(&place.cluster, &place.arn, desired, page)).await
    }

    /// All its tasks.
    pub async fn tasks(&self, place: &Place, desired: DesiredStatus) -> Result<Vec<String>, ApiError> {
        let mut page = self.tasks_page(place, desired, None).await?;
        let mut all = page.items;
        while let Some(next) = page.next {
            page = self.tasks_page(place, desired, Some(&next)).await?;
            all.append(&mut page.items);
        }
        Ok(all)
    }

    /// Whether these tasks have all stopped.
    pub async fn have_stopped(&self, place: &Place, tasks: &[String]) -> Result<bool, ApiError> {
        for some in tasks.chunks(PER_DESCRIBE) {
            let seen = self.tried(|| self.sim.describe_tasks(&place.cluster, some)).await?;
            if !seen.found.iter().all(Task::is_stopped) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether all its tasks have stopped, asked for the right way: none is listed as RUNNING, and all that
    /// are listed as STOPPED are.
    pub async fn is_empty(&self, place: &Place) -> Result<bool, ApiError> {
        Ok(self.tasks(place, DesiredStatus::Running).await?.is_empty()
            && self.have_stopped(place, &self.tasks(place, DesiredStatus::Stopped).await?).await?)
    }

    /// Sends a heartbeat where one is due; whether the hook still holds the instance, as far as it is known.
    pub async fn holds(&self) -> Result<bool, ApiError> {
        if self.sim.now().elapsed_since(self.heard.get()) < HEARTBEAT_EVERY {
            return Ok(true);
        }
        let outcome = self.tried(|| self.sim.heartbeat(self.action())).await?;
        self.heard.set(self.sim.now());
        Ok(outcome == ActionOutcome::Accepted)
    }

    /// Completes the hook: the termination continues.
    pub async fn let_go(&self) -> Result<(), ApiError> {
        self.tried(|| self.sim.complete(self.action(), ActionResult::Continue)).await.map(drop)
    }

    /// The lifecycle action.
    fn action(&self) -> Action<'_> {
        let order = &self.order;
        Action { group: &order.group, hook: &order.hook, instance_id: &order.instance_id }
    }
}
