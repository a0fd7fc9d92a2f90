//! `cluster-audit` in simulated accounts, case by case.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod world;

use std::time::Duration;

use fleet_sim::ecs::ServicePlan;
use fleet_sim::{Fleet, GroupPlan, Sim};
use world::{audit, in_short, told};

fn fleet(instances: usize) -> Fleet {
    Fleet::seeded(1).group(GroupPlan::named("web-group", instances).in_cluster("harbor").capacity(4))
}

#[test]
fn a_service_below_desired_is_told_after_its_grace_and_once() {
    let sim = fleet(1).service(ServicePlan::replica("web", "harbor", 2)).simulate();
    let mut audit = audit(&sim, "", shared::handler::cluster_audit::AuditSettings::default());
    audit.minutes(5);
    assert_eq!(told(&sim), []);
    let service = sim.world().service_called("web").expect("it");
    sim.world().set_desired(service, 20);
    audit.minutes(60);
    println!("{:#?}", told(&sim));
    panic!("{:?}", in_short(&sim));
}
