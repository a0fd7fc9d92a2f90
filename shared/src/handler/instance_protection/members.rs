//! What Auto Scaling and the capacity providers say of the instances.

use std::collections::{BTreeMap, BTreeSet};

use super::memory::BELIEVED;
use super::round::Round;
use super::target::Place;
use crate::handler::instance_drain::calls::{Cost, Trouble};
use crate::ports::protection::{PER_PROTECTION, PER_PROVIDERS, ScaleIn, TaskHosts};
use crate::ports::{Clock, Publisher};
use crate::protect::Managed;

impl<T: TaskHosts, S: ScaleIn, P: Publisher, M, C: Clock> Round<'_, T, S, P, M, C> {
    /// Asks Auto Scaling for every instance.
    pub(super) async fn find_members(&mut self) {
        let mut ids: Vec<_> =
            self.targets.values().filter_map(|target| target.instance_id().map(str::to_owned)).collect();
        ids.sort_unstable();
        ids.dedup();
        for ids in ids.chunks(PER_PROTECTION) {
            let call = self.function.scale_in.describe_members(ids);
            match self.calls.call("DescribeAutoScalingInstances", Cost::Other, call).await {
                Ok(found) => {
                    let found: BTreeMap<_, _> = found
                        .into_iter()
                        .map(|member| (member.instance.instance_id.clone(), member))
                        .collect();
                    for target in self.targets.values_mut() {
                        let id = target.instance_id().map(str::to_owned);
                        if let Some(id) = id.filter(|id| ids.contains(id)) {
                            target.place = found.get(&id).cloned().map_or(Place::NoGroup, Place::In);
                        }
                    }
                }
                Err(trouble) => self.unseen("Auto Scaling", &trouble),
            }
        }
        // What has no EC2 instance is in no group.
        for target in self.targets.values_mut().filter(|target| target.host.is_some()) {
            if target.instance_id().is_none() {
                target.place = Place::NoGroup;
            }
        }
    }

    /// Finds out whose groups ECS itself protects: those of every capacity provider that launched an instance here.
    pub(super) async fn find_managed(&mut self) {
        let provider_of = |target: &super::target::Target| {
            target.host.as_ref().and_then(|host| host.capacity_provider.clone())
        };
        let names: BTreeSet<_> = self.targets.values().filter_map(provider_of).collect();
        let unknown = self.describe_providers(&names).await;
        let protects = |name: &String| self.memory.providers.get(name).filter(|(one, _)| one.protects);
        let groups: BTreeSet<String> = names
            .iter()
            .filter_map(protects)
            .filter_map(|(provider, _)| provider.group().map(str::to_owned))
            .collect();
        for target in self.targets.values_mut() {
            let name = provider_of(target);
            let in_group = target.member().is_some_and(|member| groups.contains(&member.instance.group));
            let by_name = name.as_ref().and_then(|name| self.memory.providers.get(name));
            let is_managed = in_group || by_name.is_some_and(|(provider, _)| provider.protects);
            let why = name.as_ref().and_then(|name| unknown.get(name));
            target.managed = Some(match why {
                _ if is_managed => Managed::Yes,
                Some(why) => Managed::Unknown(why.clone()),
                None => Managed::No,
            });
        }
        let now = self.calls.now();
        for group in groups {
            if self.memory.is_news("managed", &group, now) {
                tracing::info!(
                    group,
                    "left alone: ECS protects its instances (managed termination protection)"
                );
            }
        }
    }

    /// Describes the capacity providers that are not known. Answers why some could not be.
    async fn describe_providers(&mut self, names: &BTreeSet<String>) -> BTreeMap<String, String> {
        let now = self.calls.now();
        let known = &self.memory.providers;
        let is_known =
            |name: &String| known.get(name).is_some_and(|(_, at)| now.elapsed_since(*at) < BELIEVED);
        let asked: Vec<_> = names.iter().filter(|name| !is_known(name)).cloned().collect();
        let mut unknown = BTreeMap::new();
        for names in asked.chunks(PER_PROVIDERS) {
            let call = self.function.hosts.describe_capacity_providers(names);
            let reply = self.calls.call("DescribeCapacityProviders", Cost::Other, call).await;
            let why = match reply {
                Ok(reply) => {
                    for provider in reply.found {
                        self.memory.providers.insert(provider.name.clone(), (provider, now));
                    }
                    let failure = reply.failures.into_iter().next();
                    failure.map_or_else(|| "not in the reply".to_owned(), |failure| failure.reason)
                }
                Err(trouble) => trouble.to_string(),
            };
            for name in names {
                if self.memory.providers.get(name).is_none_or(|(_, at)| *at != now) {
                    unknown.insert(name.clone(), format!("capacity provider {name}: {why}"));
                }
            }
        }
        if let Some(why) = unknown.values().next() {
            self.unseen("capacity providers", &Trouble::Partly(why.clone()));
        }
        unknown
    }

    /// Notes which container instances say they are the same EC2 instance: an agent that lost its state registers
    /// anew, and the old one stays for a while.
    pub(super) fn mark_twins(&mut self) {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for id in self.targets.values().filter_map(|target| target.instance_id()) {
            *seen.entry(id.to_owned()).or_default() += 1;
        }
        for target in self.targets.values_mut() {
            let count = target.instance_id().and_then(|id| seen.get(id));
            target.is_twice = count.is_some_and(|count| *count > 1);
        }
    }
}
