//! Random accounts, in which calls fail and processes die: nothing is told twice without a fault, and nothing is taken
//! for well that was not read.

use std::collections::BTreeMap;
use std::time::Duration;

use fleet_sim::api::Service;
use fleet_sim::api::faults::{Failing, Fault, Rule};
use fleet_sim::dice::Dice;
use fleet_sim::ecs::ServicePlan;
use fleet_sim::{Fleet, GroupPlan, Sim};
use shared::handler::cluster_audit::AuditSettings;

use crate::world::{Told, audit, told};

/// Until then trouble begins, and calls fail.
const ROUGH: Duration = Duration::from_hours(2);

/// An account with trouble that begins within two hours; the fingerprints of what lasts.
fn account(seed: u64, dice: &mut Dice) -> (Sim, Vec<String>) {
    let mut fleet = Fleet::seeded(seed);
    let clusters = 1 + dice.place(8);
    for cluster in 0..clusters {
        let name = format!("harbor-{cluster}");
        let group = GroupPlan::named(&format!("group-{cluster}"), 1 + dice.place(4));
        fleet = fleet.group(group.in_cluster(&name).capacity(5));
        for service in 0..dice.place(30) {
            fleet = fleet.service(ServicePlan::replica(&format!("web-{service}"), &name, dice.place(2)));
        }
    }
    let sim = fleet.simulate();
    let mut lasting = Vec::new();
    let mut world = sim.world();
    for cluster in 0..clusters {
        let name = format!("harbor-{cluster}");
        if dice.happens(500) {
            let plan = ServicePlan::replica("stuck", &name, 0);
            let service = world.start_service(&plan);
            let from = dice.span(Duration::ZERO, ROUGH);
            // More than there is room for.
            world.after(from, move |world| world.set_desired(service, 50));
            lasting.push(format!("{name}/stuck/service-below-desired/-/-"));
        }
    }
    let instances: Vec<_> = world.all_instances().collect();
    for instance in instances {
        let cluster = world.group(world.instance(instance).membership.as_ref().expect("a member").group);
        let name = cluster.name.replace("group", "harbor");
        if dice.happens(150) {
            let from = dice.span(Duration::ZERO, ROUGH);
            world.after(from, move |world| world.disconnect_agent(instance, None));
            let id = &world.instance(instance).id;
            lasting.push(format!("{name}/-/agent-disconnected/{id}/-"));
        }
    }
    drop(world);
    (sim, lasting)
}

/// What goes wrong with calls, until [`ROUGH`] is over.
fn faults(sim: &Sim, dice: &mut Dice) {
    let mut world = sim.world();
    let (from, until) = (world.now(), world.now().plus(ROUGH));
    for fault in [
        Fault::Throttled,
        Fault::FailsBefore(Failing::ServerError),
        Fault::FailsAfter(Failing::Reset),
        Fault::Partial("MISSING"),
        Fault::DiesBefore,
        Fault::DiesAfter,
    ] {
        for service in [Service::Ecs, Service::AutoScaling, Service::Sns] {
            if dice.happens(300) {
                let often = [2, 10, 50][dice.place(3)];
                world.api.faults.add(Rule::of(service, fault).per_mille(often).during(from, until));
            }
        }
    }
    if dice.happens(300) {
        let from = from.plus(dice.span(Duration::ZERO, ROUGH));
        let until = from.plus(Duration::from_mins(30));
        world.api.faults.add(Rule::of(Service::Ecs, Fault::Throttled).during(from, until));
    }
}

/// How often each fingerprint was told, and the last notice about it.
fn by_fingerprint(all: &[Told]) -> BTreeMap<&str, (usize, &str)> {
    let mut told: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for one in all {
        let entry = told.entry(&one.fingerprint).or_insert((0, ""));
        entry.0 += usize::from(one.notice == "alert");
        entry.1 = &one.notice;
    }
    told
}

#[test]
fn no_account_and_no_fault_makes_it_forget_or_repeat() {
    for seed in 0..40 {
        let mut dice = Dice::new(seed ^ 0xA0D1);
        let (sim, lasting) = account(seed, &mut dice);
        let is_rough = dice.happens(700);
        if is_rough {
            faults(&sim, &mut dice);
        }
        // Storms of alerts are grouped; here each counts.
        let mut audit = audit(&sim, "[grouping]\nstorm-at = 0", AuditSettings::default());
        audit.minutes(5 * 60);
        let all = told(&sim);
        let told = by_fingerprint(&all);
        for fingerprint in &lasting {
            let (count, last) = told.get(fingerprint.as_str()).copied().unwrap_or_default();
            assert!(
                count > 0 && last != "recovery",
                "seed {seed}: {fingerprint} was told {count} times, {last}"
            );
            assert!(is_rough || count == 1, "seed {seed}: {fingerprint} was told {count} times");
        }
        for (fingerprint, (_, last)) in &told {
            let is_known = lasting.iter().any(|one| one == fingerprint)
                || (is_rough && fingerprint.contains("not-audited") && *last == "recovery")
                // Tasks wait on an instance whose agent is gone, and what it ran is missing elsewhere.
                || fingerprint.contains("/task-stuck/")
                || fingerprint.contains("/service-below-desired/");
            assert!(is_known, "seed {seed}: {fingerprint}, {last}");
        }
    }
}
