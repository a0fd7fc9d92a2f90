//! A task that the scheduler found no place for, and what was missing.
//!
//! Sources of the reasons:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html> and
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>.

use super::Report;
use crate::judge::{Cause, Finding, Severity};

/// What was missing: the text that says so, in lower case, in words, and what helps. The first of each word counts.
const MISSING: [(&str, &str, &str); 19] = [
    ("resource:cpu", "not enough CPU", INSTANCES),
    ("insufficient cpu", "not enough CPU", INSTANCES),
    ("resource:memory", "not enough memory", INSTANCES),
    ("insufficient memory", "not enough memory", INSTANCES),
    ("resource:gpu", "no free GPU", "GPUs are given to one task each: more instances, or smaller tasks"),
    ("resource:port", "a host port it needs is taken", PORTS),
    ("already using a port", "a host port it needs is taken", PORTS),
    (
        "resource:eni",
        "no free network interface",
        "with the network mode awsvpc each task takes an interface: ENI trunking raises the limit",
    ),
    ("no fargate spot capacity", "no Fargate Spot capacity", SPOT),
    ("resource:fargate_spot", "no Fargate Spot capacity", SPOT),
    (
        "resource:fargate",
        "no Fargate capacity",
        "Fargate has no room for this size in these Availability Zones: more subnets or another size help",
    ),
    ("attribute", "no instance has an attribute it needs", CONSTRAINTS),
    ("memberof", "no instance fits its placement constraints", CONSTRAINTS),
    ("constraint", "no instance fits its placement constraints", CONSTRAINTS),
    (
        "agent",
        "the agent of the instances is not connected",
        "look at the agent and the network of the instances",
    ),
    ("no container instances", "no container instances", EMPTY),
    ("no active instances", "no container instances", EMPTY),
    ("empty capacity provider", "no container instances", EMPTY),
    ("insufficient capacity", "no capacity of this instance type", "another type or Availability Zone helps"),
];
/// For what instances run out of.
const INSTANCES: &str = "no instance has enough left: has the Auto Scaling group reached its maximum?";
/// For Fargate Spot.
const SPOT: &str = "a second capacity provider, FARGATE, takes over where Spot has none";
/// For host ports.
const PORTS: &str = "a fixed host port is there once on an instance: a host port of 0 lets ECS choose";
/// For constraints.
const CONSTRAINTS: &str =
    "compare the constraints and the task's requirements with the attributes of the instances";
/// For a cluster without instances.
const EMPTY: &str = "have instances registered, and does the capacity provider's group launch any?";

/// Placement failures, what a configuration forbids, and daemons that fit their instances no more.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let finding = |severity, summary: String| Finding::new(Cause::PlacementFailed, severity, summary);
    match report.name {
        "SERVICE_TASK_PLACEMENT_FAILURE" => {
            let (what, help) = missing(report.reason);
            let found = finding(Severity::High, format!("found no place for a task: {what}."));
            Some(help.into_iter().fold(found, Finding::noting))
        }
        "SERVICE_TASK_CONFIGURATION_FAILURE" => {
            let said = if report.reason.is_empty() { "the event does not say what" } else { report.reason };
            let summary = format!("cannot place tasks, something is configured wrong: {}", sentence(said));
            Some(finding(Severity::High, summary))
        }
        "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED" => {
            let summary = "has a task on an instance that does not fit its placement constraints any more.";
            Some(finding(Severity::Medium, summary.to_owned()).noting(CONSTRAINTS))
        }
        _ => None,
    }
}

/// What was missing, in words, and what helps.
pub(super) fn missing(reason: &str) -> (String, Vec<&'static str>) {
    let lower = reason.to_ascii_lowercase();
    let mut found: Vec<(&str, &str)> = Vec::new();
    for (text, words, help) in MISSING {
        let is_spot_too = text == "resource:fargate" && lower.contains("resource:fargate_spot");
        if lower.contains(text) && !is_spot_too && found.iter().all(|(known, _)| *known != words) {
            found.push((words, help));
        }
    }
    if found.is_empty() {
        return (unnamed(reason), Vec::new());
    }
    let mut help: Vec<_> = found.iter().map(|(_, help)| *help).collect();
    help.dedup();
    (found.iter().map(|(words, _)| *words).collect::<Vec<_>>().join(" and "), help)
}

/// A reason nobody knows: the resource it names, else as it is.
fn unnamed(reason: &str) -> String {
    let named = reason.split_once("RESOURCE:").map(|(_, rest)| {
        rest.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .next()
            .unwrap_or_default()
    });
    match named.filter(|name| !name.is_empty()) {
        Some(name) => format!("not enough {name}"),
        None if reason.is_empty() => "the event does not say why".to_owned(),
        None => reason.trim_end_matches('.').to_owned(),
    }
}

/// A text with one full stop at its end.
fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::missing;
    use crate::judge::service::testing::{found, verdict};
    use crate::judge::{Cause, Severity};

    #[test]
    fn what_is_missing_is_named() {
        for (reason, want) in [
            ("RESOURCE:CPU", "not enough CPU"),
            ("RESOURCE:MEMORY", "not enough memory"),
            ("RESOURCE:GPU", "no free GPU"),
            ("RESOURCE:PORTS", "a host port it needs is taken"),
            ("RESOURCE:ENI", "no free network interface"),
            ("RESOURCE:FARGATE", "no Fargate capacity"),
            ("No Fargate Spot capacity was available.", "no Fargate Spot capacity"),
            ("RESOURCE:FARGATE_SPOT", "no Fargate Spot capacity"),
            ("ATTRIBUTE", "no instance has an attribute it needs"),
            ("MemberOf placement constraint unsatisfied.", "no instance fits its placement constraints"),
            ("AGENT", "the agent of the instances is not connected"),
            ("No Container Instances were found in your cluster.", "no container instances"),
            ("RESOURCE:CPU, RESOURCE:MEMORY", "not enough CPU and not enough memory"),
            (
                "closest matching container-instance 0a1b has insufficient memory available",
                "not enough memory",
            ),
            ("RESOURCE:INFERENTIA", "not enough INFERENTIA"),
            ("RESOURCE:", "RESOURCE:"),
            ("Something else.", "Something else"),
            ("", "the event does not say why"),
        ] {
            assert_eq!(missing(reason).0, want, "{reason}");
            let verdict = verdict("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", reason);
            assert_eq!((verdict.cause, verdict.severity), (Cause::PlacementFailed, Severity::High));
            assert!(verdict.summary.contains(want), "{}", verdict.summary);
        }
        assert_eq!(missing("RESOURCE:CPU and RESOURCE:MEMORY").1.len(), 1, "the same help once");
    }

    #[test]
    fn the_name_counts_and_not_the_type() {
        for (name, severity) in [
            ("SERVICE_TASK_PLACEMENT_FAILURE", Severity::High),
            ("SERVICE_TASK_CONFIGURATION_FAILURE", Severity::High),
            ("SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED", Severity::Medium),
        ] {
            for event_type in ["INFO", "WARN", "ERROR", ""] {
                assert_eq!(found(name, event_type, "x"), (Cause::PlacementFailed, severity), "{name}");
            }
        }
    }
}
