//! A fleet of which a part goes at once: services that take their time to stop, a daemon in one of its two
//! clusters, a job on one instance of each that runs for longer than an invocation of Lambda.

use std::time::Duration;

use shared::drain::settings::DEFAULT_CLUSTER_TAG;

use crate::api::Service;
use crate::api::faults::{Failing, Fault, Rule};
use crate::auto_scaling::GroupNo;
use crate::dice::Dice;
use crate::drive::{Drive, Feed};
use crate::ecs::{ServicePlan, StandalonePlan};
use crate::fleet::{Fleet, GroupPlan, HookPlan};
use crate::outbox::Road;
use crate::sim::Sim;
use crate::world::World;

/// The hook's name; our function takes it for its own.
pub const HOOK: &str = "ecs-steward";
/// The hook's heartbeat timeout, as long as what waits inside one invocation of Lambda can wait.
pub const HEARTBEAT_TIMEOUT: Duration = Duration::from_mins(15);
/// How long the job on the first instance of each group runs at least; up to a minute longer, by chance.
const JOB_RUNS: Duration = Duration::from_mins(40);
/// A minute in which the terminations begin at any time, so that ticks come as they happen to.
const WITHIN: Duration = Duration::from_mins(1);
/// When the group launches instances for those that went, where the others have no room.
const LAUNCHES_AFTER: Duration = Duration::from_mins(2);
/// Longer than any hook holds: 100 heartbeat timeouts.
const LONGEST: Duration = Duration::from_hours(26);
/// Of a thousand events, how many are lost in a rough world, and how many come twice.
const EVENTS_LOST_AND_REPEATED: (u32, u32) = (150, 150);
/// Of a thousand ticks, how many are lost in a rough world.
const TICKS_LOST: u32 = 50;

/// What is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// How many instances there are.
    pub instances: usize,
    /// How many of them Auto Scaling terminates, all at once.
    pub terminate: usize,
    /// How many tasks of services there are for each instance.
    pub tasks: usize,
    /// Determines the run.
    pub seed: u64,
    /// Whether events are lost, late and come twice, and calls fail and are throttled.
    pub rough: bool,
}

impl Default for Scenario {
    fn default() -> Self {
        Self { instances: 12, terminate: 4, tasks: 8, seed: 1, rough: false }
    }
}

/// A cluster with the group of its instances.
struct Part {
    /// The cluster's name.
    cluster: &'static str,
    /// The group's name.
    group: &'static str,
    /// Whether a daemon service runs on each instance.
    daemon: bool,
    /// How many instances it has.
    instances: usize,
    /// How many of them go.
    terminate: usize,
}

impl Scenario {
    /// The two clusters, and how many instances of each go; one where there are not enough for two.
    fn parts(&self) -> Vec<Part> {
        let (instances, terminate) = (self.instances / 2, self.terminate / 2);
        let part = |cluster, group, daemon, instances, terminate| Part {
            cluster,
            group,
            daemon,
            instances,
            terminate,
        };
        let mut parts = vec![
            part("harbor", "harbor-nodes", false, self.instances - instances, self.terminate - terminate),
            part("quay", "quay-nodes", true, instances, terminate),
        ];
        parts.retain(|part| part.instances > 0);
        parts
    }

    /// How an instance of a group can be filled: with as much again as it has.
    const fn capacity(&self) -> usize {
        self.tasks * 2 + 2
    }

    /// The world, in which the terminations begin within a minute.
    #[must_use]
    pub fn simulate(&self) -> Sim {
        let mut fleet = Fleet::seeded(self.seed);
        for part in self.parts() {
            let group = GroupPlan::named(part.group, part.instances)
                .in_cluster(part.cluster)
                .capacity(self.capacity())
                .tag(DEFAULT_CLUSTER_TAG, part.cluster)
                .hook(HookPlan::named(HOOK).heartbeat_timeout(HEARTBEAT_TIMEOUT));
            fleet = fleet.group(group);
            for service in services(part.cluster, part.instances * self.tasks) {
                fleet = fleet.service(service);
            }
            if part.daemon {
                fleet = fleet.service(ServicePlan::daemon("agent", part.cluster));
            }
        }
        if self.rough {
            let (lost_per_mille, repeated_per_mille) = EVENTS_LOST_AND_REPEATED;
            let delay_most = Duration::from_secs(20);
            fleet.road = Road { delay_most, lost_per_mille, repeated_per_mille, ..fleet.road };
        }
        let sim = fleet.simulate();
        self.begin(&mut sim.world());
        sim
    }

    /// What goes wrong begins, a job starts on the first instance of each group, and the terminations are near.
    fn begin(&self, world: &mut World) {
        let mut dice = Dice::new(self.seed);
        if self.rough {
            for (fault, per_mille) in
                [(Fault::FailsBefore(Failing::ServerError), 20), (Fault::FailsAfter(Failing::Reset), 10)]
            {
                world.api.faults.add(Rule::any(fault).per_mille(per_mille));
            }
            world.api.faults.add(Rule::of(Service::Ecs, Fault::Throttled).per_mille(30));
        }
        let begins_in = dice.span(Duration::ZERO, WITHIN);
        for part in self.parts() {
            let Some(group) = world.group_named(part.group) else { continue };
            let instances = world.instances_of(group);
            if let Some(first) = instances.first() {
                let runs_for = JOB_RUNS + dice.span(Duration::ZERO, WITHIN);
                world.run_standalone(*first, &StandalonePlan::of_family("nightly-report").runs_for(runs_for));
            }
            if part.terminate * 2 > part.instances {
                self.launch_later(world, group, &part);
            }
            world.after(begins_in, move |world| {
                for instance in instances.into_iter().take(part.terminate) {
                    world.terminate(instance);
                }
            });
        }
    }

    /// Drives until all is over; whether it came to that.
    pub fn run(&self, driver: &mut dyn Drive) -> bool {
        driver.run_for(WITHIN);
        driver.run_until_quiet(LONGEST)
    }

    /// The group launches as many as went, since what stays has not room for all their tasks.
    fn launch_later(&self, world: &mut World, group: GroupNo, part: &Part) {
        let (cluster, count, capacity) = (part.cluster, part.terminate, self.capacity());
        world.after(LAUNCHES_AFTER, move |world| {
            for _ in 0..count {
                world.launch(group, Some(cluster), capacity);
            }
        });
    }

    /// How our function is fed.
    #[must_use]
    pub fn feed(&self) -> Feed {
        Feed { ticks_lost_per_mille: if self.rough { TICKS_LOST } else { 0 }, ..Feed::default() }
    }
}

/// The services of a cluster that have so many tasks in all: half of them behind a load balancer, a quarter
/// slow to stop, a quarter quick.
fn services(cluster: &str, tasks: usize) -> [ServicePlan; 3] {
    let secs = Duration::from_secs;
    let slow = tasks / 4;
    let quick = tasks / 4;
    [
        ServicePlan::replica("web", cluster, tasks - slow - quick)
            .stops_in(secs(20))
            .deregistration_delay(secs(30)),
        ServicePlan::replica("worker", cluster, slow).stops_in(secs(90)).stop_timeout(secs(120)),
        ServicePlan::replica("api", cluster, quick).stops_in(secs(5)),
    ]
}
