//! What is done: heartbeats, DRAINING, stops, completions, marks. Each is safe to do twice, and to lose.

use std::collections::BTreeMap;

use super::calls::{Cost, Trouble};
use super::news::News;
use super::round::Round;
use super::target::{Deed, Target};
use crate::drain::auto_scaling::LifecycleState;
use crate::drain::marks::{Marks, Stage};
use crate::drain::task::STOP_REASON;
use crate::drain::times;
use crate::drain::{Ending, Step, Wait};
use crate::event::Timestamp;
use crate::ports::auto_scaling::{Action, ActionOutcome};
use crate::ports::ecs::PER_UPDATE;
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, Publisher};

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Sends the heartbeats that this process knows to be due, before anything is asked of ECS: a slow ECS must
    /// not end a hook.
    pub(super) async fn send_remembered_heartbeats(&mut self) {
        let known: Vec<_> = self
            .targets
            .values()
            .filter(|target| target.hook.is_some())
            .filter(|target| target.seen.last_heartbeat.is_some() || target.seen.remembered.is_some())
            .map(|target| target.id().to_owned())
            .collect();
        for id in &known {
            self.decide_on(id);
        }
        self.send_heartbeats().await;
    }

    /// Sends every heartbeat that is due, the longest silence first. One that fails stays due.
    pub(super) async fn send_heartbeats(&mut self) {
        let mut due = self.with_step(Step::heartbeat);
        due.sort_by_key(|id| self.targets.get(id).and_then(Target::last_heard));
        for id in due {
            if self.targets.get(&id).is_none_or(|target| target.heard) {
                continue;
            }
            let Some((group, hooks)) = self.targets.get(&id).and_then(Target::actions) else { continue };
            for hook in &hooks {
                let action = Action { group: &group, hook, instance_id: &id };
                let call = self.function.auto_scaling.heartbeat(action);
                match self.calls.call("RecordLifecycleActionHeartbeat", Cost::Other, call).await {
                    Ok(ActionOutcome::Accepted) => {
                        let now = self.calls.now();
                        self.heard(&id, now);
                        if let Some(target) = self.target(&id) {
                            target.done.push(Deed::Heartbeat);
                        }
                    }
                    // Another hook may hold it, or it went meanwhile. The completion settles it.
                    Ok(ActionOutcome::NoActiveAction) => {
                        tracing::info!(instance = id, hook, "no active lifecycle action to extend");
                    }
                    Err(trouble) => self.trouble(&id, &trouble),
                }
            }
        }
    }

    /// Sets DRAINING where that is the step, ten at a time.
    pub(super) async fn set_draining(&mut self) {
        let mut by_cluster: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for id in self.with_step(|step| matches!(step, Step::Drain { .. })) {
            let Some(target) =
                self.targets.get(&id).filter(|target| !target.done.contains(&Deed::SetDraining))
            else {
                continue;
            };
            if let Some((cluster, instance)) = target.found() {
                by_cluster.entry(cluster.to_owned()).or_default().push((instance.arn.clone(), id));
            }
        }
        for (cluster, pairs) in by_cluster {
            for pairs in pairs.chunks(PER_UPDATE) {
                let arns: Vec<_> = pairs.iter().map(|(arn, _)| arn.clone()).collect();
                let call = self.function.ecs.drain_container_instances(&cluster, &arns);
                let outcome = self.calls.call("UpdateContainerInstancesState", Cost::Change, call).await;
                for (arn, id) in pairs {
                    self.mark_attempt(id);
                    match &outcome {
                        Ok(reply) if reply.found.contains(arn) => self.now_draining(id),
                        Ok(reply) => {
                            let failure = reply.failures.iter().find(|failure| failure.arn == *arn);
                            let reason = failure.map_or("not in the reply", |failure| &failure.reason);
                            self.trouble(id, &Trouble::Partly(format!("not set to DRAINING: {reason}")));
                        }
                        Err(trouble) => self.trouble(id, trouble),
                    }
                }
            }
        }
    }

    /// Notes that an instance is to be DRAINING: its time begins whether that works or not.
    fn mark_attempt(&mut self, id: &str) {
        if let Some(target) = self.targets.get_mut(id)
            && let (Some(Step::Drain { marks, .. }), Some(_)) = (&target.step, &target.hook)
        {
            target.new_marks.get_or_insert(*marks);
        }
    }

    /// Notes that an instance is DRAINING.
    fn now_draining(&mut self, id: &str) {
        let now = self.calls.now().to_the_second();
        if let Some(target) = self.targets.get_mut(id) {
            target.done.push(Deed::SetDraining);
            target.new_marks = target.new_marks.map(|marks| Marks { draining: now, ..marks });
        }
    }

    /// Asks the tasks to stop whose time has come.
    pub(super) async fn stop_tasks(&mut self) {
        for id in self.with_step(|step| matches!(step, Step::Wait(wait) if !wait.stop.is_empty())) {
            let Some(target) = self.targets.get(&id) else { continue };
            let (Some(Step::Wait(Wait { stop, .. })), Some((cluster, _))) = (&target.step, target.found())
            else {
                continue;
            };
            let (stop, cluster) = (stop.clone(), cluster.to_owned());
            let reason = format!("{STOP_REASON} {id} is being terminated and the time for this task is over");
            for task in stop {
                let call = self.function.ecs.stop_task(&cluster, &task, &reason);
                match self.calls.call("StopTask", Cost::Change, call).await {
                    Ok(()) => {
                        if let Some(target) = self.target(&id) {
                            target.done.push(Deed::StoppedTasks);
                        }
                    }
                    Err(trouble) => self.trouble(&id, &trouble),
                }
            }
        }
    }

    /// Completes every lifecycle action whose drain has ended, save those whose end people have to hear of
    /// first and did not.
    pub(super) async fn complete(&mut self) {
        let unheard = self.tell_of_forced_ends().await;
        let (mut finished, mut never_joined) = (Vec::new(), Vec::new());
        for id in self.with_step(|step| matches!(step, Step::Complete(..))) {
            if unheard.contains(&id) || self.memory.instance(&id).released {
                continue;
            }
            let Some(target) = self.targets.get(&id) else { continue };
            let (Some((group, hooks)), Some(Step::Complete(result, ending))) =
                (target.actions(), &target.step)
            else {
                continue;
            };
            let (result, ending) = (*result, ending.clone());
            let mut outcome = Ok(ActionOutcome::NoActiveAction);
            for hook in &hooks {
                let action = Action { group: &group, hook, instance_id: &id };
                let call = self.function.auto_scaling.complete(action, result);
                match self.calls.call("CompleteLifecycleAction", Cost::Other, call).await {
                    Ok(ActionOutcome::Accepted) if outcome.is_ok() => outcome = Ok(ActionOutcome::Accepted),
                    Ok(_) => {}
                    Err(trouble) => outcome = Err(trouble),
                }
            }
            match outcome {
                Ok(ActionOutcome::NoActiveAction) if self.still_waits_for_us(&id).await => {
                    let why =
                        "Auto Scaling knows of no lifecycle action, and the instance still waits".to_owned();
                    self.trouble(&id, &Trouble::Partly(why));
                }
                Ok(outcome) => {
                    self.released(&id, outcome);
                    if outcome == ActionOutcome::Accepted {
                        match ending {
                            Ending::Drained { .. } => finished.push(id),
                            Ending::NeverJoined => never_joined.push(id),
                            // People heard of these before.
                            Ending::Forced { .. } | Ending::Retained { .. } => {}
                        }
                    }
                }
                Err(trouble) => self.trouble(&id, &trouble),
            }
        }
        self.tell_of_ends(News::Finished, &finished).await;
        self.tell_of_ends(News::NeverJoined, &never_joined).await;
    }

    /// Whether an instance still waits though its action is said to be over, and nobody else's hook explains it.
    async fn still_waits_for_us(&mut self, id: &str) -> bool {
        if self.targets.get(id).is_none_or(|target| target.others_hold) {
            return false;
        }
        let ids = [id.to_owned()];
        let call = self.function.auto_scaling.describe_instances(&ids);
        let instances = self.calls.call("DescribeAutoScalingInstances", Cost::Other, call).await;
        instances
            .is_ok_and(|instances| instances.iter().any(|one| one.state == LifecycleState::TerminatingWait))
    }

    /// Notes that our hook is done with an instance. Where something else may hold it on, or it may come back
    /// from a warm pool, that is written on it too.
    fn released(&mut self, id: &str, outcome: ActionOutcome) {
        self.memory.instance(id).released = true;
        let Some(target) = self.targets.get_mut(id) else { return };
        target.done.push(match outcome {
            ActionOutcome::Accepted => Deed::Completed,
            ActionOutcome::NoActiveAction => Deed::WasOver,
        });
        if target.others_hold || target.wish.to_warm_pool || outcome == ActionOutcome::NoActiveAction {
            target.told(Stage::Released);
        }
    }
}

impl Target {
    /// When its hook last heard of us, as far as anybody knows.
    fn last_heard(&self) -> Option<Timestamp> {
        let noted = self.seen.marks().map(|marks| times::last_heard(&marks));
        noted.max(self.seen.last_heartbeat)
    }

    /// The lifecycle actions that may hold it: its group, and our hooks.
    fn actions(&self) -> Option<(String, Vec<String>)> {
        self.hook.as_ref()?;
        Some((self.group.clone()?, self.our_hooks.clone()))
    }
}
