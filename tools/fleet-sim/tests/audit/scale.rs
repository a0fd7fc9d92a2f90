//! Two hundred clusters and five thousand services.

use std::collections::BTreeMap;

use fleet_sim::api::{Allowance, Op, Outcome};
use fleet_sim::ecs::ServicePlan;
use fleet_sim::{Fleet, GroupPlan, Sim};
use shared::event::Timestamp;
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

/// The share of an allowance that calls took, of its burst and of its rate alike, in percent.
fn share(sim: &Sim, allowance: Allowance) -> u64 {
    let world = sim.world();
    let times: Vec<Timestamp> =
        world.calls().iter().filter(|call| call.op.allowance() == allowance).map(|call| call.at).collect();
    (1..=100).find(|percent| keeps_to(&times, allowance, *percent)).expect("within the allowance")
}

/// Whether calls keep to so many percent of an allowance: a bucket of that share is never empty.
fn keeps_to(times: &[Timestamp], allowance: Allowance, percent: u64) -> bool {
    // A call costs a hundred thousand, so that a percent of a call a second refills a whole number in a millisecond.
    let (burst, rate) = allowance.burst_and_rate();
    let most = u64::from(burst) * percent * 1000;
    let (mut left, mut last) = (most, times[0]);
    times.iter().all(|at| {
        let passed = u64::try_from(at.millis_since(last)).expect("in order");
        (left, last) = ((left + passed * u64::from(rate) * percent).min(most), *at);
        let enough = left >= 100_000;
        left = left.saturating_sub(100_000);
        enough
    })
}

#[test]
#[expect(clippy::print_stdout, reason = "the numbers of the README, for who asks with --nocapture")]
fn two_hundred_clusters_and_five_thousand_services_in_one_tick() {
    for seed in 1..=5 {
        let sim = account(seed);
        let mut audit = audit(&sim, "", AuditSettings::default());
        // The first look of a new process lists all services, the next ones believe the lists.
        for lists in [CLUSTERS, 0] {
            let before = sim.world().calls().len();
            audit.minutes(1);
            let world = sim.world();
            let calls = &world.calls()[before..];
            let mut by_op: BTreeMap<Op, usize> = BTreeMap::new();
            for call in calls {
                assert_ne!(call.outcome, Outcome::Throttled, "{call:?}");
                *by_op.entry(call.op).or_default() += 1;
            }
            let spent = calls.last().expect("calls").at.millis_since(calls[0].at);
            println!("seed {seed}: {} calls in {spent} ms of virtual time: {by_op:?}", calls.len());
            assert_eq!(by_op[&Op::DescribeServices], CLUSTERS * 3, "every service is read");
            assert_eq!(by_op.get(&Op::ListServices).copied().unwrap_or_default(), lists);
            assert_eq!(by_op[&Op::DescribeContainerInstances], CLUSTERS, "and every instance");
            assert!(spent < 60_000, "before the next tick");
            assert_eq!(world.told.tallies.last().expect("counts").1.not_audited, 0);
        }
        for (allowance, most) in [
            (Allowance::ServiceRead, 95),
            (Allowance::ClusterResourceRead, 72),
            (Allowance::ClusterRead, 95),
            (Allowance::AutoScaling, 25),
        ] {
            let share = share(&sim, allowance);
            println!("seed {seed}: {share} % of {allowance:?}");
            assert!(share <= most, "{allowance:?}");
        }
        assert_eq!(told(&sim), []);
    }
}

#[test]
fn with_a_smaller_share_all_is_read_within_some_ticks_and_nothing_is_told() {
    let sim = account(7);
    let settings = AuditSettings { read_percent: 75, ..AuditSettings::default() };
    let mut audit = audit(&sim, "", settings);
    audit.minutes(30);
    assert_eq!(told(&sim), [], "the longest unread come first, so none stays unread for long");
    assert!(sim.world().calls().iter().all(|call| call.outcome == Outcome::Answered));
    assert!(share(&sim, Allowance::ServiceRead) <= 75);
}
