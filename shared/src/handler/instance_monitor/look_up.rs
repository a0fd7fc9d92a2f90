//! What ECS and Auto Scaling say of instances, asked for together and within a share of the account's calls.
//!
//! What fails, or is not asked for any more, is not known, and said to be so; it is never taken for an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::InstanceMonitor;
use crate::drain::container_instance::ContainerInstance;
use crate::event::Timestamp;
use crate::event::arn::last_part;
use crate::handler::monitor::Wanted;
use crate::judge::host::{Keeper, Known, KnownHosts, Member, Membership};
use crate::ports::auto_scaling::PER_INSTANCES;
use crate::ports::call::{LONGEST_CALL, iam_action};
use crate::ports::ecs::PER_DESCRIBE;
use crate::ports::{AlertTable, ApiError, AutoScaling, Clock, Ecs, MetricSink, Publisher, VerdictBus};

/// Reads of cluster resources for one batch of events, at most: a quarter of what ECS gives an account at once
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>).
const READS: usize = 25;
/// Pages of clusters: 100 each.
const PAGES: usize = 20;
/// How long all of it may take: the alerts wait for it.
const AT_MOST: Duration = Duration::from_secs(8);
/// Kept of the invocation for telling people.
const KEPT: Duration = Duration::from_secs(4);

/// The reads that are left for one batch, and until when they may begin.
struct Allowed {
    /// How many.
    reads: usize,
    /// The last moment to begin a call.
    until: Timestamp,
}

impl Allowed {
    /// Takes one read; nothing where none is left, or no time.
    fn take(&mut self, now: Timestamp) -> Result<(), String> {
        self.has_time(now)?;
        self.reads = self.reads.checked_sub(1).ok_or("too many clusters to ask at once")?;
        Ok(())
    }

    /// Whether a call may begin.
    fn has_time(&self, now: Timestamp) -> Result<(), String> {
        if now < self.until { Ok(()) } else { Err("there was no time left to ask".to_owned()) }
    }
}

/// What went wrong, in the words of an alert; a missing permission is logged with its name.
fn in_words(call: &str, error: &ApiError) -> String {
    if error.is_denied() {
        tracing::error!(call, action = iam_action(call), error = %error, "a permission is missing");
    } else {
        tracing::warn!(call, error = %error, "call failed");
    }
    format!("{call} {error}")
}

impl<P, M, C, T, B, E, A> InstanceMonitor<P, M, C, T, B, E, A>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    B: VerdictBus,
    E: Ecs,
    A: AutoScaling,
{
    /// Finds out about instances.
    pub(super) async fn look_up(&self, wanted: Vec<Wanted>, deadline: Timestamp) -> KnownHosts {
        let now = self.now();
        let latest_begin = deadline.minus(LONGEST_CALL.saturating_add(KEPT));
        let mut allowed = Allowed { reads: READS, until: now.plus(AT_MOST).min(latest_begin) };
        let mut by_id: BTreeMap<String, Wanted> = BTreeMap::new();
        for wanted in wanted {
            let known = by_id.entry(wanted.id.clone()).or_insert_with(|| wanted.clone());
            known.may_be_scaled_in &= wanted.may_be_scaled_in;
            known.place = known.place.take().or(wanted.place);
        }
        let mut hosts: KnownHosts = by_id
            .keys()
            .map(|id| {
                let is_interrupted = self.memory().is_interrupted(id, now);
                (id.clone(), Known { is_interrupted, ..Known::default() })
            })
            .collect();
        self.ask_auto_scaling(&mut hosts, &allowed).await;
        let by_auto_scaling = |id: &String| {
            by_id[id].may_be_scaled_in && (hosts[id].is_scaled_in() || hosts[id].is_interrupted)
        };
        let open: Vec<_> = by_id.keys().filter(|id| !by_auto_scaling(id)).cloned().collect();
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in &open {
            let place = by_id[id].place.clone().or_else(|| self.memory().place(id));
            if let Some((cluster, arn)) = place {
                places.entry(cluster).or_default().push(arn);
            }
        }
        for (cluster, arns) in places {
            if let Err(why) = self.describe(&cluster, &arns, &mut hosts, &mut allowed).await {
                tracing::info!(cluster, why, "not described where it was; every cluster is asked");
            }
        }
        let lost: BTreeSet<_> =
            open.into_iter().filter(|id| by_id[id].place.is_none() && hosts[id].member().is_none()).collect();
        self.search(lost, &mut hosts, &mut allowed).await;
        hosts
    }

    /// The present.
    fn now(&self) -> Timestamp {
        self.monitor.clock.now()
    }

    /// Asks Auto Scaling for all of them.
    async fn ask_auto_scaling(&self, hosts: &mut KnownHosts, allowed: &Allowed) {
        let ids: Vec<_> = hosts.keys().cloned().collect();
        for ids in ids.chunks(PER_INSTANCES) {
            let answer = match allowed.has_time(self.now()) {
                Ok(()) => {
                    let reply = self.auto_scaling.describe_instances(ids).await;
                    reply.map_err(|error| in_words("DescribeAutoScalingInstances", &error))
                }
                Err(why) => Err(why),
            };
            for id in ids {
                let keeper = match &answer {
                    Ok(found) => {
                        found.iter().find(|found| found.instance_id == *id).map_or(Keeper::Nobody, |found| {
                            Keeper::Group { name: found.group.clone(), state: found.state.word().to_owned() }
                        })
                    }
                    Err(why) => Keeper::Unknown(why.clone()),
                };
                if let Some(known) = hosts.get_mut(id) {
                    known.keeper = keeper;
                }
            }
        }
    }

    /// Asks every cluster for those that were not where they were thought to be.
    async fn search(&self, mut lost: BTreeSet<String>, hosts: &mut KnownHosts, allowed: &mut Allowed) {
        if lost.is_empty() {
            return;
        }
        let outcome = self.search_clusters(&mut lost, hosts, allowed).await;
        for id in lost {
            if let Some(known) = hosts.get_mut(&id) {
                known.membership = match &outcome {
                    Ok(()) => Membership::Nowhere,
                    Err(why) => Membership::Unknown(why.clone()),
                };
            }
        }
    }

    /// The same, until all are found. Only where every cluster answered whole, the rest is in none.
    async fn search_clusters(
        &self,
        lost: &mut BTreeSet<String>,
        hosts: &mut KnownHosts,
        allowed: &mut Allowed,
    ) -> Result<(), String> {
        for cluster in self.clusters(allowed).await? {
            let ids: Vec<_> = lost.iter().cloned().collect();
            for ids in ids.chunks(PER_DESCRIBE) {
                let arns = self.container_instances(&cluster, ids, allowed).await?;
                if !arns.is_empty() {
                    self.describe(&cluster, &arns, hosts, allowed).await?;
                }
            }
            lost.retain(|id| hosts.get(id).is_none_or(|known| known.member().is_none()));
            if lost.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// The clusters of the account and region.
    async fn clusters(&self, allowed: &Allowed) -> Result<Vec<String>, String> {
        let now = self.now();
        if let Some(clusters) = self.memory().clusters(now) {
            return Ok(clusters);
        }
        let (mut clusters, mut next) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            allowed.has_time(self.now())?;
            let reply = self.ecs.list_clusters(next.as_deref()).await;
            let page = reply.map_err(|error| in_words("ListClusters", &error))?;
            clusters.extend(page.items);
            next = page.next;
            if next.is_none() {
                self.memory().keep_clusters(clusters.clone(), now);
                return Ok(clusters);
            }
        }
        Err("there are too many clusters to list".to_owned())
    }

    /// The container instances that a cluster has of these instances.
    async fn container_instances(
        &self,
        cluster: &str,
        ids: &[String],
        allowed: &mut Allowed,
    ) -> Result<Vec<String>, String> {
        let (mut arns, mut next) = (Vec::new(), None::<String>);
        loop {
            allowed.take(self.now())?;
            let reply = self.ecs.list_container_instances(cluster, ids, next.as_deref()).await;
            let page = reply.map_err(|error| in_words("ListContainerInstances", &error))?;
            arns.extend(page.items);
            next = page.next;
            if next.is_none() {
                return Ok(arns);
            }
        }
    }

    /// Describes container instances of a cluster, and notes what they are.
    async fn describe(
        &self,
        cluster: &str,
        arns: &[String],
        hosts: &mut KnownHosts,
        allowed: &mut Allowed,
    ) -> Result<(), String> {
        for arns in arns.chunks(PER_DESCRIBE) {
            allowed.take(self.now())?;
            let reply = self.ecs.describe_container_instances(cluster, arns).await;
            let reply = reply.map_err(|error| in_words("DescribeContainerInstances", &error))?;
            for instance in reply.found {
                let known = instance.ec2_instance_id.as_ref().and_then(|id| hosts.get_mut(id));
                if let Some(known) = known {
                    known.membership = Membership::Member(member(cluster, &instance));
                }
            }
            if let Some(failure) = reply.failures.first() {
                return Err(format!(
                    "DescribeContainerInstances {} {}",
                    last_part(&failure.arn),
                    failure.reason
                ));
            }
        }
        Ok(())
    }
}

/// A container instance in the words of the judge.
fn member(cluster: &str, instance: &ContainerInstance) -> Member {
    Member {
        cluster: last_part(cluster).to_owned(),
        id: last_part(&instance.arn).to_owned(),
        status: instance.status.word().to_owned(),
        agent_connected: instance.agent_connected,
        tasks: instance.tasks_count(),
    }
}
