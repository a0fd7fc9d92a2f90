//! How hooks hold an instance, and let go.

use std::time::Duration;

use shared::drain::auto_scaling::ActionResult::{Abandon, Continue};
use shared::drain::auto_scaling::{ActionResult, LifecycleState};
use shared::ports::auto_scaling::{Action, ActionOutcome, GroupFilter};

use super::HookPlan;
use crate::ec2::{Cause, InstanceNo, Power};
use crate::ecs::StandalonePlan;
use crate::fleet::{Fleet, GroupPlan};
use crate::world::World;
use crate::world::ledger::Deed;

const FIRST: InstanceNo = InstanceNo(0);

fn mins(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

fn group() -> GroupPlan {
    GroupPlan::named("g", 2).in_cluster("c")
}

fn hook(name: &str, result: ActionResult) -> HookPlan {
    HookPlan::named(name).heartbeat_timeout(mins(5)).default_result(result)
}

fn world(plan: GroupPlan) -> World {
    let mut world = Fleet::seeded(3).group(plan).build();
    assert!(world.terminate(FIRST));
    world
}

fn state(world: &World) -> Option<String> {
    world.group_instance_view(FIRST).map(|seen| seen.state.word().to_owned())
}

fn complete(world: &mut World, hook: &str, result: ActionResult) -> ActionOutcome {
    let instance_id = world.instance(FIRST).id.clone();
    world.call_complete(Action { group: "g", hook, instance_id: &instance_id }, result).unwrap()
}

fn heartbeat(world: &mut World, hook: &str) -> ActionOutcome {
    let instance_id = world.instance(FIRST).id.clone();
    world.call_heartbeat(Action { group: "g", hook, instance_id: &instance_id }).unwrap()
}

#[test]
fn an_expired_hook_has_its_default_result() {
    for (default, retains, kept) in
        [(Continue, false, false), (Continue, true, false), (Abandon, false, false), (Abandon, true, true)]
    {
        let plan = group().hook(hook("a", default));
        let mut world = world(if retains { plan.retaining() } else { plan });
        world.advance_by(mins(5).saturating_sub(Duration::from_millis(1)));
        assert_eq!(state(&world).as_deref(), Some("Terminating:Wait"));
        world.advance_by(Duration::from_millis(1));
        assert!(
            world
                .deeds()
                .iter()
                .any(|entry| entry.deed == Deed::HookExpired(FIRST, super::HookNo(0), default))
        );
        let next = if kept { "Terminating:Retained" } else { "Terminating:Proceed" };
        assert_eq!(state(&world).as_deref(), Some(next));
        world.advance_by(mins(60));
        assert_eq!(world.instance(FIRST).power == Power::Running, kept);
        assert_eq!(state(&world).is_some(), kept, "an instance that ended is in no group");
        assert_eq!(complete(&mut world, "a", Continue), ActionOutcome::NoActiveAction);
        assert_eq!(heartbeat(&mut world, "a"), ActionOutcome::NoActiveAction);
    }
}

#[test]
fn heartbeats_hold_up_to_the_global_timeout() {
    for (plan, minutes) in [
        (hook("a", Abandon).global_timeout(mins(30)), 30),
        (hook("a", Abandon), 500),
        (hook("a", Abandon).heartbeat_timeout(mins(60)), 48 * 60),
    ] {
        let mut world = world(group().hook(plan));
        let mut lasted = 0;
        while heartbeat(&mut world, "a") == ActionOutcome::Accepted {
            world.advance_by(mins(1));
            lasted += 1;
        }
        assert_eq!(lasted, minutes);
    }
}

#[test]
fn every_hook_has_to_let_go_unless_one_is_abandoned() {
    for (first, second, retains, wanted) in [
        (Continue, Some(Continue), false, "Terminating:Proceed"),
        (Continue, None, false, "Terminating:Wait"),
        (Abandon, None, false, "Terminating:Proceed"),
        (Abandon, None, true, "Terminating:Retained"),
        (Continue, Some(Abandon), true, "Terminating:Retained"),
    ] {
        let plan = group().hook(hook("a", Abandon)).hook(hook("b", Abandon));
        let mut world = world(if retains { plan.retaining() } else { plan });
        assert_eq!(complete(&mut world, "a", first), ActionOutcome::Accepted);
        assert_eq!(complete(&mut world, "a", first), ActionOutcome::NoActiveAction);
        if let Some(second) = second {
            assert_eq!(complete(&mut world, "b", second), ActionOutcome::Accepted);
        }
        assert_eq!(state(&world).as_deref(), Some(wanted));
        if first == Abandon {
            assert_eq!(complete(&mut world, "b", Continue), ActionOutcome::NoActiveAction, "it was skipped");
        }
    }
}

#[test]
fn each_hook_tells_of_itself() {
    let plan = group().hook(hook("a", Abandon).metadata("{\"x\": 1}")).hook(hook("b", Abandon));
    let mut world = world(plan);
    world.advance_by(Duration::from_secs(2));
    let events = world.due_deliveries();
    assert_eq!(events.len(), 2);
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let details: Vec<_> = events.iter().map(|delivery| read(&delivery.event)["detail"].clone()).collect();
    let of = |name: &str| details.iter().find(|detail| detail["LifecycleHookName"] == name).unwrap();
    assert_eq!(of("a")["NotificationMetadata"], "{\"x\": 1}");
    assert_eq!(of("b").get("NotificationMetadata"), None);
    assert_eq!(of("b")["Destination"], "EC2");
    assert_eq!(of("b")["EC2InstanceId"], world.instance(FIRST).id.as_str());
    assert_ne!(of("a")["LifecycleActionToken"], of("b")["LifecycleActionToken"]);
    assert_eq!(read(&events[0].event)["detail-type"], "EC2 Instance-terminate Lifecycle Action");
}

#[test]
fn the_warm_pool_keeps_the_instance_and_kills_its_tasks() {
    let mut world = Fleet::seeded(3).group(group().hook(hook("a", Abandon))).build();
    world.run_standalone(FIRST, &StandalonePlan::of_family("job")).unwrap();
    assert!(world.terminate_to_warm_pool(FIRST) && !world.terminate(FIRST), "it is under way");
    complete(&mut world, "a", Continue);
    world.advance_by(mins(1));
    assert_eq!(world.instance(FIRST).power, Power::Stopped);
    assert_eq!(state(&world).as_deref(), Some("Warmed:Stopped"));
    assert!(world.live_tasks(FIRST).is_empty());
    assert!(world.deeds().iter().any(|entry| matches!(entry.deed, Deed::TaskKilled { .. })));
    assert_eq!(world.container_view(FIRST).unwrap().status.word(), "ACTIVE", "it is not deregistered");
}

#[test]
fn no_hook_stops_a_spot_reclaim() {
    let mut world = Fleet::seeded(3).group(group().hook(hook("a", Abandon))).build();
    world.spot_interrupt(FIRST);
    world.terminate(FIRST);
    world.advance_by(mins(2));
    assert!(world.deeds().iter().any(|entry| entry.deed == Deed::Terminated(FIRST, Cause::Spot)));
    assert_eq!(complete(&mut world, "a", Continue), ActionOutcome::NoActiveAction);
    let kinds: Vec<_> = world.due_deliveries().iter().map(|one| one.kind.detail_type()).collect();
    assert!(kinds.contains(&"EC2 Spot Instance Interruption Warning"), "{kinds:?}");
}

#[test]
fn groups_are_found_by_tag_and_name_in_pages() {
    let mut fleet = Fleet::seeded(3);
    for number in 0..230 {
        let plan = GroupPlan::named(&format!("g{number}"), usize::from(number == 7));
        fleet = fleet.group(if number % 2 == 0 { plan.tag("drain", "yes") } else { plan });
    }
    let world = fleet.build();
    let first = world.describe_groups(GroupFilter::TagKey("drain"), None, 100).unwrap();
    let second = world.describe_groups(GroupFilter::TagKey("drain"), first.next.as_deref(), 100).unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next), (100, 15, None));
    let names = ["g7".to_owned(), "nobody".to_owned()];
    let found = world.describe_groups(GroupFilter::Names(&names), None, 100).unwrap();
    let seen = world.group_view(found.items[0]);
    assert_eq!((seen.name.as_str(), seen.instances.len(), seen.tags.len()), ("g7", 1, 0));
    assert_eq!(seen.instances[0].state, LifecycleState::Other("InService".into()));
    let ids = vec![seen.instances[0].instance_id.clone(); 51];
    assert!(world.describe_group_instances(&ids).is_err() && world.describe_group_instances(&[]).is_err());
    assert_eq!(world.describe_group_instances(&ids[..1]).unwrap(), [FIRST]);
    assert!(world.describe_group_instances(&["i-0123".into()]).unwrap().is_empty());
}
