//! The made-up fleet: clusters, services and jobs, and which tasks of the services run.

use fleet_sim::dice::Dice;

use super::task::Task;

/// Where a workload runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Launch {
    /// Fargate.
    Fargate,
    /// Fargate Spot.
    Spot,
    /// EC2 instances of the cluster.
    Ec2,
}

/// A service, or a family of jobs.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its cluster.
    pub cluster: &'static str,
    /// Its name, also its container's and its task definition's.
    pub name: &'static str,
    /// Whether it is a job.
    pub is_job: bool,
    /// Where it runs.
    pub launch: Launch,
    /// Whether it has a container `log-router`.
    pub has_sidecar: bool,
    /// How many tasks a service wants.
    pub desired: usize,
    /// The revision of its task definition.
    pub revision: u32,
    /// The tasks that run, the oldest first.
    pub running: Vec<Task>,
}

/// Names of services.
const SERVICES: [&str; 40] = [
    "checkout-api",
    "cart-api",
    "web-shop",
    "search-api",
    "image-resizer",
    "order-gateway",
    "invoice-api",
    "auth-proxy",
    "session-store",
    "price-feed",
    "stock-api",
    "mail-gateway",
    "webhook-relay",
    "geo-lookup",
    "fraud-scorer",
    "payout-api",
    "ledger-sync",
    "parcel-tracker",
    "route-planner",
    "dock-scheduler",
    "tariff-api",
    "newsletter-api",
    "avatar-api",
    "chat-bridge",
    "media-catalog",
    "video-probe",
    "chart-service",
    "feed-api",
    "quote-engine",
    "permit-portal",
    "wiki-web",
    "rota-api",
    "seat-map",
    "loyalty-api",
    "coupon-api",
    "stamp-api",
    "receipt-api",
    "tide-api",
    "slot-finder",
    "rules-engine",
];
/// Names of jobs.
const JOBS: [&str; 10] = [
    "ledger-close",
    "vendor-import",
    "claims-export",
    "site-crawler",
    "thumb-backfill",
    "risk-totals",
    "report-writer",
    "cube-refresh",
    "sitemap-gen",
    "quota-sweep",
];
/// Clusters; a workload is in the one its number comes to, most are in the first.
const CLUSTERS: [&str; 8] =
    ["harbor", "meadow", "harbor", "orchard", "harbor", "meadow", "harbor", "lantern"];

/// The workloads, services first, with the tasks that run at `start`.
pub fn workloads(dice: &mut Dice, start: i64) -> Vec<Workload> {
    let names = SERVICES.iter().map(|name| (*name, false)).chain(JOBS.iter().map(|name| (*name, true)));
    let mut workloads: Vec<_> = names
        .enumerate()
        .map(|(index, (name, is_job))| Workload {
            cluster: CLUSTERS[index % CLUSTERS.len()],
            name,
            is_job,
            launch: match index % 7 {
                0 | 2 | 4 => Launch::Ec2,
                6 => Launch::Spot,
                _ => Launch::Fargate,
            },
            has_sidecar: index % 3 == 1,
            desired: if is_job { 0 } else { 2 + dice.place(9) },
            revision: 20 + u32::try_from(dice.below(90)).unwrap_or(0),
            running: Vec::new(),
        })
        .collect();
    for (number, workload) in workloads.iter_mut().enumerate() {
        for _ in 0..workload.desired {
            let age = i64::try_from(600_000 + dice.below(3 * 86_400_000)).unwrap_or(0);
            let mut task = Task::new(dice, number, workload.revision, start - age);
            task.started = Some(task.created + 45_000);
            workload.running.push(task);
        }
    }
    workloads
}
