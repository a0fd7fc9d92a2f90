//! A thousand instances with ten tasks each, through the public API alone.

use std::time::Duration;

use fleet_sim::drive::{Answer, Driver, Feed};
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::{Fleet, GroupPlan, HookPlan};
use shared::drain::auto_scaling::ActionResult;
use shared::drain::container_instance::ContainerInstance;
use shared::ports::auto_scaling::{Action, GroupFilter};
use shared::ports::{ApiError, AutoScaling, Ecs};

/// Drains what a hook holds, and lets go of what has no tasks by ECS's own count: many do just that.
async fn by_count<P: Ecs + AutoScaling>(ports: &P) -> Result<(), ApiError> {
    let group = ports.describe_groups(GroupFilter::All, None).await?.items.remove(0);
    let held = group.instances.iter().filter(|one| one.state.word() == "Terminating:Wait");
    let held: Vec<String> = held.map(|one| one.instance_id.clone()).collect();
    for ids in held.chunks(100) {
        let arns = ports.list_container_instances("c", ids, None).await?.items;
        let seen = ports.describe_container_instances("c", &arns).await?.found;
        let active: Vec<_> = seen.iter().filter(|one| one.status.word() == "ACTIVE").collect();
        for some in active.chunks(10) {
            let arns: Vec<_> = some.iter().map(|one| one.arn.clone()).collect();
            ports.drain_container_instances("c", &arns).await?;
        }
        let empty = |one: &&ContainerInstance| one.status.word() == "DRAINING" && one.tasks_count() == 0;
        for one in seen.iter().filter(empty) {
            let instance_id = one.ec2_instance_id.as_deref().unwrap_or_default();
            let action = Action { group: &group.name, hook: "h", instance_id };
            ports.complete(action, ActionResult::Continue).await?;
        }
    }
    Ok(())
}

#[test]
fn a_thousand_instances_are_drained_and_a_naive_handler_kills_tasks() {
    let slow = Duration::from_mins(2);
    let hook = HookPlan::named("h").heartbeat_timeout(Duration::from_hours(1));
    let group = GroupPlan::named("g", 1000).in_cluster("c").capacity(20).hook(hook);
    let sim = Fleet::seeded(1)
        .group(group)
        .service(ServicePlan::replica("web", "c", 9000).stops_in(slow).stop_timeout(slow))
        .simulate();
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().collect();
        for instance in &instances[200..700] {
            world.run_standalone(
                *instance,
                &StandalonePlan::of_family("job").runs_for(Duration::from_mins(5)),
            );
        }
        assert_eq!(world.all_tasks().count(), 9_500);
        for instance in instances.into_iter().take(300) {
            world.terminate(instance);
        }
    }
    let mut driver = Driver::new(&sim, Feed { events: false, ..Feed::default() }, |sim| {
        async move |_: Vec<u8>| by_count(&sim).await.map_or(Answer::Failed, |()| Answer::Done)
    });
    assert!(driver.run_until_quiet(Duration::from_hours(2)));
    let report = driver.report();
    assert_eq!((report.drains.len(), report.continued), (300, 300));
    assert!(report.killed > 0 && report.killed_unasked == 0, "{report:?}");
}
