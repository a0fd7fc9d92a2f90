//! Writing what is remembered of drains on the container instances they are about.

use std::collections::BTreeMap;

use super::calls::{Cost, Trouble};
use super::round::Round;
use super::target::{Purpose, Target};
use crate::drain::Step;
use crate::drain::container_instance::Attribute;
use crate::drain::marks::{self, Marks};
use crate::ports::ecs::PER_PUT;
use crate::ports::{ApiError, AutoScaling, Clock, Ecs, LogCollector, Publisher};

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Writes the marks that changed, ten attributes a call, and remembers them in any case.
    pub(super) async fn write_marks(&mut self) {
        let mut by_cluster: BTreeMap<String, Vec<Attribute>> = BTreeMap::new();
        let marked = |target: &&mut Target| target.wish.purpose != Purpose::Spot && target.found().is_some();
        for target in self.targets.values_mut().filter(marked) {
            let id = target.id().to_owned();
            if let Some(Step::Remember { marks, .. }) = target.step {
                target.new_marks.get_or_insert(marks);
            }
            let heartbeat = self.memory.instance(&id).last_heartbeat.filter(|_| target.heard);
            if target.heard
                && let Some(marks) = target.marks_to_write()
            {
                marks.heartbeat = heartbeat;
            }
            // What is seen of the marks has the latest of what this and any other process wrote.
            let remembered = self.memory.instance(&id).marks.and_then(|_| target.seen.marks());
            let marks = target.new_marks.or(remembered);
            let (Some(marks), Some((cluster, instance))) = (marks, target.found()) else { continue };
            self.memory.instance(&id).marks = Some(marks);
            let put = by_cluster.entry(cluster.to_owned()).or_default();
            if target.hook.is_some() {
                // Also where an earlier invocation could not write them.
                if Marks::of(instance).is_none_or(|written| !written.says_the_same(&marks)) {
                    put.push(marks.drain_started(&instance.arn));
                }
                put.extend(heartbeat.map(|at| marks::heartbeat(&instance.arn, at)));
            }
        }
        for (cluster, attributes) in by_cluster {
            let mut rest = attributes.as_slice();
            while !rest.is_empty() {
                // Both of an instance in one call.
                let fits = |count: &usize| {
                    let next = rest.get(*count).map(|next| &next.container_instance);
                    next != rest.get(count - 1).map(|last| &last.container_instance)
                };
                let count = (1..=PER_PUT.min(rest.len())).rev().find(fits).unwrap_or(1);
                let (now, later) = rest.split_at(count);
                self.put(&cluster, now).await;
                rest = later;
            }
        }
    }

    /// Puts attributes. Where AWS refuses them, one is to blame, and the others are put by themselves.
    async fn put(&mut self, cluster: &str, attributes: &[Attribute]) {
        let call = self.function.ecs.put_attributes(cluster, attributes);
        let outcome = self.calls.call("PutAttributes", Cost::Change, call).await;
        let is_refused = |trouble: &Trouble| matches!(trouble, Trouble::Api(ApiError::Refused { .. }));
        if attributes.len() > 1 && outcome.as_ref().is_err_and(is_refused) {
            for attribute in attributes {
                let call = self.function.ecs.put_attributes(cluster, std::slice::from_ref(attribute));
                // The call itself logs what fails; the memory of this process has the marks.
                drop(self.calls.call("PutAttributes", Cost::Change, call).await);
            }
        }
    }
}
