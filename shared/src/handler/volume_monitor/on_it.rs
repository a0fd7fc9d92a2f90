//! The tasks on an instance whose volume is low, as far as they are to be had.

use super::VolumeMonitor;
use super::asking::{Asking, Unread};
use crate::drain::task::Task;
use crate::ports::{AlertTable, Clock, MetricSink, Publisher, TaskFacts, VerdictBus, Volumes};
use crate::volume::on_it::tasks_in_words;

/// Instances of a cluster whose tasks are asked for in one look: two calls each.
const INSTANCES: usize = 10;

/// The tasks on the instances of one cluster, each instance asked once.
#[derive(Debug, Default)]
pub(super) struct OnThem {
    /// In words, by container instance.
    known: Vec<(String, String)>,
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
    /// The tasks on a container instance, as a fact. An alert does without them.
    pub(super) async fn tasks_on(
        &self,
        cluster: &str,
        container_instance: &str,
        on_them: &mut OnThem,
        asking: &mut Asking<'_, C>,
    ) -> String {
        if let Some((_, words)) = on_them.known.iter().find(|(arn, _)| arn == container_instance) {
            return words.clone();
        }
        if on_them.known.len() >= INSTANCES {
            return format!(
                "tasks on it: not asked for, since more than {INSTANCES} instances are concerned"
            );
        }
        let words = match self.ask_for_tasks(cluster, container_instance, asking).await {
            Ok((tasks, false)) => format!("tasks on it: {}", tasks_in_words(&tasks)),
            Ok((tasks, true)) => format!("tasks on it, among others: {}", tasks_in_words(&tasks)),
            Err(why) => format!("tasks on it: not read, {why}"),
        };
        on_them.known.push((container_instance.to_owned(), words.clone()));
        words
    }

    /// The first hundred tasks on a container instance, and whether there are more.
    async fn ask_for_tasks(
        &self,
        cluster: &str,
        container_instance: &str,
        asking: &mut Asking<'_, C>,
    ) -> Result<(Vec<Task>, bool), Unread> {
        let page = asking.ecs("ListTasks", self.volumes.list_tasks(cluster, container_instance)).await?;
        if page.items.is_empty() {
            return Ok((Vec::new(), false));
        }
        let tasks = asking.ecs("DescribeTasks", self.volumes.describe_tasks(cluster, &page.items)).await?;
        Ok((tasks.found, page.next.is_some()))
    }
}
