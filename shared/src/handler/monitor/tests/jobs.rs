//! How runs of jobs end, as the alert table and the metrics get it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{Fault, World};
use crate::alert::incident::Document;
use crate::alert::incident::document::job_key;
use crate::alert::incident::job::JobRecord;
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::ports::AlertTable;

const MINUTE: i64 = 60_000;

fn world(faults: Vec<Fault>) -> World {
    let mut world = World::with_faults(faults);
    let text = "[[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nsucceeds-every = \"26h\"\n\
        [[rule]]\nfamily = \"nightly\"\nexpected-exit-codes = [3]\n";
    world.policy = Policy::parse(text).unwrap();
    world
}

/// A run of a family that ran for five minutes.
fn run(family: &str, task: usize, minute: i64, exit_code: Option<i64>) -> Value {
    let at = |minute: i64| Timestamp::from_millis(minute * MINUTE).to_string();
    json!({"id": format!("{family}-{task}"), "detail-type": "ECS Task State Change", "detail": {
        "lastStatus": "STOPPED", "version": 5, "group": format!("family:{family}"), "launchType": "FARGATE",
        "taskArn": format!("arn:aws:ecs:eu-west-1:111122223333:task/harbor/{family}{task}"),
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor",
        "taskDefinitionArn": format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/{family}:7"),
        "startedAt": at(minute - 5), "stoppedAt": at(minute), "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "exitCode": exit_code}]}})
}

fn record(world: &World, family: &str) -> Option<JobRecord> {
    let table = &world.table;
    let read = super::run(async {
        (&table).read(&[job_key("harbor", family)], std::time::Duration::from_secs(1)).await
    });
    let document = read.unwrap().pop().flatten()?.document;
    let Document::Job(record) = document else { panic!("{document:?}") };
    Some(*record)
}

#[test]
fn the_last_success_and_the_last_end_are_remembered() {
    let world = world(Vec::new());
    for (task, (minute, code)) in
        [(10, Some(0)), (30, Some(1)), (20, Some(3)), (40, None)].into_iter().enumerate()
    {
        world.send(minute * MINUTE, &run("nightly", task, minute, code));
    }
    world.send(50 * MINUTE, &run("other", 0, 50, Some(0)));
    world.run(120 * MINUTE);
    let record_of = record(&world, "nightly").expect("it is watched");
    assert_eq!(
        record_of.succeeded,
        Some(Timestamp::from_millis(20 * MINUTE)),
        "3 is expected, 1 and none are not"
    );
    let end = record_of.ended.unwrap();
    assert_eq!((end.succeeded, end.exit_code, end.ran_millis), (false, None, Some(5 * MINUTE)));
    assert_eq!(record(&world, "other"), None, "the policy says nothing of it");
    let jobs = world.tally.lock().unwrap().jobs.clone();
    let counted: Vec<_> = jobs.iter().map(|run| (run.succeeded, run.seconds, run.exit_code)).collect();
    let five = Some(300);
    assert_eq!(
        counted,
        [(true, five, Some(0)), (true, five, Some(3)), (false, five, Some(1)), (false, five, None)]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever fails, a success is remembered: a job that ran is never taken for missing.
    #[test]
    fn a_success_is_remembered_whatever_fails(
        faults in prop::collection::vec(
            prop_oneof![
                4 => Just(Fault::None),
                1 => Just(Fault::Before),
                1 => Just(Fault::After),
                1 => Just(Fault::DiesBefore),
                1 => Just(Fault::DiesAfter),
                1 => Just(Fault::Meanwhile),
            ],
            0..40,
        ),
    ) {
        let world = world(faults);
        world.send(10 * MINUTE, &run("nightly", 0, 10, Some(0)));
        world.run(24 * 60 * MINUTE);
        let succeeded = record(&world, "nightly").and_then(|record| record.succeeded);
        prop_assert_eq!(succeeded, Some(Timestamp::from_millis(10 * MINUTE)));
        prop_assert!(world.got().is_empty());
    }
}
