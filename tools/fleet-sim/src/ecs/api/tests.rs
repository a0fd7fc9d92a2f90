//! Limits, pages and refusals of ECS's operations.

use shared::drain::container_instance::Status;
use shared::drain::task::DesiredStatus;
use shared::ports::ApiError;

use super::TaskQuery;
use crate::ecs::{ServicePlan, StandalonePlan};
use crate::fleet::{Fleet, GroupPlan};
use crate::world::World;

fn world(instances: usize) -> World {
    Fleet::seeded(2)
        .group(GroupPlan::named("g", instances).in_cluster("c").capacity(300))
        .service(ServicePlan::replica("web", "c", 1))
        .build()
}

fn arns(world: &World) -> Vec<String> {
    world.all_instances().filter_map(|instance| Some(world.container_view(instance)?.arn)).collect()
}

fn code<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
    match result.unwrap_err() {
        ApiError::Refused { code, .. } => code,
        other @ (ApiError::Throttled(_) | ApiError::Unavailable(_)) => other.to_string(),
    }
}

#[test]
fn pages_have_a_hundred_elements() {
    let mut world = world(250);
    for _ in 0..205 {
        world.run_standalone(crate::ec2::InstanceNo(3), &StandalonePlan::of_family("job"));
    }
    let container = arns(&world)[3].clone();
    let (mut token, mut pages, mut all) = (None, vec![], vec![]);
    loop {
        let page = world
            .list_tasks("c", &TaskQuery::on(&container, DesiredStatus::Running), token.as_deref(), 100)
            .unwrap();
        pages.push(page.items.len());
        all.extend(page.items);
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(pages, [100, 100, 5]);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 205);
    let first = world.list_container_instances("c", None, None, None, 100).unwrap();
    let second = world.list_container_instances("c", None, None, first.next.as_deref(), 100).unwrap();
    let third = world.list_container_instances("c", None, None, second.next.as_deref(), 100).unwrap();
    assert_eq!((first.items.len(), second.items.len(), third.items.len()), (100, 100, 50));
    assert_eq!(third.next, None);
    assert_eq!(code(world.list_clusters(Some("x"), 100)), "InvalidParameterException");
}

#[test]
fn what_is_too_much_or_unknown_is_refused() {
    let mut world = world(101);
    let all = arns(&world);
    let tasks = vec!["arn:aws:ecs:eu-central-1:111122223333:task/c/0".to_owned(); 101];
    let names = vec!["web".to_owned(); 11];
    let draining = &Status::Draining;
    let long = "x".repeat(1025);
    let put = vec![(all[0].as_str(), "a", "b"); 11];
    for (refusal, wanted) in [
        (code(world.describe_container_instances("c", &all, None)), "InvalidParameterException"),
        (code(world.describe_container_instances("c", &[], None)), "InvalidParameterException"),
        (
            code(world.update_container_instances("c", &all[..11], draining, None)),
            "InvalidParameterException",
        ),
        (code(world.describe_tasks("c", &tasks, None)), "InvalidParameterException"),
        (code(world.task_protection("c", &tasks, None)), "InvalidParameterException"),
        (code(world.describe_services("c", &names, None)), "InvalidParameterException"),
        (code(world.put_attributes("c", &put)), "InvalidParameterException"),
        (code(world.put_attributes("c", &[(&all[0], "a b", "c")])), "InvalidParameterException"),
        (code(world.put_attributes("c", &[("arn:x", "a", "c")])), "TargetNotFoundException"),
        (code(world.call_stop_task("c", "arn:x", "why")), "InvalidParameterException"),
        (code(world.call_stop_task("c", "arn:x", &long)), "InvalidParameterException"),
        (code(world.describe_tasks("none", &tasks[..1], None)), "ClusterNotFoundException"),
        (code(world.list_container_instances("none", None, None, None, 9)), "ClusterNotFoundException"),
        (
            code(world.list_tasks("c", &TaskQuery::on("x", DesiredStatus::Running), None, 9)),
            "InvalidParameterException",
        ),
    ] {
        assert_eq!(refusal, wanted);
    }
}

#[test]
fn what_is_missing_fails_beside_what_is_found() {
    let mut world = world(2);
    let known = arns(&world)[0].clone();
    let asked = [known.clone(), known.replace('0', "1")];
    let reply = world.describe_container_instances("c", &asked, None).unwrap();
    assert_eq!((reply.found.len(), reply.failures[0].reason.as_str()), (1, "MISSING"));
    let reply = world.update_container_instances("c", &asked, &Status::Draining, None).unwrap();
    assert_eq!((reply.found.len(), reply.failures.len()), (1, 1));
    assert_eq!(reply.failures[0].arn, asked[1]);
    let reply = world.describe_services("c", &["web".into(), "none".into()], None).unwrap();
    assert_eq!((reply.found.len(), reply.failures[0].reason.as_str()), (1, "MISSING"));
    let job = world.run_standalone(crate::ec2::InstanceNo(0), &StandalonePlan::of_family("job")).unwrap();
    let of_none = world.task(job).arn.clone();
    let reply = world.task_protection("c", &[of_none], None).unwrap();
    assert_eq!(reply.failures[0].reason, "TASK_NOT_VALID");
}

#[test]
fn attributes_stay_and_are_ten_at_most() {
    let mut world = world(1);
    let arn = arns(&world)[0].clone();
    let names: Vec<String> = (0..12).map(|number| format!("n{number}")).collect();
    let put: Vec<_> = names[..10].iter().map(|name| (arn.as_str(), name.as_str(), "v")).collect();
    world.put_attributes("c", &put).unwrap();
    world.put_attributes("c", &[(&arn, "n3", "w")]).unwrap();
    assert_eq!(code(world.put_attributes("c", &[(&arn, "n11", "v")])), "AttributeLimitExceededException");
    let seen = world.container_view(crate::ec2::InstanceNo(0)).unwrap();
    assert_eq!((seen.attribute("n3"), seen.attribute("n4")), (Some("w"), Some("v")));
}
