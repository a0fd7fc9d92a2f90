//! The last look before an instance is let go.

use std::collections::BTreeMap;

use super::calls::Trouble;
use super::round::Round;
use super::target::Target;
use crate::drain::{Ending, Place, Step};
use crate::ports::ecs::PER_DESCRIBE;
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, Publisher};

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Looks once more at what each instance is that is about to be let go: an agent that lost its state has
    /// registered anew since its place was remembered, and its tasks are on the new container instance.
    pub(super) async fn confirm_places(&mut self) {
        let ids = self.with_step(|step| matches!(step, Step::Complete(_, Ending::Drained { .. })));
        let mut by_cluster: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in ids {
            if let Some((cluster, _)) = self.targets.get(&id).and_then(Target::found) {
                by_cluster.entry(cluster.to_owned()).or_default().push(id);
            }
        }
        for (cluster, ids) in by_cluster {
            for ids in ids.chunks(PER_DESCRIBE) {
                let outcome = self.confirm(&cluster, ids).await;
                for id in ids {
                    if let (Err(trouble), Some(target)) = (&outcome, self.targets.get_mut(id)) {
                        target.seen.place = Place::Unknown(trouble.to_string());
                    }
                    self.decide_on(id);
                }
            }
        }
    }

    /// Describes what the cluster has of these instances beside what is known.
    async fn confirm(&mut self, cluster: &str, ids: &[String]) -> Result<(), Trouble> {
        let mut arns = self.list_container_instances(cluster, ids).await?;
        let known = |arn: &String| {
            let of = |id: &String| self.targets.get(id).and_then(Target::found);
            ids.iter().filter_map(of).any(|(_, instance)| instance.arn == *arn)
        };
        arns.retain(|arn| !known(arn));
        for arns in arns.chunks(PER_DESCRIBE) {
            self.describe(cluster, arns).await?;
        }
        Ok(())
    }
}
