//! Which container instance an EC2 instance is, and in which cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::calls::{Cost, Trouble};
use super::looks::shuffled;
use super::memory::Memory;
use super::round::Round;
use super::target::{Purpose, Target};
use crate::drain::Place;
use crate::drain::container_instance::ContainerInstance;
use crate::drain::times::AGENT_GONE;
use crate::event::arn::last_part;
use crate::ports::ecs::PER_DESCRIBE;
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, Publisher};

/// Reads that are not spent on where instances are, so that in a crowd some are looked at each time.
const KEPT_FOR_LOOKS: usize = 10;

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Finds the container instances of some of the targets.
    pub(super) async fn find_places(&mut self, which: impl Fn(&Target) -> bool) {
        let wanted: Vec<_> = self
            .targets
            .values()
            .filter(|target| which(target))
            .map(|target| target.id().to_owned())
            .collect();
        let unplaced = self.describe_known(&wanted).await;
        self.search_likely_clusters(&unplaced).await;
        self.search_possible_clusters(&unplaced).await;
        self.remember_places(&wanted);
    }

    /// Searches for each instance where hook, tag or its group's others say it is.
    async fn search_likely_clusters(&mut self, ids: &[String]) {
        let mut turns: Vec<BTreeMap<String, Vec<String>>> = Vec::new();
        for id in ids {
            match self.likely_clusters(id).await {
                Ok(clusters) => {
                    for (turn, cluster) in clusters.into_iter().enumerate() {
                        turns.resize_with(turns.len().max(turn + 1), BTreeMap::new);
                        turns[turn].entry(cluster).or_default().push(id.clone());
                    }
                    self.place(id, Place::NoCluster);
                }
                Err(trouble) => self.place(id, Place::Unknown(trouble.to_string())),
            }
        }
        for (cluster, ids) in turns.into_iter().flatten() {
            self.search(&cluster, ids).await;
        }
    }

    /// Searches everywhere else for those that were in none of these: what hook and tag say proves nothing, and
    /// an instance that is in no cluster is let go.
    async fn search_possible_clusters(&mut self, ids: &[String]) {
        let elsewhere = |id: &&String| self.is_nowhere(id) && !self.is_named_by_hand(id);
        let lost: Vec<_> = ids.iter().filter(elsewhere).cloned().collect();
        if lost.is_empty() {
            return;
        }
        match self.possible_clusters().await {
            Ok(clusters) => {
                for cluster in clusters {
                    // A setting that is wrong says nothing of where an instance is not.
                    if !self.search(&cluster, lost.clone()).await {
                        for id in lost.iter().filter(|id| self.is_nowhere(id)).cloned().collect::<Vec<_>>() {
                            self.place(&id, Place::Unknown(format!("cluster {cluster} does not exist")));
                        }
                    }
                }
            }
            Err(trouble) => {
                for id in &lost {
                    self.place(id, Place::Unknown(trouble.to_string()));
                }
            }
        }
    }

    /// Describes those whose container instance is known, and answers the ids of the others.
    async fn describe_known(&mut self, wanted: &[String]) -> Vec<String> {
        let mut known: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        let mut unplaced = Vec::new();
        for id in wanted {
            let told = self.targets.get(id).and_then(|target| target.wish.place.clone());
            let place = self.memory.instances.get(id).and_then(|instance| instance.place.clone()).or(told);
            match place {
                Some((cluster, arn)) => known.entry(cluster).or_default().push((arn, id.clone())),
                None => unplaced.push(id.clone()),
            }
        }
        let minute = self.calls.now().as_millis() / 60_000;
        for (cluster, mut pairs) in known {
            // Where there are more than can be seen at once, others each minute.
            pairs.sort_by_cached_key(|(_, id)| shuffled(id, minute));
            for pairs in pairs.chunks(PER_DESCRIBE) {
                if !self.calls.urgent && self.calls.reads_left() <= KEPT_FOR_LOOKS {
                    self.calls.starved = true;
                    for (_, id) in pairs {
                        self.place(id, Place::Unknown(Trouble::NoBudget.to_string()));
                    }
                    continue;
                }
                let (arns, ids): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
                let outcome = self.describe(&cluster, &arns).await;
                let answered = matches!(outcome, Ok(()) | Err(Trouble::Partly(_)));
                let why =
                    outcome.map_or_else(|trouble| trouble.to_string(), |()| "not in the reply".to_owned());
                for id in &ids {
                    self.place(id, Place::Unknown(why.clone()));
                    if answered && self.is_unplaced(id) {
                        // The container instance is gone; the next look searches anew.
                        self.memory.instance(id).place = None;
                    }
                }
            }
        }
        unplaced
    }

    /// Searches one cluster for those of these instances that are nowhere yet and that it has not said are not
    /// its. Answers whether there is such a cluster, as far as that was learned.
    async fn search(&mut self, cluster: &str, mut ids: Vec<String>) -> bool {
        let asked = |memory: &Memory, id: &str| {
            memory.instances.get(id).is_some_and(|instance| instance.not_in.contains(last_part(cluster)))
        };
        ids.retain(|id| self.is_nowhere(id) && !asked(&self.memory, id));
        let mut exists = true;
        for ids in ids.chunks(PER_DESCRIBE) {
            let outcome = self.search_all_pages(cluster, ids).await;
            if matches!(outcome, Err(Trouble::NoSuchCluster)) {
                let why = format!("cluster {cluster}, named by hand, hook, tag or setting, does not exist");
                self.calls.refused.push(why);
                exists = false;
            }
            for id in ids {
                match &outcome {
                    // It was found, or found twice.
                    _ if !self.is_nowhere(id) => {}
                    Ok(()) => {
                        self.memory.instance(id).not_in.insert(last_part(cluster).to_owned());
                    }
                    Err(Trouble::NoSuchCluster) => {}
                    Err(trouble) => self.place(id, Place::Unknown(trouble.to_string())),
                }
            }
        }
        exists
    }

    /// Lists and describes what the cluster has of these instances; half an answer is none.
    async fn search_all_pages(&mut self, cluster: &str, ids: &[String]) -> Result<(), Trouble> {
        let arns = self.list_container_instances(cluster, ids).await?;
        for arns in arns.chunks(PER_DESCRIBE) {
            self.describe(cluster, arns).await?;
        }
        Ok(())
    }

    /// The container instances the cluster has of these instances, all pages.
    pub(super) async fn list_container_instances(
        &mut self,
        cluster: &str,
        ids: &[String],
    ) -> Result<Vec<String>, Trouble> {
        let port = &self.function.ecs;
        let pages = self.calls.pages("ListContainerInstances", Cost::Read, |page| async move {
            port.list_container_instances(cluster, ids, page.as_deref()).await
        });
        pages.await
    }

    /// Describes container instances and notes them. `failures[]` make an error of the whole.
    pub(super) async fn describe(&mut self, cluster: &str, arns: &[String]) -> Result<(), Trouble> {
        let call = self.function.ecs.describe_container_instances(cluster, arns);
        let reply = self.calls.call("DescribeContainerInstances", Cost::Read, call).await?;
        for instance in reply.found {
            self.note(cluster, instance);
        }
        match reply.failures.first() {
            Some(failure) => Err(Trouble::Partly(format!("{} {}", failure.arn, failure.reason))),
            None => Ok(()),
        }
    }

    /// Notes a container instance that was found.
    fn note(&mut self, cluster: &str, instance: ContainerInstance) {
        let Some(target) = instance.ec2_instance_id.as_ref().and_then(|id| self.targets.get_mut(id)) else {
            return;
        };
        if let Some(other) = target.seen.container_instance()
            && other.arn != instance.arn
        {
            // An agent that lost its state registers anew, and the tasks of its earlier life stay where they were.
            let both = format!("{} and {}", other.arn, instance.arn);
            let why = format!("{} is two container instances, {both}: deregister the old one", target.id());
            self.calls.refused.push(why.clone());
            target.cluster = None;
            target.seen.place = Place::Unknown(why);
            return;
        }
        target.cluster = Some(cluster.to_owned());
        target.seen.place = Place::In(instance);
    }

    /// Keeps what was found for the next invocation, and fills in what only time can tell.
    fn remember_places(&mut self, ids: &[String]) {
        let now = self.calls.now();
        for id in ids {
            let Some(target) = self.targets.get_mut(id) else { continue };
            let remembered = self.memory.instance(id);
            match (target.cluster.as_ref(), &target.seen.place) {
                (Some(cluster), Place::In(instance)) => {
                    remembered.place = Some((cluster.clone(), instance.arn.clone()));
                    remembered.unjoined_since = None;
                    remembered.not_in = BTreeSet::new();
                    let gone_since = remembered.agent_gone_since.unwrap_or(now);
                    remembered.agent_gone_since = (!instance.agent_connected).then_some(gone_since);
                    let since = remembered.counts_nothing_since.unwrap_or(now);
                    remembered.counts_nothing_since = (instance.tasks_count() == 0).then_some(since);
                    if let Some(group) = target.group.as_ref() {
                        self.memory.cluster_of_group.insert(group.clone(), cluster.clone());
                    }
                }
                // A slip of the hand lets no instance go: only who names no cluster learns that it is in none.
                (None, Place::NoCluster) if target.hook.is_some() && target.wish.cluster.is_some() => {
                    let named = target.wish.cluster.as_deref().unwrap_or_default();
                    let why = format!("it is not in cluster {named}, which was named by hand");
                    target.seen.place = Place::Unknown(why);
                    remembered.not_in = BTreeSet::new();
                }
                (None, Place::NoCluster) => {
                    remembered.unjoined_since.get_or_insert(now);
                    // It may join any of them meanwhile: before it is given up, all are asked again, new ones too.
                    remembered.not_in = BTreeSet::new();
                    self.memory.clusters = None;
                }
                _ => {}
            }
            let remembered = self.memory.instance(id);
            target.seen.unjoined_since = remembered.unjoined_since;
            target.seen.last_heartbeat = remembered.last_heartbeat;
            target.seen.remembered = remembered.marks;
            target.seen.agent_is_gone =
                remembered.agent_gone_since.is_some_and(|since| now.elapsed_since(since) >= AGENT_GONE);
            target.seen.look_is_due = remembered.look_is_due(target.seen.marks(), now)
                || (target.wish.purpose == Purpose::Asked && remembered.asked_look_is_due(now));
            target.seen.may_still_be_stopping = self.memory.is_crowded() && !self.memory.seems_empty(id, now);
        }
    }

    /// Notes where an instance is, or why nobody knows.
    fn place(&mut self, id: &str, place: Place) {
        if let Some(target) = self.targets.get_mut(id)
            && target.found().is_none()
        {
            target.seen.place = place;
        }
    }

    /// Whether somebody drains an instance by hand and named its cluster: no other one is meant then.
    fn is_named_by_hand(&self, id: &str) -> bool {
        self.targets.get(id).is_some_and(|target| target.wish.cluster.is_some())
    }

    /// Whether no cluster has an instance so far, and none failed to say so.
    fn is_nowhere(&self, id: &str) -> bool {
        self.targets.get(id).is_some_and(|target| target.seen.place == Place::NoCluster)
    }

    /// Whether an instance was not found.
    fn is_unplaced(&self, id: &str) -> bool {
        self.targets.get(id).is_some_and(|target| target.found().is_none())
    }
}
