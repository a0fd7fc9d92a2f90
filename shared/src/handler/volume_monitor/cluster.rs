//! One cluster: its instances, their volumes, the balances, and what is worth an alert.

use std::collections::BTreeMap;

use super::asking::{Asking, Unread};
use super::on_it::OnThem;
use super::seen::Counted;
use super::{VolumeMonitor, balances};
use crate::alert::incident::watch::UNREAD_FOR;
use crate::alert::incident::{Found, Look};
use crate::alert::{Alert, Subject};
use crate::drain::container_instance::ContainerInstance;
use crate::event::Timestamp;
use crate::event::arn::{Arn, last_part};
use crate::judge::Finding;
use crate::judge::about::{About, conclude};
use crate::ports::ecs::PER_DESCRIBE;
use crate::ports::volumes::PER_FILTER;
use crate::ports::{AlertTable, Clock, MetricSink, Publisher, TaskFacts, VerdictBus, Volumes};
use crate::verdict::{Cause, Severity};
use crate::volume::Volume;
use crate::volume::balance::{Standing, standing};
use crate::volume::credits::skipped;
use crate::volume::finding::{self, Place};

/// The look at a cluster's volumes.
const LOOK: &str = "volumes";
/// ECS's reason for what has gone since it was listed.
const MISSING: &str = "MISSING";
/// What the id of an EC2 instance begins with; one outside AWS has no volume of EBS.
const OF_EC2: &str = "i-";

/// A volume with where it is.
struct Attached {
    /// The volume.
    volume: Volume,
    /// The instance it is attached to, with the container instance on it.
    instance: String,
    /// The name it is attached under.
    device: Option<String>,
    /// The ARN of the container instance.
    container_instance: String,
}

impl<P, M, C, T, F, B, V> VolumeMonitor<P, M, C, T, F, B, V>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
    V: Volumes,
{
    /// Looks at a cluster's volumes; its name, and what is seen of it. Nothing where there is no room for it now, and
    /// it was looked at not long ago.
    pub(super) async fn look_at(
        &self,
        cluster: &str,
        asking: &mut Asking<'_, C>,
        counted: &mut Counted,
    ) -> Option<(String, Vec<Look>)> {
        let name = last_part(cluster).to_owned();
        let what = format!("The volumes of {name}");
        let looks = match self.attached(cluster, asking).await {
            Ok(attached) => {
                self.looked().insert(cluster.to_owned(), asking.now());
                self.judged(cluster, attached, asking, counted).await
            }
            Err(why) if why.is_want_of_room() && self.was_looked_at(cluster, asking.now()) => {
                tracing::info!(cluster = name, why = %why, "this cluster waits for the next look");
                return None;
            }
            Err(why) => {
                let unread = self.unread(Some(&name), LOOK, &what, &why);
                vec![Look { name: LOOK, seen: Err(Box::new(unread)) }]
            }
        };
        Some((name, looks))
    }

    /// Whether a cluster was looked at so lately that people need not hear of a look that is left out.
    fn was_looked_at(&self, cluster: &str, now: Timestamp) -> bool {
        self.looked().get(cluster).is_some_and(|at| now.elapsed_since(*at) < UNREAD_FOR)
    }

    /// The volumes with burst credits, judged. Where some were not read, what is low is noted all the same, and
    /// nothing is over.
    async fn judged(
        &self,
        cluster: &str,
        attached: Vec<Attached>,
        asking: &mut Asking<'_, C>,
        counted: &mut Counted,
    ) -> Vec<Look> {
        let mut measured = Vec::with_capacity(attached.len());
        for one in attached {
            match skipped(&one.volume) {
                Some(why) => *counted.skipped.entry(why).or_default() += 1,
                None => measured.push(one),
            }
        }
        let ids: Vec<_> = measured.iter().map(|one| one.volume.id.clone()).collect();
        let mut balances = balances::read(&self.volumes, &ids, asking).await;
        let (mut found, mut unread, mut on_them) = (Vec::new(), Vec::new(), OnThem::default());
        for one in &measured {
            let samples = match balances.remove(&one.volume.id) {
                Some(Ok(samples)) => samples,
                Some(Err(why)) => {
                    unread.push(why);
                    continue;
                }
                None => continue,
            };
            let limits = self.monitor.policy.volumes.limits;
            match standing(&samples, limits, asking.now()) {
                Some(standing) if !standing.is_old || standing.low_since.is_some() => {
                    counted.add(standing.latest.percent);
                    found.extend(self.found(cluster, one, &standing, &mut on_them, asking).await);
                }
                Some(_) | None => counted.without_value += 1,
            }
        }
        counted.low += u32::try_from(found.len()).unwrap_or(u32::MAX);
        counted.unread += u32::try_from(unread.len()).unwrap_or(u32::MAX);
        let Some(why) = unread.first() else { return vec![Look { name: LOOK, seen: Ok(found) }] };
        let name = last_part(cluster);
        let what = format!("The burst balance of {} of {} volumes of {name}", unread.len(), measured.len());
        found.push(self.unread(Some(name), LOOK, &what, why));
        found.into_iter().map(|one| Look { name: LOOK, seen: Err(Box::new(one)) }).collect()
    }

    /// What is told of a volume; nothing where it is well.
    async fn found(
        &self,
        cluster: &str,
        one: &Attached,
        standing: &Standing,
        on_them: &mut OnThem,
        asking: &mut Asking<'_, C>,
    ) -> Option<Found> {
        let policy = &self.monitor.policy;
        let (finding, mut facts) = finding::of(&one.volume, standing, &policy.volumes)?;
        facts.push(format!(
            "instance {}, container instance {}",
            one.instance,
            last_part(&one.container_instance)
        ));
        facts.push(self.tasks_on(cluster, &one.container_instance, on_them, asking).await);
        let name = last_part(cluster);
        let place = Place { cluster: name, instance: &one.instance, device: one.device.as_deref() };
        let about = About {
            cluster: Some(name),
            part: Some(&one.volume.id),
            in_words: finding::in_words(&one.volume, &place),
            ..About::default()
        };
        let verdict = conclude(&about, policy, asking.now(), finding, facts);
        let arn = Arn::parse(&one.container_instance);
        let subject = Subject {
            partition: arn.map(|arn| arn.partition.to_owned()),
            account: arn.map(|arn| arn.account.to_owned()),
            region: arn.map(|arn| arn.region.to_owned()),
            cluster: Some(name.to_owned()),
            container_instance: Some(last_part(&one.container_instance).to_owned()),
            ec2_instance: Some(one.instance.clone()),
            availability_zone: one.volume.availability_zone.clone(),
            ..Subject::default()
        };
        Some(Found { alert: Alert::new(verdict, subject), grace: std::time::Duration::ZERO })
    }

    /// What is told of a look that did not see everything.
    pub(super) fn unread(&self, cluster: Option<&str>, part: &str, what: &str, why: &impl ToString) -> Found {
        let about = About { cluster, part: Some(part), in_words: what.to_owned(), ..About::default() };
        let finding =
            Finding::new(Cause::NotAudited, Severity::Medium, "could not be read: nobody knows how it is.");
        let facts = vec![why.to_string()];
        let verdict = conclude(&about, &self.monitor.policy, self.monitor.clock.now(), finding, facts);
        let subject = Subject { cluster: cluster.map(str::to_owned), ..Subject::default() };
        Found { alert: Alert::new(verdict, subject), grace: UNREAD_FOR }
    }

    /// The volumes of a cluster's instances.
    async fn attached(&self, cluster: &str, asking: &mut Asking<'_, C>) -> Result<Vec<Attached>, Unread> {
        let instances = self.instances(cluster, asking).await?;
        let ids: Vec<_> = instances.keys().cloned().collect();
        let mut attached = BTreeMap::new();
        for ids in ids.chunks(PER_FILTER) {
            let port = &self.volumes;
            let pages = asking.pages_elsewhere("DescribeVolumes", |page| async move {
                port.volumes_of(ids, page.as_deref()).await
            });
            for volume in pages.await? {
                let place = volume.attachments.iter().find_map(|one| {
                    let (instance, arn) = instances.get_key_value(one.instance.as_deref()?)?;
                    Some((instance.clone(), one.device.clone(), arn.clone()))
                });
                if let Some((instance, device, container_instance)) = place {
                    let one = Attached { volume, instance, device, container_instance };
                    attached.insert(one.volume.id.clone(), one);
                }
            }
        }
        Ok(attached.into_values().collect())
    }

    /// The container instances of a cluster, by the ids of their EC2 instances.
    async fn instances(
        &self,
        cluster: &str,
        asking: &mut Asking<'_, C>,
    ) -> Result<BTreeMap<String, String>, Unread> {
        let port = &self.volumes;
        let pages = asking.pages("ListContainerInstances", |page| async move {
            port.list_container_instances(cluster, page.as_deref()).await
        });
        let arns = pages.await?;
        let mut instances = BTreeMap::new();
        for arns in arns.chunks(PER_DESCRIBE) {
            let call = self.volumes.describe_container_instances(cluster, arns);
            let reply = asking.ecs("DescribeContainerInstances", call).await?;
            if let Some(failure) = reply.failures.iter().find(|failure| failure.reason != MISSING) {
                return Err(Unread::Partly("DescribeContainerInstances", failure.reason.clone()));
            }
            instances.extend(reply.found.into_iter().filter_map(of_ec2));
        }
        Ok(instances)
    }
}

/// The EC2 instance of a container instance, with the latter's ARN.
fn of_ec2(instance: ContainerInstance) -> Option<(String, String)> {
    let id = instance.ec2_instance_id.filter(|id| id.starts_with(OF_EC2))?;
    Some((id, instance.arn))
}
