//! The marks on container instances that processes hand each other.

use fleet_sim::algorithms::ours;
use fleet_sim::api::faults::{Fault, Rule};
use fleet_sim::world::ledger::Deed;
use fleet_sim::{Fleet, Sim};
use shared::drain::container_instance::Attribute;
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;
use shared::ports::Ecs;

use super::{
    container_arn, count, drive, group, instance, job, mins, minutes, now, restless, subjects,
    subjects_saying, terminate,
};

/// As many as a container instance can have.
const OTHERS: [&str; 10] =
    ["team.0", "team.1", "team.2", "team.3", "team.4", "team.5", "team.6", "team.7", "team.8", "team.9"];

/// Two instances that are terminated with a task each; the first has no room for another attribute.
fn first_is_full() -> Sim {
    let sim = Fleet::seeded(1).group(restless(2)).simulate();
    job(&sim, 0, None);
    job(&sim, 1, None);
    for name in OTHERS {
        let attribute =
            Attribute { container_instance: container_arn(&sim, 0), name, value: "harbor".into() };
        now(sim.put_attributes("harbor", &[attribute])).expect("room for ten");
    }
    terminate(&sim, 0);
    terminate(&sim, 1);
    sim
}

/// The mark of when the drain of an instance began.
fn mark(sim: &Sim, number: usize) -> Option<String> {
    let instance = instance(sim, number);
    let view = sim.world().container_view(instance).expect("a container instance");
    view.attribute("ecs-steward.drain-started").map(str::to_owned)
}

#[test]
fn an_instance_full_of_attributes_takes_no_neighbours_marks() {
    let sim = first_is_full();
    drive(&sim, "").run_for(mins(10));
    assert_eq!(mark(&sim, 0), None, "it has no room");
    assert!(mark(&sim, 1).is_some());
}

#[test]
fn an_instance_full_of_attributes_is_told() {
    let sim = first_is_full();
    drive(&sim, "").run_for(mins(10));
    assert!(!subjects_saying(&sim, "PutAttributes").is_empty(), "{:?}", subjects(&sim));
}

#[test]
fn beside_an_instance_full_of_attributes_a_hook_lives_through_new_processes() {
    let sim = first_is_full();
    let mut driver = drive(&sim, "[[drain]]\ndeadline = \"1h\"\nat-deadline = \"continue\"");
    for _ in 0..12 {
        driver.run_for(mins(45));
        // The process dies; a new one knows only what is marked.
        sim.world().api.faults.add(Rule::any(Fault::DiesBefore).nth(1));
    }
    let second = instance(&sim, 1);
    let expired = count(&sim, |deed| matches!(deed, Deed::HookExpired(instance, ..) if *instance == second));
    assert_eq!(expired, 0);
    let report = driver.report();
    let drain = report.drains.iter().find(|drain| drain.instance == second).expect("its drain");
    let took = minutes(drain).expect("a completion");
    assert!((59..=61).contains(&took), "completed after {took} min, the deadline is 60");
}

#[test]
fn a_second_process_takes_no_mark_back() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    let process = || ours::function(&sim, &Policy::default(), &Settings::default());
    let (one, other) = (process(), process());
    let tick = br#"{"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}"#;
    let mut marks = Vec::new();
    for minute in 0..30 {
        sim.world().advance_by(mins(1));
        let process = if minute == 0 || minute == 20 { &other } else { &one };
        now(ours::invoke(process, tick, mins(1)));
        marks.extend(mark(&sim, 0));
    }
    let order = ["begun", "started", "stuck-25", "stuck-50", "stuck-75", "deadline", "released"];
    let stages = marks.iter().map(|mark| {
        let stage = mark.rsplit(' ').next().expect("a stage");
        order.iter().position(|known| *known == stage).expect("a stage we know")
    });
    assert!(!marks.is_empty() && stages.is_sorted(), "{marks:?}");
}
