//! What a process has heard of hosts: hints that save calls.

use std::time::Duration;

use crate::event::{Detail, Timestamp};
use crate::handler::recent::Recent;

/// Container instances that are remembered.
const PLACES: usize = 8_192;
/// Interruptions that are remembered.
const INTERRUPTIONS: usize = 1_024;
/// How long an instance may take to end after its interruption was announced; two minutes, and then some.
const INTERRUPTION: Duration = Duration::from_mins(30);
/// How long the list of clusters is believed.
const CLUSTERS: Duration = Duration::from_mins(5);

/// Cluster and container instance, as ARNs.
pub(super) type Place = (String, String);

/// What was heard.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Container instances by EC2 instance.
    places: Recent<Box<str>, Place, PLACES>,
    /// When an interruption was announced, in milliseconds, by EC2 instance.
    interrupted: Recent<Box<str>, i64, INTERRUPTIONS>,
    /// The clusters, and when they were listed.
    clusters: Option<(Timestamp, Vec<String>)>,
}

impl Memory {
    /// Hears of an event.
    pub(super) fn note(&mut self, detail: &Detail, now: Timestamp) {
        match detail {
            Detail::ContainerInstance(change) => {
                let place = change.cluster_arn.as_ref().zip(change.container_instance_arn.as_ref());
                if let Some((id, (cluster, arn))) = change.ec2_instance_id.as_ref().zip(place) {
                    self.places.keep(id.clone(), (cluster.to_string(), arn.to_string()));
                }
            }
            Detail::SpotWarning(warning) => {
                if let Some(id) = &warning.instance_id {
                    self.interrupted.keep(id.clone(), now.as_millis());
                }
            }
            Detail::Task(_)
            | Detail::Lifecycle(_)
            | Detail::TestNotification
            | Detail::InstanceHealth(_)
            | Detail::InstanceState(_)
            | Detail::Rebalance(_)
            | Detail::HealthNotice(_)
            | Detail::Service(_)
            | Detail::Tick
            | Detail::Other { .. } => {}
        }
    }

    /// Where an instance was.
    pub(super) fn place(&self, id: &str) -> Option<Place> {
        self.places.get(id).cloned()
    }

    /// Whether its interruption was announced lately.
    pub(super) fn is_interrupted(&self, id: &str, now: Timestamp) -> bool {
        self.interrupted
            .get(id)
            .is_some_and(|at| now.elapsed_since(Timestamp::from_millis(*at)) <= INTERRUPTION)
    }

    /// The clusters, while they are believed.
    pub(super) fn clusters(&self, now: Timestamp) -> Option<Vec<String>> {
        let (at, clusters) = self.clusters.as_ref()?;
        (now.elapsed_since(*at) <= CLUSTERS).then(|| clusters.clone())
    }

    /// Keeps the clusters.
    pub(super) fn keep_clusters(&mut self, clusters: Vec<String>, now: Timestamp) {
        self.clusters = Some((now, clusters));
    }
}
