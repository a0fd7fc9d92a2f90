//! Two hundred clusters and five thousand services.

use std::collections::BTreeMap;
use std::time::Duration;

use fleet_sim::api::{Allowance, Op, Outcome};
use fleet_sim::ecs::ServicePlan;
use fleet_sim::report::over_budget;
use fleet_sim::{Fleet, GroupPlan, Sim};
use shared::handler::cluster_audit::AuditSettings;

use crate::world::{audit, told};

const CLUSTERS: usize = 200;
const SERVICES: usize = 25;

fn account(seed: u64) -> Sim {
    let mut fleet = Fleet::seeded(seed);
    for cluster in 0..CLUSTERS {
        let name = format!("harbor-{cluster}");
        fleet = fleet.group(GroupPlan::named(&format!("group-{cluster}"), 2).in_cluster(&name).capacity(20));
        for service in 0..SERVICES {
            fleet = fleet.service(ServicePlan::replica(&format!("web-{service}"), &name, 1));
        }
    }
    fleet.simulate()
}

/// The share of an allowance that calls took, in percent: of its burst and of its rate alike.
fn share(sim: &Sim, allowance: Allowance) -> u64 {
    let (burst, rate) = allowance.burst_and_rate();
    let world = sim.world();
    let times: Vec<_> =
        world.calls().iter().filter(|call| call.op.allowance() == allowance).map(|call| call.at).collect();
    // In hundredths of a call, so that every percent counts.
    (1..=100)
        .find(|percent| {
            let (burst, rate) = (u64::from(burst) * percent / 100, u64::from(rate) * percent);
            let scaled = times.iter().map(|at| shared::event::Timestamp::from_millis(at.as_millis() / 100));
            drop(scaled);
            over_budget_of_percent(&times, burst, rate) == 0
        })
        .unwrap_or(101)
}

/// As [`over_budget`], with a rate in hundredths of a call a second.
fn over_budget_of_percent(times: &[shared::event::Timestamp], burst: u64, rate: u64) -> u64 {
    let slower = times.iter().map(|at| shared::event::Timestamp::from_millis(at.as_millis()));
    let (mut level, mut highest, mut last) = (0_u64, 0_u64, None::<shared::event::Timestamp>);
    for at in slower {
        let passed = last.map_or(0, |last| u64::try_from(at.millis_since(last)).unwrap_or(0));
        level = level.saturating_sub(passed * rate) + 100_000;
        highest = highest.max(level);
        last = Some(at);
    }
    highest.div_ceil(100_000).saturating_sub(burst)
}

#[test]
fn two_hundred_clusters_and_five_thousand_services_in_one_tick() {
    for seed in 1..=3 {
        let sim = account(seed);
        let mut audit = audit(&sim, "", AuditSettings::default());
        audit.minutes(1);
        let began = sim.world().now();
        // The first look of a new process, and one that remembers the lists.
        for (what, lists) in [("first", CLUSTERS), ("second", 0)] {
            let before = sim.world().calls().len();
            audit.minutes(1);
            let world = sim.world();
            let calls = &world.calls()[before..];
            let mut by_op: BTreeMap<Op, usize> = BTreeMap::new();
            for call in calls {
                assert_ne!(call.outcome, Outcome::Throttled, "{call:?}");
                *by_op.entry(call.op).or_default() += 1;
            }
            let spent = calls.last().map_or(0, |last| last.at.millis_since(calls[0].at));
            println!("seed {seed}, {what} look: {} calls in {spent} ms of virtual time: {by_op:?}", calls.len());
            let _ = lists;
        }
        let _ = began;
        for allowance in [Allowance::ServiceRead, Allowance::ClusterResourceRead, Allowance::ClusterRead, Allowance::AutoScaling] {
            println!("{allowance:?}: {} %", share(&sim, allowance));
        }
        assert_eq!(told(&sim), []);
        let _ = (Duration::ZERO, over_budget([], 0, 0));
    }
    panic!("numbers");
}
