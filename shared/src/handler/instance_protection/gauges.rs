//! What a tick measures, and the groups in which nothing is left for scale-in to take.

use std::collections::{BTreeMap, BTreeSet};

use super::round::Round;
use crate::handler::instance_drain::calls::Cost;
use crate::metrics::Protections;
use crate::ports::auto_scaling::PER_GROUPS;
use crate::ports::protection::{ScaleIn, TaskHosts};
use crate::ports::{Clock, Publisher};
use crate::protect::{Stage, Step};

impl<T: TaskHosts, S: ScaleIn, P: Publisher, M, C: Clock> Round<'_, T, S, P, M, C> {
    /// What is protected. None where not everything was seen: unknown is not zero.
    pub(super) async fn measure(&mut self) -> Option<Protections> {
        let full = self.count_full_groups().await;
        if !self.saw_all {
            return None;
        }
        let count = |which: &dyn Fn(&super::target::Target) -> bool| {
            u32::try_from(self.targets.values().filter(|target| which(target)).count()).unwrap_or(u32::MAX)
        };
        Some(Protections {
            protected: count(&|target| target.is_ours() && target.is_protected()),
            at_risk: count(&|target| target.is_at_risk()),
            full_groups: full,
        })
    }

    /// How many groups of which we protect an instance have none left that scale-in may take. Says so, once an hour.
    async fn count_full_groups(&mut self) -> u32 {
        let ours = self.targets.values().filter(|target| target.is_ours() && target.is_protected());
        let names: BTreeSet<_> =
            ours.filter_map(|target| target.member()).map(|member| member.instance.group.clone()).collect();
        let names: Vec<_> = names.into_iter().collect();
        let changed: BTreeMap<String, bool> = self
            .targets
            .values()
            .filter(|target| target.is_done)
            .filter_map(|target| Some((target.instance_id()?.to_owned(), target.is_protected())))
            .collect();
        let mut open: BTreeMap<String, usize> = BTreeMap::new();
        for names in names.chunks(PER_GROUPS) {
            let port = &self.function.scale_in;
            let pages = self.calls.pages("DescribeAutoScalingGroups", Cost::Other, |page| async move {
                port.describe_groups_of(names, page.as_deref()).await
            });
            match pages.await {
                Ok(members) => {
                    for member in members.into_iter().filter(crate::protect::Member::is_in_service) {
                        let known = changed.get(&member.instance.instance_id);
                        let is_open = !known.copied().unwrap_or(member.is_protected);
                        *open.entry(member.instance.group).or_default() += usize::from(is_open);
                    }
                }
                Err(trouble) => self.unseen("groups", &trouble),
            }
        }
        let now = self.calls.now();
        let full: Vec<_> = open.into_iter().filter(|(_, open)| *open == 0).map(|(group, _)| group).collect();
        for group in &full {
            if self.memory.is_news("full", group, now) {
                tracing::warn!(group, "every instance in service is protected: the group cannot scale in");
            }
        }
        u32::try_from(full.len()).unwrap_or(u32::MAX)
    }
}

impl super::target::Target {
    /// Whether the protection is, or has just become, ours.
    fn is_ours(&self) -> bool {
        let noted = self.mark().is_some_and(|mark| matches!(mark.stage, Stage::Held | Stage::Idle));
        let step = self.to_do();
        let is_taken = matches!(step, Some(Step::Yield | Step::Release | Step::Forget)) && self.is_done;
        let is_set = matches!(step, Some(Step::Protect | Step::Hold)) && self.is_done;
        (noted && !is_taken) || is_set
    }
}
