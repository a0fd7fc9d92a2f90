//! What is done: notes, protection, release. Each is safe to do twice, and to lose.

use std::collections::BTreeMap;

use super::round::Round;
use crate::handler::instance_drain::calls::{Cost, Trouble};
use crate::ports::protection::{PER_ATTRIBUTES, PER_PROTECTION, ScaleIn, TaskHosts};
use crate::ports::{ApiError, Clock, Publisher};
use crate::protect::{Mark, Stage, Step};

impl<T: TaskHosts, S: ScaleIn, P: Publisher, M, C: Clock> Round<'_, T, S, P, M, C> {
    /// Notes on each instance that we begin, then protects it, then notes that it is.
    pub(super) async fn protect(&mut self) {
        let mut noted = Vec::new();
        let now = self.calls.now();
        for (cluster, arns) in self.to_do(|step| *step == Step::Protect) {
            let marks = arns.into_iter().map(|arn| (arn, Mark::begun(now))).collect::<Vec<_>>();
            noted.extend(self.put_marks(&cluster, &marks).await);
        }
        let mut held: BTreeMap<String, Vec<(String, Mark)>> = BTreeMap::new();
        let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (arns, outcome) in self.set_protection(&noted, true).await {
            for arn in arns {
                let Some(target) = self.targets.get(&arn) else { continue };
                let cluster = target.cluster.clone();
                match &outcome {
                    Ok(()) => {
                        let mark = Mark::begun(now).at(Stage::Held, self.calls.now());
                        held.entry(cluster).or_default().push((arn, mark));
                    }
                    // It surely had no effect, so whoever protects the instance next is somebody else.
                    Err(Trouble::Api(ApiError::Refused { .. })) => {
                        refused.entry(cluster).or_default().push(arn);
                    }
                    Err(_) => {}
                }
            }
        }
        for (cluster, marks) in held {
            let arns: Vec<_> = marks.iter().map(|(arn, _)| arn.clone()).collect();
            self.done(&arns);
            self.put_marks(&cluster, &marks).await;
        }
        for (cluster, arns) in refused {
            self.delete_marks(&cluster, &arns).await;
        }
    }

    /// Writes the notes whose stage changes.
    pub(super) async fn write_marks(&mut self) {
        let now = self.calls.now();
        for (step, stage) in
            [(Step::Hold, Stage::Held), (Step::Yield, Stage::Yielded), (Step::Idle, Stage::Idle)]
        {
            for (cluster, arns) in self.to_do(|one| *one == step) {
                let marks: Vec<_> = arns
                    .into_iter()
                    .filter_map(|arn| {
                        let mark = self.targets.get(&arn)?.mark()?.at(stage, now);
                        Some((arn, mark))
                    })
                    .collect();
                let written = self.put_marks(&cluster, &marks).await;
                self.done(&written);
            }
        }
    }

    /// Takes protection back, then the notes.
    pub(super) async fn release(&mut self) {
        let arns: Vec<_> = self.to_do(|step| *step == Step::Release).into_values().flatten().collect();
        for (arns, outcome) in self.set_protection(&arns, false).await {
            if outcome.is_err() {
                continue;
            }
            self.done(&arns);
            let mut by_cluster: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for arn in arns {
                if let Some(target) = self.targets.get(&arn) {
                    by_cluster.entry(target.cluster.clone()).or_default().push(arn);
                }
            }
            for (cluster, arns) in by_cluster {
                self.delete_marks(&cluster, &arns).await;
            }
        }
    }

    /// Takes back the notes of what is not ours any more.
    pub(super) async fn forget(&mut self) {
        for (cluster, arns) in self.to_do(|step| *step == Step::Forget) {
            let deleted = self.delete_marks(&cluster, &arns).await;
            self.done(&deleted);
        }
    }

    /// Sets or takes the protection of instances, group by group. Answers what came of each call.
    async fn set_protection(
        &mut self,
        arns: &[String],
        is_protected: bool,
    ) -> Vec<(Vec<String>, Result<(), Trouble>)> {
        let mut by_group: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for arn in arns {
            if let Some(member) = self.targets.get(arn).and_then(|target| target.member()) {
                let pair = (arn.clone(), member.instance.instance_id.clone());
                by_group.entry(member.instance.group.clone()).or_default().push(pair);
            }
        }
        let mut outcomes = Vec::new();
        for (group, pairs) in by_group {
            for pairs in pairs.chunks(PER_PROTECTION) {
                let (arns, ids): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
                let call = self.function.scale_in.set_protection(&group, &ids, is_protected);
                let outcome = self.calls.call("SetInstanceProtection", Cost::Other, call).await;
                if let Err(trouble) = &outcome {
                    self.trouble(&arns, trouble);
                }
                outcomes.push((arns, outcome));
            }
        }
        outcomes
    }

    /// Writes notes. Answers the instances that have them.
    async fn put_marks(&mut self, cluster: &str, marks: &[(String, Mark)]) -> Vec<String> {
        let mut written = Vec::new();
        for marks in marks.chunks(PER_ATTRIBUTES) {
            let attributes: Vec<_> = marks.iter().map(|(arn, mark)| mark.attribute(arn)).collect();
            let arns: Vec<_> = marks.iter().map(|(arn, _)| arn.clone()).collect();
            let call = self.function.hosts.put_attributes(cluster, &attributes);
            match self.calls.call("PutAttributes", Cost::Change, call).await {
                Ok(()) => written.extend(arns),
                Err(trouble) => self.trouble(&arns, &trouble),
            }
        }
        written
    }

    /// Takes notes back. Answers the instances that have none any more.
    async fn delete_marks(&mut self, cluster: &str, arns: &[String]) -> Vec<String> {
        let mut deleted = Vec::new();
        for arns in arns.chunks(PER_ATTRIBUTES) {
            let marks = arns.iter().filter_map(|arn| Some((arn, self.targets.get(arn)?.mark())));
            let now = self.calls.now();
            let attributes: Vec<_> =
                marks.map(|(arn, mark)| mark.unwrap_or_else(|| Mark::begun(now)).attribute(arn)).collect();
            let call = self.function.hosts.delete_attributes(cluster, &attributes);
            match self.calls.call("DeleteAttributes", Cost::Change, call).await {
                Ok(()) => deleted.extend(arns.iter().cloned()),
                Err(trouble) => self.trouble(arns, &trouble),
            }
        }
        deleted
    }
}
