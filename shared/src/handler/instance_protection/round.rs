//! One tick: see, plan, look closer where protection is to be taken back, act.

use std::collections::BTreeMap;

use super::InstanceProtection;
use super::memory::Memory;
use super::target::Target;
use crate::event::arn::last_part;
use crate::handler::instance_drain::calls::{Calls, Trouble};
use crate::policy::protect::InCluster;
use crate::ports::protection::{ScaleIn, TaskHosts};
use crate::ports::{Clock, Publisher};
use crate::protect::{Leave, Plan, Step, plan};

/// One tick.
pub(super) struct Round<'a, T, S, P, M, C> {
    /// The function.
    pub(super) function: &'a InstanceProtection<T, S, P, M, C>,
    /// The calls it makes.
    pub(super) calls: Calls<'a, C>,
    /// What the process remembers.
    pub(super) memory: Memory,
    /// The instances by their container instances' ARNs.
    pub(super) targets: BTreeMap<String, Target>,
    /// Whether every cluster and instance was seen.
    pub(super) saw_all: bool,
}

impl<T: TaskHosts, S: ScaleIn, P: Publisher, M, C: Clock> Round<'_, T, S, P, M, C> {
    /// Goes the whole way once. Protection comes before what takes it back: a job that is cut is lost, an instance
    /// that stays a minute longer is not.
    pub(super) async fn run(&mut self) {
        for cluster in self.clusters().await {
            self.see_cluster(&cluster).await;
        }
        self.find_members().await;
        self.find_managed().await;
        self.mark_twins();
        self.plan_all();
        self.protect().await;
        self.look_closer().await;
        self.write_marks().await;
        self.release().await;
        self.forget().await;
        self.remember_notes();
        self.log();
    }

    /// What the policy says of a cluster, by its ARN.
    pub(super) fn policy_in(&self, cluster: &str) -> InCluster<'_> {
        self.function.policy.protect_in(last_part(cluster))
    }

    /// Notes that something could not be found out.
    pub(super) fn unseen(&mut self, what: &str, trouble: &Trouble) {
        self.saw_all = false;
        tracing::info!(what, trouble = %trouble, "not seen");
    }

    /// Plans for every instance of which enough is seen.
    fn plan_all(&mut self) {
        let arns: Vec<_> = self.targets.keys().cloned().collect();
        for arn in arns {
            self.plan_for(&arn);
        }
    }

    /// Plans for one instance, from what is seen of it by now.
    pub(super) fn plan_for(&mut self, arn: &str) {
        let now = self.calls.now();
        let Some(target) = self.targets.get(arn) else { return };
        let Some(seen) = target.snapshot() else {
            self.saw_all = false;
            return;
        };
        let policy = self.policy_in(&target.cluster);
        let planned = if target.is_twice {
            Plan { step: Step::Leave(Leave::RegisteredTwice), acts: false }
        } else {
            plan(&seen, &target.on, policy.acts(), now, policy.release_after())
        };
        if let Some(target) = self.targets.get_mut(arn) {
            target.plan = Some(planned);
        }
    }

    /// The instances whose next step is of a kind and is done, by their clusters.
    pub(super) fn to_do(&self, which: impl Fn(&Step) -> bool) -> BTreeMap<String, Vec<String>> {
        let mut by_cluster: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (arn, target) in &self.targets {
            if target.to_do().is_some_and(&which) {
                by_cluster.entry(target.cluster.clone()).or_default().push(arn.clone());
            }
        }
        by_cluster
    }

    /// Notes that something about instances went wrong.
    pub(super) fn trouble(&mut self, arns: &[String], trouble: &Trouble) {
        for arn in arns {
            if let Some(target) = self.targets.get_mut(arn) {
                target.trouble.get_or_insert_with(|| trouble.to_string());
            }
        }
    }

    /// Notes that what is next was done.
    pub(super) fn done(&mut self, arns: &[String]) {
        for arn in arns {
            if let Some(target) = self.targets.get_mut(arn) {
                target.is_done = true;
            }
        }
    }

    /// Remembers which instances carry a note of ours by now.
    fn remember_notes(&mut self) {
        for (arn, target) in &self.targets {
            let Some((noted, _)) = self.memory.noted.get_mut(&target.cluster) else { continue };
            let is_gone = matches!(target.to_do(), Some(Step::Release | Step::Forget)) && target.is_done;
            if is_gone {
                noted.remove(arn);
            } else if target.mark().is_some() || target.to_do() == Some(&Step::Protect) {
                noted.insert(arn.clone());
            }
        }
    }

    /// Writes a line on each instance of which there is something new to say.
    fn log(&mut self) {
        let mut said = BTreeMap::new();
        for (arn, target) in &self.targets {
            let Some(Plan { step, acts }) = &target.plan else { continue };
            let words = match target.trouble.as_deref() {
                Some(trouble) => format!("{}: {trouble}", step.in_words()),
                None => step.in_words(),
            };
            let is_new = self.memory.said.get(arn) != Some(&words);
            let is_quiet = matches!(step, Step::Leave(Leave::NothingToProtect));
            if (is_new || target.is_done) && !is_quiet {
                tracing::info!(
                    cluster = last_part(&target.cluster),
                    instance = target.instance_id().unwrap_or_default(),
                    group = target.member().map(|member| member.instance.group.as_str()).unwrap_or_default(),
                    tasks = target.on.acting + target.on.trial,
                    step = words,
                    dry_run = !acts,
                    done = target.is_done,
                    "protection"
                );
            }
            said.insert(arn.clone(), words);
        }
        self.memory.said = said;
    }
}
