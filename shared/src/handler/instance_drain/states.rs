//! What Auto Scaling says: which instances wait, and for whose hook.

use super::calls::{Cost, Trouble};
use super::memory::Believed;
use super::round::Round;
use super::target::{Purpose, Target, Wish};
use crate::drain::auto_scaling::{Group, GroupInstance, Hook, LifecycleState};
use crate::drain::times::TICK;
use crate::drain::{Leave, Step};
use crate::event::Timestamp;
use crate::ports::auto_scaling::{GroupFilter, PER_INSTANCES};
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, Publisher};

/// The state in which a terminate hook may hold an instance on its way to a warm pool, beside
/// `Terminating:Wait`. AWS's page on warm pools names the state but not for which hook; inferred.
const TO_WARM_POOL: &str = "Warmed:Pending:Wait";

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Finds out where every instance stands; with a tick, also which others wait. Answers whether every group
    /// was seen.
    pub(super) async fn find_states(&mut self) -> bool {
        let mut seen_all = false;
        if self.tick {
            let port = &self.function.auto_scaling;
            let settings = &self.function.settings;
            let filter = if settings.only_tagged {
                GroupFilter::TagKey(&settings.cluster_tag)
            } else {
                GroupFilter::All
            };
            let pages = self.calls.pages("DescribeAutoScalingGroups", Cost::Other, |page| async move {
                port.describe_groups(filter, page.as_deref()).await
            });
            match pages.await {
                Ok(groups) => {
                    seen_all = true;
                    for group in groups {
                        self.note_group(group);
                    }
                    self.add_remembered();
                }
                Err(_) => self.add_remembered(),
            }
        }
        let unknown: Vec<_> = self
            .targets
            .values()
            .filter(|target| target.wish.purpose != Purpose::Spot && target.group.is_none())
            .map(|target| target.id().to_owned())
            .collect();
        for ids in unknown.chunks(PER_INSTANCES) {
            let call = self.function.auto_scaling.describe_instances(ids);
            match self.calls.call("DescribeAutoScalingInstances", Cost::Other, call).await {
                Ok(instances) => instances.into_iter().for_each(|instance| self.note_state(instance)),
                Err(trouble) => ids.iter().for_each(|id| self.trouble(id, &trouble)),
            }
        }
        self.remember_states(seen_all);
        seen_all
    }

    /// Adds those that are known to wait and were not seen with their groups: they are looked up by their ids.
    /// Groups may not have been seen at all, and do not list instances on their way to a warm pool.
    fn add_remembered(&mut self) {
        for id in self.memory.instances.keys() {
            let wish = Wish::new(Purpose::Termination);
            self.targets.entry(id.clone()).or_insert_with(|| Target::new(id, wish));
        }
    }

    /// Notes a group and those of its instances that wait.
    fn note_group(&mut self, group: Group) {
        let now = self.calls.now();
        for instance in &group.instances {
            if instance.state == LifecycleState::TerminatingWait
                || self.targets.contains_key(&instance.instance_id)
            {
                self.note_state(instance.clone());
            }
        }
        let group = Group { instances: Vec::new(), ..group };
        self.memory.groups.insert(group.name.clone(), Believed::new(group, now));
    }

    /// Notes where an instance stands.
    fn note_state(&mut self, instance: GroupInstance) {
        let target = self
            .targets
            .entry(instance.instance_id.clone())
            .or_insert_with(|| Target::new(&instance.instance_id, Wish::new(Purpose::Termination)));
        target.group = Some(instance.group);
        target.seen.state = Some(instance.state);
    }

    /// Fills in since when each instance has waited, and forgets those that no longer do.
    fn remember_states(&mut self, seen_all: bool) {
        let now = self.calls.now();
        let last_full_look = self.memory.last_full_look;
        for target in self.targets.values_mut() {
            let known = self.memory.instances.get(target.id());
            target.wish.to_warm_pool |= known.is_some_and(|known| known.to_warm_pool);
            if target.wish.to_warm_pool && target.seen.state == Some(LifecycleState::from_word(TO_WARM_POOL))
            {
                target.seen.state = Some(LifecycleState::TerminatingWait);
            }
        }
        for target in self.targets.values_mut().filter(|target| target.waits()) {
            // It cannot have waited when every waiting instance was last seen and it was not among them. An
            // older look than the last tick's says too little: then it counts from now.
            let is_recent = |look: &Timestamp| now.elapsed_since(*look) <= TICK * 3 / 2;
            let known = self.memory.instances.contains_key(target.id());
            let at_most_since = last_full_look.filter(|look| !known && is_recent(look));
            let remembered = self.memory.instance(&target.seen.instance_id);
            remembered.note_begin(target.wish.waiting_since);
            remembered.waiting_since =
                target.wish.waiting_since.or(remembered.waiting_since).or(at_most_since);
            target.seen.hook_began = remembered.hook_began;
            target.seen.first_seen = Some(*remembered.first_seen.get_or_insert(now));
            target.seen.told = remembered.stage_told;
            target.seen.last_heartbeat = remembered.last_heartbeat;
            target.seen.remembered = remembered.marks;
            if remembered.released {
                target.step = Some(Step::Leave(Leave::Released));
            }
            remembered.to_warm_pool |= target.wish.to_warm_pool;
            target.seen.waiting_since = remembered.waiting_since.map(|since| since.min(now));
        }
        if seen_all {
            let targets = &self.targets;
            let is_gone = |target: &Target| !target.waits() && target.trouble.is_none();
            self.memory.keep_only(|id| targets.get(id).is_some_and(|target| !is_gone(target)));
            self.memory.last_full_look = Some(now);
        }
    }

    /// Finds the hook each waiting instance is held by.
    pub(super) async fn find_hooks(&mut self) {
        let waiting = self.targets.values().filter(|target| target.waits());
        let mut groups: Vec<_> = waiting.filter_map(|target| target.group.clone()).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            let choice = self.hook_of(&group).await;
            for target in self.targets.values_mut().filter(|target| target.waits()) {
                if target.group.as_ref() != Some(&group) {
                    continue;
                }
                if target.step == Some(Step::Leave(Leave::Released)) {
                    continue;
                }
                match &choice {
                    Ok(Choice::Ours { hook, names, others }) => {
                        target.hook = Some(hook.clone());
                        target.our_hooks.clone_from(names);
                        target.others_hold = *others;
                    }
                    Ok(Choice::NoneOfOurs(names)) => {
                        target.step = Some(Step::Leave(Leave::NoHookOfOurs(names.clone())));
                    }
                    Err(trouble) => target.trouble = Some(trouble.to_string()),
                }
            }
        }
    }

    /// The hook of a group that is ours.
    async fn hook_of(&mut self, group: &str) -> Result<Choice, Trouble> {
        let now = self.calls.now();
        let believed = self.memory.hooks.get(group).and_then(|hooks| hooks.at(now)).cloned();
        let hooks = if let Some(hooks) = believed {
            hooks
        } else {
            let call = self.function.auto_scaling.describe_hooks(group);
            match self.calls.call("DescribeLifecycleHooks", Cost::Other, call).await {
                Ok(hooks) => {
                    // That none is ours is asked anew each time: one that is added must not wait.
                    if hooks
                        .iter()
                        .any(|hook| hook.is_terminating() && self.function.settings.is_ours(&hook.name))
                    {
                        self.memory.hooks.insert(group.to_owned(), Believed::new(hooks.clone(), now));
                    }
                    hooks
                }
                // A heartbeat may be due, and one for a hook that is gone does no harm.
                Err(trouble) => self.memory.hooks.get(group).map(Believed::anyway).cloned().ok_or(trouble)?,
            }
        };
        let terminating = || hooks.iter().filter(|hook| hook.is_terminating());
        let ours = || terminating().filter(|hook| self.function.settings.is_ours(&hook.name));
        Ok(match ours().min_by_key(|hook| (hook.heartbeat_timeout, hook.global_timeout)) {
            Some(hook) => Choice::Ours {
                hook: hook.clone(),
                names: ours().map(|hook| hook.name.clone()).collect(),
                others: terminating().count() > ours().count(),
            },
            None => Choice::NoneOfOurs(terminating().map(|hook| hook.name.clone()).collect()),
        })
    }

    /// Asks the groups of these instances whether they retain what is abandoned. Never from memory: ABANDON
    /// in a group that does not retain is a termination.
    pub(super) async fn ask_groups(&mut self, ids: &[String]) {
        let mut names: Vec<_> = ids.iter().filter_map(|id| self.targets.get(id)?.group.clone()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let only = [name];
            let call = self.function.auto_scaling.describe_groups(GroupFilter::Names(&only), None);
            match self.calls.call("DescribeAutoScalingGroups", Cost::Other, call).await {
                Ok(page) => {
                    let retains = page.items.iter().find(|group| group.name == only[0]);
                    for id in ids {
                        if let Some(target) = self.targets.get_mut(id)
                            && target.group.as_ref() == Some(&only[0])
                        {
                            target.seen.retains_on_abandon = retains.map(|group| group.retains_on_abandon);
                        }
                    }
                }
                Err(trouble) => ids.iter().for_each(|id| self.trouble(id, &trouble)),
            }
        }
    }
}

/// Which hook an instance waits for.
enum Choice {
    /// One of ours.
    Ours {
        /// The hook; of several the one that waits the shortest.
        hook: Hook,
        /// The names of all of ours.
        names: Vec<String>,
        /// Whether the group has other terminate hooks.
        others: bool,
    },
    /// None of ours; these are the others.
    NoneOfOurs(Vec<String>),
}
