//! Ports that answer as AWS seldom does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fleet_sim::Sim;
use fleet_sim::drive::{Answer, Drive, Driver, Feed};
use shared::alert::{HttpsBody, Message};
use shared::drain::auto_scaling::{ActionResult, Group, GroupInstance, Hook};
use shared::drain::container_instance::{Attribute, ContainerInstance, Status};
use shared::drain::task::{DesiredStatus, SchedulingStrategy, Task};
use shared::event::Timestamp;
use shared::handler::instance_drain::{InstanceDrain, Settings};
use shared::policy::Policy;
use shared::ports::auto_scaling::{Action, ActionOutcome, GroupFilter};
use shared::ports::ecs::Partial;
use shared::ports::log_collector::Nothing;
use shared::ports::{ApiError, AutoScaling, Clock, Ecs, Page, PublishError, Publisher};

use super::secs;

/// How the ARN of an older registration ends.
const GHOST: &str = "ghost";

/// What is odd about the answers.
#[derive(Clone, Default)]
pub struct Odd {
    /// Every instance has an older registration too, as after the loss of the agent's data: disconnected, empty,
    /// and listed last.
    pub ghosts: bool,
    /// Until then services are said to be daemons.
    pub daemon_until: Option<Timestamp>,
    /// Until then hooks have this name.
    pub hook_until: Option<(Timestamp, &'static str)>,
    /// A publish takes all the time it is given, 14 s at most, and fails.
    pub sns_hangs: bool,
    /// The next completion is answered with `NoActiveAction`, and has no effect.
    pub none_active: Arc<AtomicBool>,
}

/// A simulated world behind odd answers.
#[derive(Clone)]
struct Port {
    sim: Sim,
    odd: Odd,
}

/// The function over odd ports, with the default policy and settings.
pub fn drive(sim: &Sim, odd: Odd, feed: Feed) -> Box<dyn Drive> {
    let limit = feed.time_limit;
    Box::new(Driver::new(sim, feed, move |sim: Sim| {
        let port = || Port { sim: sim.clone(), odd: odd.clone() };
        let (policy, settings) = (Policy::default(), Settings::default());
        let (clock, metrics) = (sim.clone(), sim.clone());
        let function = InstanceDrain::new(
            policy,
            settings,
            port(),
            port(),
            port(),
            clock,
            metrics,
            Nothing,
            HttpsBody::Json,
        );
        async move |payload: Vec<u8>| {
            let deadline = function.clock.now().plus(limit);
            let Ok(response) = function.handle(&payload, deadline).await else { return Answer::Failed };
            let failed: Vec<_> =
                response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
            if failed.is_empty() { Answer::Done } else { Answer::FailedItems(failed) }
        }
    }))
}

/// The older registration of an instance.
fn ghost_of(instance: &ContainerInstance) -> ContainerInstance {
    ContainerInstance {
        arn: format!("{}{GHOST}", instance.arn),
        status: Status::Draining,
        agent_connected: false,
        running_tasks_count: 0,
        pending_tasks_count: 0,
        attributes: Vec::new(),
        ..instance.clone()
    }
}

impl Ecs for Port {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        self.sim.list_clusters(page).await
    }

    async fn list_container_instances(
        &self,
        cluster: &str,
        ids: &[String],
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let mut page = self.sim.list_container_instances(cluster, ids, page).await?;
        if self.odd.ghosts {
            let ghosts: Vec<_> = page.items.iter().map(|arn| format!("{arn}{GHOST}")).collect();
            page.items.extend(ghosts);
        }
        Ok(page)
    }

    async fn describe_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<ContainerInstance>, ApiError> {
        let real: Vec<_> = arns.iter().map(|arn| arn.trim_end_matches(GHOST).to_owned()).collect();
        let reply = self.sim.describe_container_instances(cluster, &real).await?;
        let found = arns.iter().filter_map(|arn| {
            let of = arn.trim_end_matches(GHOST);
            let instance = reply.found.iter().find(|instance| instance.arn == of)?;
            Some(if arn.ends_with(GHOST) { ghost_of(instance) } else { instance.clone() })
        });
        Ok(Partial { found: found.collect(), failures: reply.failures })
    }

    async fn drain_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<String>, ApiError> {
        self.sim.drain_container_instances(cluster, arns).await
    }

    async fn put_attributes(&self, cluster: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        if attributes.iter().any(|attribute| attribute.container_instance.ends_with(GHOST)) {
            return Ok(());
        }
        self.sim.put_attributes(cluster, attributes).await
    }

    async fn list_tasks(
        &self,
        cluster: &str,
        instance: &str,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        if instance.ends_with(GHOST) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        self.sim.list_tasks(cluster, instance, desired, page).await
    }

    async fn describe_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<Task>, ApiError> {
        self.sim.describe_tasks(cluster, arns).await
    }

    async fn stop_task(&self, cluster: &str, task: &str, reason: &str) -> Result<(), ApiError> {
        self.sim.stop_task(cluster, task, reason).await
    }

    async fn describe_services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<Partial<(String, SchedulingStrategy)>, ApiError> {
        let mut reply = self.sim.describe_services(cluster, names).await?;
        if self.odd.daemon_until.is_some_and(|until| self.sim.now() < until) {
            for (_, strategy) in &mut reply.found {
                *strategy = SchedulingStrategy::Daemon;
            }
        }
        Ok(reply)
    }

    async fn protected_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<String>, ApiError> {
        self.sim.protected_tasks(cluster, arns).await
    }
}

impl AutoScaling for Port {
    async fn describe_groups(
        &self,
        filter: GroupFilter<'_>,
        page: Option<&str>,
    ) -> Result<Page<Group>, ApiError> {
        self.sim.describe_groups(filter, page).await
    }

    async fn describe_instances(&self, ids: &[String]) -> Result<Vec<GroupInstance>, ApiError> {
        self.sim.describe_instances(ids).await
    }

    async fn describe_hooks(&self, group: &str) -> Result<Vec<Hook>, ApiError> {
        let mut hooks = self.sim.describe_hooks(group).await?;
        if let Some((until, name)) = self.odd.hook_until
            && self.sim.now() < until
        {
            for hook in &mut hooks {
                name.clone_into(&mut hook.name);
            }
        }
        Ok(hooks)
    }

    async fn heartbeat(&self, action: Action<'_>) -> Result<ActionOutcome, ApiError> {
        self.sim.heartbeat(action).await
    }

    async fn complete(&self, action: Action<'_>, result: ActionResult) -> Result<ActionOutcome, ApiError> {
        if self.odd.none_active.swap(false, Ordering::Relaxed) {
            return Ok(ActionOutcome::NoActiveAction);
        }
        self.sim.complete(action, result).await
    }
}

impl Publisher for Port {
    async fn publish(
        &self,
        topic: Option<&str>,
        message: &Message,
        within: Duration,
    ) -> Result<(), PublishError> {
        if self.odd.sns_hangs {
            self.sim.world().advance_by(within.min(secs(14)));
            return Err(PublishError::Unavailable("timed out".into()));
        }
        self.sim.publish(topic, message, within).await
    }
}
