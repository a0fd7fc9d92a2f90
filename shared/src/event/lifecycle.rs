//! `EC2 Instance-terminate Lifecycle Action` and `EC2 Instance-launch Lifecycle Action`, source
//! `aws.autoscaling`: a hook holds an instance and waits for an answer. Where the hook has a target of its
//! own, SNS or SQS, the same fields come without an envelope, as a notification.
//!
//! Sources: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html>,
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pools-eventbridge-events.html>,
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html>.
//! Fixtures: `events-fixtures/ec2-instance-terminate-lifecycle-action/`,
//! `events-fixtures/ec2-instance-launch-lifecycle-action/`, `events-fixtures/auto-scaling-notification/`.

use serde::Deserialize;

use super::lenient;

/// The `detail-type` of an instance that is to end.
pub const TERMINATE_ACTION: &str = "EC2 Instance-terminate Lifecycle Action";

/// The `detail-type` of an instance that is starting.
pub const LAUNCH_ACTION: &str = "EC2 Instance-launch Lifecycle Action";

/// What stands for the detail-type of a notification Auto Scaling sends without EventBridge.
pub const AUTO_SCALING_NOTIFICATION: &str = "Auto Scaling notification";

/// The transition of an instance that is to end.
pub const TERMINATING: &str = "autoscaling:EC2_INSTANCE_TERMINATING";

/// What Auto Scaling sends to the target of a new hook, to see whether it may.
pub const TEST_NOTIFICATION: &str = "autoscaling:TEST_NOTIFICATION";

/// The destination of an instance that is parked.
const WARM_POOL: &str = "WarmPool";

/// The detail of a lifecycle action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LifecycleAction {
    /// Names this action; the same in every delivery of it.
    #[serde(deserialize_with = "lenient::text")]
    pub lifecycle_action_token: Option<Box<str>>,
    /// The group's name.
    #[serde(deserialize_with = "lenient::text")]
    pub auto_scaling_group_name: Option<Box<str>>,
    /// The hook's name.
    #[serde(deserialize_with = "lenient::text")]
    pub lifecycle_hook_name: Option<Box<str>>,
    /// For example `i-0a1b2c3d4e5f60718`.
    #[serde(rename = "EC2InstanceId", deserialize_with = "lenient::text")]
    pub ec2_instance_id: Option<Box<str>>,
    /// `autoscaling:EC2_INSTANCE_TERMINATING` or `autoscaling:EC2_INSTANCE_LAUNCHING`.
    #[serde(deserialize_with = "lenient::text")]
    pub lifecycle_transition: Option<Box<str>>,
    /// What the team wrote into the hook: any text, often JSON, often none.
    #[serde(deserialize_with = "lenient::text_or_json")]
    pub notification_metadata: Option<Box<str>>,
    /// Where the instance comes from: `EC2`, `AutoScalingGroup`, `WarmPool`.
    #[serde(deserialize_with = "lenient::text")]
    pub origin: Option<Box<str>>,
    /// Where it goes: `EC2` where it ends, `AutoScalingGroup`, `WarmPool`.
    #[serde(deserialize_with = "lenient::text")]
    pub destination: Option<Box<str>>,
}

impl LifecycleAction {
    /// Whether the instance is to end, or to be parked. A transition that is missing or unknown is neither.
    #[must_use]
    pub fn is_terminating(&self) -> bool {
        self.lifecycle_transition.as_deref() == Some(TERMINATING)
    }

    /// Whether the instance goes to the warm pool: it leaves the group's service, but does not end.
    #[must_use]
    pub fn to_warm_pool(&self) -> bool {
        self.destination.as_deref() == Some(WARM_POOL)
    }
}

#[cfg(test)]
mod tests {
    use super::LifecycleAction;

    fn read(json: &str) -> LifecycleAction {
        serde_json::from_str(json).expect(json)
    }

    #[test]
    fn every_field_is_read_under_the_name_aws_gives_it() {
        let action = read(
            r#"{"LifecycleActionToken":"t","AutoScalingGroupName":"g","LifecycleHookName":"h","EC2InstanceId":"i-1",
                "LifecycleTransition":"autoscaling:EC2_INSTANCE_TERMINATING","NotificationMetadata":"m",
                "Origin":"AutoScalingGroup","Destination":"EC2","OfTheFuture":{"a":[1]}}"#,
        );
        let text = |word: &str| Some(Box::from(word));
        let want = LifecycleAction {
            lifecycle_action_token: text("t"),
            auto_scaling_group_name: text("g"),
            lifecycle_hook_name: text("h"),
            ec2_instance_id: text("i-1"),
            lifecycle_transition: text("autoscaling:EC2_INSTANCE_TERMINATING"),
            notification_metadata: text("m"),
            origin: text("AutoScalingGroup"),
            destination: text("EC2"),
        };
        assert_eq!(action, want);
    }

    #[test]
    fn only_the_transition_says_that_an_instance_ends() {
        for (transition, want) in [
            (r#""autoscaling:EC2_INSTANCE_TERMINATING""#, true),
            (r#""autoscaling:EC2_INSTANCE_LAUNCHING""#, false),
            (r#""autoscaling:EC2_INSTANCE_TERMINATING_OF_2031""#, false),
            (r#""autoscaling:TEST_NOTIFICATION""#, false),
            (r#""""#, false),
            ("null", false),
            ("7", false),
            (r#"["autoscaling:EC2_INSTANCE_TERMINATING"]"#, false),
        ] {
            assert_eq!(
                read(&format!(r#"{{"LifecycleTransition":{transition}}}"#)).is_terminating(),
                want,
                "{transition}"
            );
        }
        assert!(!LifecycleAction::default().is_terminating());
    }

    #[test]
    fn the_destination_says_that_an_instance_is_parked() {
        for (json, want) in [
            (r#"{"Destination":"WarmPool"}"#, true),
            (r#"{"Destination":"EC2","Origin":"WarmPool"}"#, false),
            (r#"{"Destination":null}"#, false),
            ("{}", false),
        ] {
            assert_eq!(read(json).to_warm_pool(), want, "{json}");
        }
    }

    #[test]
    fn metadata_is_kept_as_it_was_written() {
        for (json, want) in [
            (r#""additional-info""#, Some("additional-info")),
            (r#""{\"cluster\":\"harbor\"}""#, Some(r#"{"cluster":"harbor"}"#)),
            (r#"{"cluster": "harbor", "n": 1.50}"#, Some(r#"{"cluster": "harbor", "n": 1.50}"#)),
            (r#"["harbor"]"#, Some(r#"["harbor"]"#)),
            ("7", Some("7")),
            ("false", Some("false")),
            (r#""\ud800""#, Some(r#""\ud800""#)),
            (r#""""#, None),
            ("null", None),
        ] {
            let action = read(&format!(r#"{{"NotificationMetadata":{json},"EC2InstanceId":"i-1"}}"#));
            assert_eq!(action.notification_metadata.as_deref(), want, "{json}");
            assert_eq!(action.ec2_instance_id.as_deref(), Some("i-1"), "{json}");
        }
    }

    #[test]
    fn odd_types_are_missing_and_cost_no_other_field() {
        let action = read(
            r#"{"LifecycleActionToken":{"a":1},"AutoScalingGroupName":42,"LifecycleHookName":[1,[2]],
                "EC2InstanceId":"i-1","Origin":true,"Destination":null}"#,
        );
        let want = LifecycleAction {
            auto_scaling_group_name: Some("42".into()),
            ec2_instance_id: Some("i-1".into()),
            origin: Some("true".into()),
            ..LifecycleAction::default()
        };
        assert_eq!(action, want);
    }
}
