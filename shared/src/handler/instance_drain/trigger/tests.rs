//! What each event asks for.

use serde_json::{Value, json};

use super::{Reason, Trigger};
use crate::drain::settings::Settings;
use crate::event::Timestamp;
use crate::handler::instance_drain::Purpose;
use crate::intake;

fn asked(event: &Value) -> Trigger {
    let record = intake::read(event.to_string().as_bytes()).records.remove(0);
    let settings = Settings::default();
    Trigger::of(&record.content.expect("an event"), |hook| settings.is_ours(hook))
}

fn lifecycle(detail: &Value) -> Value {
    let mut whole = json!({"LifecycleHookName": "ecs-steward", "EC2InstanceId": "i-0a1b2c3d4e5f60718",
        "AutoScalingGroupName": "web-group", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"});
    for (key, value) in detail.as_object().expect("an object") {
        whole[key] = value.clone();
    }
    json!({"detail-type": "EC2 Instance-terminate Lifecycle Action", "source": "aws.autoscaling",
        "time": "2026-11-23T07:05:00Z", "detail": whole})
}

#[test]
fn a_termination_on_our_hook_is_looked_at() {
    for (event, to_warm_pool) in [
        (lifecycle(&json!({})), false),
        (lifecycle(&json!({"Destination": "WarmPool", "Origin": "AutoScalingGroup"})), true),
        // Some forwarders drop the hook's name: what is seen of the group decides.
        (lifecycle(&json!({"LifecycleHookName": null, "LifecycleActionToken": 7})), false),
    ] {
        let Trigger::Look(id, wish) = asked(&event) else { panic!("{event}") };
        assert_eq!((id.as_str(), wish.purpose), ("i-0a1b2c3d4e5f60718", Purpose::Termination));
        assert_eq!(wish.waiting_since, Timestamp::parse("2026-11-23T07:05:00Z"));
        assert_eq!(wish.to_warm_pool, to_warm_pool);
    }
    let raw = json!({"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "Service": "AWS Auto Scaling",
        "EC2InstanceId": "i-0a1b2c3d4e5f60718", "LifecycleHookName": "ecs-steward", "Time": "2026-11-23T07:05:00.5Z"});
    assert!(matches!(asked(&raw), Trigger::Look(..)), "a notification without EventBridge");
}

#[test]
fn what_is_not_ours_to_drain_is_left_with_its_reason() {
    let other_hook = |name: &str| lifecycle(&json!({"LifecycleHookName": name}));
    for (event, reason) in [
        (other_hook("ecs-managed-draining-termination-hook"), "other-tools-hook"),
        (other_hook("node-drain"), "other-tools-hook"),
        (
            lifecycle(&json!({"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"})),
            "launch-transition",
        ),
        (
            lifecycle(&json!({"LifecycleTransition": "autoscaling:EC2_INSTANCE_NAPPING"})),
            "unknown-transition",
        ),
        (lifecycle(&json!({"EC2InstanceId": " "})), "no-instance"),
        (json!({"Event": "autoscaling:TEST_NOTIFICATION", "AutoScalingGroupName": "g"}), "test-notification"),
        (json!({"detail-type": "EC2 Instance Rebalance Recommendation", "detail": {}}), "other-kind"),
        (json!({"detail-type": "EC2 Spot Instance Interruption Warning", "detail": {}}), "no-instance"),
    ] {
        let Trigger::Nothing(why) = asked(&event) else { panic!("{event}") };
        assert_eq!(why.word(), reason, "{event}");
    }
}

#[test]
fn a_spot_warning_is_a_drain_without_a_hook() {
    let event = json!({"detail-type": "EC2 Spot Instance Interruption Warning", "source": "aws.ec2",
        "detail": {"instance-id": "i-0a1b2c3d4e5f60718", "instance-action": "terminate"}});
    let Trigger::Look(_, wish) = asked(&event) else { panic!("a look") };
    assert_eq!((wish.purpose, wish.waiting_since), (Purpose::Spot, None));
}

#[test]
fn a_container_instance_is_looked_at_when_it_drains_and_seems_empty() {
    let event =
        |detail: Value| json!({"detail-type": "ECS Container Instance State Change", "detail": detail});
    let seen = |status: &str, running: Value, pending: Value| {
        asked(&event(json!({"ec2InstanceId": "i-0a1b2c3d4e5f60718", "status": status, "clusterArn": "c",
            "containerInstanceArn": "a", "runningTasksCount": running, "pendingTasksCount": pending})))
    };
    let Trigger::Look(_, wish) = seen("DRAINING", json!(0), json!(0)) else { panic!("a look") };
    assert_eq!(wish.place, Some(("c".into(), "a".into())));
    assert!(
        matches!(seen("DRAINING", Value::Null, json!(0)), Trigger::Look(..)),
        "counts that are missing say nothing"
    );
    assert_eq!(seen("DRAINING", json!(2), json!(1)), Trigger::Nothing(Reason::TasksLeft(3)));
    assert_eq!(seen("ACTIVE", json!(0), json!(0)), Trigger::Nothing(Reason::NotDraining("ACTIVE".into())));
    let external = event(json!({"status": "DRAINING", "containerInstanceArn": "a"}));
    assert_eq!(asked(&external), Trigger::Nothing(Reason::NoInstance), "an external instance has no EC2 id");
}

#[test]
fn ticks_come_from_rules_and_from_the_scheduler_and_tasks_are_hints() {
    for source in ["aws.events", "aws.scheduler"] {
        let event = json!({"detail-type": "Scheduled Event", "source": source, "detail": {}});
        assert_eq!(asked(&event), Trigger::Tick);
    }
    let task = |last: &str, instance: Value| {
        asked(&json!({"detail-type": "ECS Task State Change", "detail": {"taskArn": "t", "lastStatus": last,
            "containerInstanceArn": instance}}))
    };
    let stopped = Trigger::TaskStopped { container_instance: "a".into(), task: "t".into() };
    assert_eq!(task("STOPPED", json!("a")), stopped);
    assert_eq!(task("STOPPING", json!("a")), Trigger::Nothing(Reason::NoStop));
    assert_eq!(task("STOPPED", Value::Null), Trigger::Nothing(Reason::NoStop), "Fargate has no instance");
}
