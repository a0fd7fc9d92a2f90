//! What an alert knows beyond its event: asked of AWS once a verdict is an alert, and never in its way.
//!
//! Nothing here fails. What is not had in time is missing, with its reason, and the alert goes out without it.
//! The port holds each call to the time it is given.

mod culprit;
mod host;
mod parts;
mod reason;
mod wanted;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{join, join3};

use super::recent::Recent;
use crate::alert::Details;
use crate::event::arn::family_and_revision;
use crate::event::{TaskStateChange, Timestamp};
use crate::judge::background::{Background, Host, Lookup, TaskDefinition};
use crate::ports::{Clock, TaskFacts};
use crate::verdict::Verdict;
use parts::LogPart;
use wanted::Wanted;

/// Revisions of task definitions that are kept: a few hundred kilobytes.
const REVISIONS: usize = 256;
/// Revisions by ARN. One never changes, so what is known of it is never stale.
type Definitions = Recent<Box<str>, Arc<TaskDefinition>, REVISIONS>;

/// Looks up what alerts lack.
#[derive(Debug)]
pub struct Enriching<F, C> {
    /// What can be asked.
    facts: F,
    /// The time.
    clock: C,
    /// What one alert may wait, judging it again included; zero where nothing is looked up.
    budget: Duration,
    /// Revisions that were asked for before.
    definitions: Mutex<Definitions>,
}

impl<F: TaskFacts, C: Clock> Enriching<F, C> {
    /// With nothing known yet.
    pub fn new(facts: F, clock: C, budget: Duration) -> Self {
        Self { facts, clock, budget, definitions: Mutex::default() }
    }

    /// Until when one alert may be enriched, from now on: for [`Self::background`] and [`Self::details`] both.
    pub fn until(&self, deadline: Timestamp) -> Timestamp {
        self.clock.now().plus(self.budget).min(deadline)
    }

    /// What may change the verdict that was found without a background: of an alert, and of a job that counts as
    /// completed while another of its containers was killed. For every other verdict it asks nothing. It takes
    /// half of the time there is, at most, so that what the alert tells has time too.
    pub async fn background(
        &self,
        task: &TaskStateChange,
        verdict: &Verdict,
        until: Timestamp,
    ) -> Background {
        let wanted = Wanted::of(task, verdict);
        let (now, half) = (self.clock.now(), self.left(until).unwrap_or_default() / 2);
        if half.is_zero() || !(verdict.is_alert() || wanted::is_doubtful(task, verdict)) {
            return Background::default();
        }
        let until = now.plus(half);
        let definition = async {
            if wanted.definition_to_judge { self.definition(task, until).await } else { Lookup::NotAsked }
        };
        let host = async { if wanted.host { self.host(task, until).await } else { Lookup::NotAsked } };
        let (definition, host) = join(definition, host).await;
        Background { definition, host }
    }

    /// What the alert tells beyond the event. Its parts are asked for at the same time and do not wait for each
    /// other: one that fails or is late is named in [`Details::missing`].
    pub async fn details(
        &self,
        task: &TaskStateChange,
        verdict: &Verdict,
        background: &Background,
        until: Timestamp,
    ) -> Details {
        let wanted = Wanted::of(task, verdict);
        if self.budget.is_zero() || !verdict.is_alert() {
            return parts::of_event(task, verdict, background.task_definition());
        }
        let until = self.until(until);
        let (log, deployment, peak) = join3(
            self.log_part(task, verdict, background, wanted, until),
            async { if wanted.deployment { self.deployment(task, until).await } else { Ok(None) } },
            async { if wanted.memory { self.memory_peak(task, until).await } else { Ok(None) } },
        )
        .await;
        let LogPart { definition, lines } = log;
        let mut details = parts::of_event(task, verdict, definition.found().map(AsRef::as_ref));
        if let Lookup::Missing(why) = &background.host {
            details.missing.push(why.clone());
        }
        if let Lookup::Missing(why) = definition {
            details.missing.push(why);
        }
        parts::add_lines(&mut details, lines);
        match deployment {
            Ok(note) => details.deployment = note,
            Err(why) => details.missing.push(why),
        }
        match peak {
            Ok(peak) => parts::add_peak(&mut details, peak),
            Err(why) => details.missing.push(why),
        }
        details
    }

    /// The task definition, from memory or from ECS.
    async fn definition(&self, task: &TaskStateChange, until: Timestamp) -> Lookup<Arc<TaskDefinition>> {
        let Some(arn) = task.task_definition_arn.as_deref() else { return Lookup::NotAsked };
        if let Some(known) = self.known().get(arn) {
            return Lookup::Found(Arc::clone(known));
        }
        let Some(within) = self.left(until) else {
            return Lookup::Missing(reason::no_time("task definition"));
        };
        match self.facts.task_definition(arn, within).await {
            Ok(definition) => {
                let definition = Arc::new(definition);
                // A name without a revision means the latest, which changes.
                if family_and_revision(arn).1.is_some() {
                    self.known().keep(arn.into(), Arc::clone(&definition));
                }
                Lookup::Found(definition)
            }
            Err(error) => {
                Lookup::Missing(reason::of("task definition", "ecs:DescribeTaskDefinition", &error))
            }
        }
    }

    /// The container instance under the task.
    async fn host(&self, task: &TaskStateChange, until: Timestamp) -> Lookup<Host> {
        let names =
            task.cluster_arn.as_deref().or(task.cluster()).zip(task.container_instance_arn.as_deref());
        let Some((cluster, arn)) = names else { return Lookup::NotAsked };
        let Some(within) = self.left(until) else { return Lookup::Missing(reason::no_time("instance")) };
        match self.facts.host(cluster, arn, within).await {
            Ok(Some(instance)) => Lookup::Found(host::host(&instance, task)),
            Ok(None) => Lookup::Missing("instance: ECS no longer knows it".to_owned()),
            Err(error) => Lookup::Missing(reason::of("instance", "ecs:DescribeContainerInstances", &error)),
        }
    }

    /// The time that is left; none where there is no more.
    fn left(&self, until: Timestamp) -> Option<Duration> {
        let left = until.elapsed_since(self.clock.now()).min(self.budget);
        (!left.is_zero()).then_some(left)
    }

    /// The revisions that are known; a panic elsewhere does not take them away.
    fn known(&self) -> MutexGuard<'_, Definitions> {
        self.definitions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
