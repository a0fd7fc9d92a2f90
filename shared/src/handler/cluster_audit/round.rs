//! One look at all clusters: what is there, and what of it could be read.

use super::calls::{Calls, Lane, Trouble};
use super::lanes::{Queue, in_turn};
use super::memory::{Area, Memory};
use super::progress::{Part, Progress, begin};
use super::reading::{Next, Reading, Step};
use crate::audit::checks::wants_tasks;
use crate::audit::seen::Unread;
use crate::policy::Policy;
use crate::ports::audit::PER_CLUSTERS;
use crate::ports::ecs::{PER_DESCRIBE, PER_SERVICES, Partial};
use crate::ports::{ApiError, Clock, ClusterReads, Page};

/// Elements of a page.
const PER_PAGE: i64 = 100;

/// One look.
pub(super) struct Round<'a, R, C> {
    /// What is asked.
    pub(super) reads: &'a R,
    /// The calls, counted.
    pub(super) calls: Calls<'a, C>,
    /// What is remembered.
    pub(super) memory: &'a mut Memory,
    /// The clusters.
    pub(super) clusters: Vec<Progress>,
    /// The reads of ECS to come.
    pub(super) queues: [Queue; 2],
}

/// Makes a reading's next call and takes its answer; none where all of it is there.
async fn advance<T, C: Clock>(
    reading: &mut Reading<T>,
    calls: &mut Calls<'_, C>,
    (lane, list_name, describe_name, most): (Lane, &'static str, &'static str, usize),
    list: impl AsyncFnOnce(Option<String>) -> Result<Page<String>, ApiError>,
    describe: impl AsyncFnOnce(Vec<String>) -> Result<Partial<T>, ApiError>,
) -> Option<Step> {
    match reading.next(most) {
        Next::List(token) => {
            let page = calls.call(list_name, lane, list(token)).await;
            Some(reading.page(page))
        }
        Next::Describe(chunk) => {
            let asked = chunk.len();
            let reply = calls.call(describe_name, lane, describe(chunk)).await;
            Some(reading.described(asked, reply))
        }
        Next::Nothing => None,
    }
}

/// What became of a step of a part.
enum Became {
    /// It goes on.
    GoesOn,
    /// It goes on after others.
    Later,
    /// It is over; with the list it is of where all of it was read.
    Over(Option<Vec<String>>),
}

/// Settles a part after a step.
fn settle<T>(part: &mut Part<T>, area: Area, step: Option<Step>, most: usize) -> Became {
    let is_whole = match (step, &*part) {
        (Some(Step::Later), _) => return Became::Later,
        (Some(Step::GiveUp(why)), _) => {
            *part = Part::Failed(Unread(format!("{}: {why}", area.word())));
            return Became::Over(None);
        }
        (Some(Step::GoOn) | None, Part::Reading(reading)) => reading.next(most) == Next::Nothing,
        (Some(Step::GoOn) | None, Part::Idle | Part::Read(_) | Part::Failed(_)) => true,
    };
    if !is_whole {
        return Became::GoesOn;
    }
    match std::mem::replace(part, Part::Idle) {
        Part::Reading(reading) => {
            let (found, listed) = reading.finish();
            *part = Part::Read(found);
            Became::Over(Some(listed))
        }
        other @ (Part::Idle | Part::Read(_) | Part::Failed(_)) => {
            *part = other;
            Became::Over(None)
        }
    }
}

impl<R: ClusterReads, C: Clock> Round<'_, R, C> {
    /// Every cluster of the account and region.
    pub(super) async fn list_clusters(&mut self) -> Result<Vec<String>, Trouble> {
        let mut reading = Reading::<String>::begin(None);
        let reads = self.reads;
        while let Next::List(token) = reading.next(PER_CLUSTERS) {
            let call = reads.list_clusters(token.as_deref());
            let page = self.calls.call("ListClusters", Lane::Clusters, call).await;
            let failed = page.as_ref().err().cloned();
            match reading.page(page) {
                Step::GoOn => {}
                Step::Later => {
                    if let Some(trouble @ (Trouble::NoBudget | Trouble::NoTime)) = failed {
                        return Err(trouble);
                    }
                }
                Step::GiveUp(why) => {
                    return Err(failed.unwrap_or(Trouble::Api(ApiError::Unavailable(why))));
                }
            }
        }
        Ok(reading.finish().1)
    }

    /// Describes clusters, and answers what could not be: the names it is about, and why.
    pub(super) async fn describe_clusters(&mut self, clusters: &[String]) -> Vec<(Vec<String>, String)> {
        let mut unread = Vec::new();
        let reads = self.reads;
        for chunk in clusters.chunks(PER_CLUSTERS) {
            let mut reply = Err(Trouble::NoBudget);
            // Once more where it failed: without it nothing is known of a hundred clusters.
            for _ in 0..2 {
                let call = reads.describe_clusters(chunk);
                reply = self.calls.call("DescribeClusters", Lane::Clusters, call).await;
                if reply.as_ref().is_ok_and(|reply| reply.failures.is_empty()) {
                    break;
                }
            }
            match reply {
                Ok(reply) => {
                    for failure in reply.failures {
                        unread.push((vec![failure.arn], failure.reason));
                    }
                    for cluster in reply.found {
                        let now = self.calls.clock.now();
                        self.memory.note_cluster(&cluster.arn, &cluster.name);
                        let services = self.memory.services(&cluster.arn, now);
                        self.clusters.push(Progress::of(cluster, services));
                    }
                }
                Err(trouble) => unread.push((chunk.to_vec(), trouble.to_string())),
            }
        }
        unread
    }

    /// Reads services, instances and the tasks of clusters in which some wait, the longest unread first.
    pub(super) async fn read_parts(&mut self) {
        let mut jobs = Vec::new();
        for (number, progress) in self.clusters.iter().enumerate() {
            let cluster = &progress.cluster;
            let pages = |count: i64| usize::try_from((count + PER_PAGE - 1) / PER_PAGE).unwrap_or(1);
            if let Part::Reading(reading) = &progress.services {
                let lists =
                    if matches!(reading.next(1), Next::List(_)) { pages(cluster.services) } else { 0 };
                let most = i64::try_from(PER_SERVICES).unwrap_or(1);
                let described = usize::try_from((cluster.services + most - 1) / most).unwrap_or(1);
                jobs.push((Area::Services, number, lists + described));
            }
            if matches!(progress.instances, Part::Reading(_)) {
                jobs.push((Area::Instances, number, 2 * pages(cluster.container_instances)));
            }
            if matches!(progress.tasks, Part::Reading(_)) {
                jobs.push((Area::Tasks, number, 2));
            }
        }
        self.read(jobs).await;
    }

    /// Reads what Auto Scaling says of the instances, fifty at once, whatever cluster they are of.
    pub(super) async fn read_members(&mut self) {
        let mut order: Vec<usize> = (0..self.clusters.len()).collect();
        order.sort_by_key(|number| self.memory.last_read(&self.clusters[*number].cluster.arn, Area::Members));
        let wanted: Vec<(usize, String)> = order
            .into_iter()
            .flat_map(|number| self.clusters[number].ec2_instances().map(move |id| (number, id.to_owned())))
            .collect();
        super::members::read(self, &wanted).await;
    }

    /// Reads the tasks of the clusters in which only now something hangs on them.
    pub(super) async fn read_more_tasks(&mut self, policy: &Policy) {
        let mut jobs = Vec::new();
        for (number, progress) in self.clusters.iter_mut().enumerate() {
            if matches!(progress.tasks, Part::Idle) && wants_tasks(&progress.snapshot(""), policy) {
                progress.tasks = begin();
                jobs.push((Area::Tasks, number, 2));
            }
        }
        self.read(jobs).await;
    }

    /// Reads these parts, one call after the other, as far as budget and time go.
    async fn read(&mut self, mut jobs: Vec<(Area, usize, usize)>) {
        jobs.sort_by_key(|(area, number, _)| {
            (*area == Area::Tasks, self.memory.last_read(&self.clusters[*number].cluster.arn, *area))
        });
        for (area, number, calls) in jobs {
            let place = usize::from(area != Area::Services);
            self.queues[place].push((number, area), calls);
        }
        while let Some(place) = self.next_queue() {
            let Some((number, area)) = self.queues[place].first() else { return };
            self.queues[place].called();
            match self.step(number, area).await {
                Became::GoesOn => {}
                Became::Later => self.queues[place].put_back(),
                Became::Over(listed) => {
                    self.queues[place].pop();
                    if let Some(listed) = listed {
                        self.note_read(number, area, listed);
                    }
                }
            }
        }
    }

    /// The queue whose turn it is, of those with budget; none where there is none, or no time.
    fn next_queue(&mut self) -> Option<usize> {
        for place in in_turn(&self.queues) {
            match self.calls.can(self.queues[place].lane) {
                Ok(()) => return Some(place),
                Err(Trouble::NoTime) => return None,
                Err(Trouble::NoBudget | Trouble::Api(_)) => {}
            }
        }
        None
    }

    /// Remembers that a part was read.
    fn note_read(&mut self, number: usize, area: Area, listed: Vec<String>) {
        let now = self.calls.clock.now();
        let arn = &self.clusters[number].cluster.arn;
        self.memory.note_read(arn, area, now);
        if area == Area::Services && self.memory.services(arn, now).as_ref() != Some(&listed) {
            self.memory.note_services(arn, listed, now);
        }
    }

    /// Makes the next call of a part.
    async fn step(&mut self, number: usize, area: Area) -> Became {
        let Progress { cluster, services, instances, tasks, .. } = &mut self.clusters[number];
        let (reads, calls, arn) = (self.reads, &mut self.calls, cluster.arn.as_str());
        match area {
            Area::Services => {
                let Part::Reading(reading) = services else { return Became::Over(None) };
                let names = (Lane::Services, "ListServices", "DescribeServices", PER_SERVICES);
                let step = advance(
                    reading,
                    calls,
                    names,
                    async |page| reads.list_services(arn, page.as_deref()).await,
                    async |chunk| reads.describe_services(arn, &chunk).await,
                );
                let step = step.await;
                settle(services, area, step, PER_SERVICES)
            }
            Area::Instances => {
                let Part::Reading(reading) = instances else { return Became::Over(None) };
                let names =
                    (Lane::Resources, "ListContainerInstances", "DescribeContainerInstances", PER_DESCRIBE);
                let step = advance(
                    reading,
                    calls,
                    names,
                    async |page| reads.list_instances(arn, page.as_deref()).await,
                    async |chunk| reads.describe_instances(arn, &chunk).await,
                );
                let step = step.await;
                settle(instances, area, step, PER_DESCRIBE)
            }
            Area::Tasks => {
                let Part::Reading(reading) = tasks else { return Became::Over(None) };
                let names = (Lane::Resources, "ListTasks", "DescribeTasks", PER_DESCRIBE);
                let step = advance(
                    reading,
                    calls,
                    names,
                    async |page| reads.list_tasks(arn, page.as_deref()).await,
                    async |chunk| reads.describe_tasks(arn, &chunk).await,
                );
                let step = step.await;
                settle(tasks, area, step, PER_DESCRIBE)
            }
            // These are read in batches of their own.
            Area::Members => Became::Over(None),
        }
    }
}
