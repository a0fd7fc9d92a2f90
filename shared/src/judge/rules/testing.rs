//! Short-hand for the tables of the rules.

use serde_json::{Value, json};

use crate::event::{TaskStateChange, Timestamp};
use crate::judge::{Cause, Context, Severity, Verdict, judge};
use crate::policy::Policy;

/// A stopped task: group, stop code, reason and containers as `(name, exit code, reason)`.
pub(crate) fn task(
    group: &str,
    code: &str,
    reason: &str,
    containers: &[(&str, Option<i64>, &str)],
) -> TaskStateChange {
    let containers: Vec<Value> = containers
        .iter()
        .map(|(name, exit_code, reason)| json!({"name": name, "exitCode": exit_code, "reason": reason}))
        .collect();
    let event = json!({
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b2c",
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor",
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/fam:7",
        "group": group, "lastStatus": "STOPPED", "stopCode": code, "stoppedReason": reason,
        "containers": containers, "version": 5,
    });
    serde_json::from_value(event).expect("a task")
}

/// A context in which nothing was seen before.
pub(crate) const fn fresh() -> Context<'static> {
    Context {
        now: Timestamp::from_millis(1_795_417_500_000),
        last_version: None,
        background: None,
        known_ends: &[],
    }
}

/// The verdict under no policy.
pub(crate) fn verdict(task: &TaskStateChange) -> Verdict {
    judge(task, &Policy::default(), &fresh())
}

/// Cause and severity under no policy.
pub(crate) fn found(task: &TaskStateChange) -> (Cause, Severity) {
    let verdict = verdict(task);
    (verdict.cause, verdict.severity)
}
