//! `delivery`: whether events reach the functions: rules, ticks, event source mappings.
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::aws::account::seen::{MappingSeen, RuleSeen};
use shared::event::arn::last_part;

use super::super::finding::{Finding, Kind, Severity, not_checked};
use super::super::snapshot::{Deployed, Role, Snapshot};

/// The check's word.
const CHECK: &str = "delivery";
/// Schedules that tick each minute.
const EACH_MINUTE: [&str; 2] = ["rate(1 minute)", "cron(* * * * ? *)"];
/// Schedules that tick each five minutes.
const EACH_FIVE: [&str; 2] = ["rate(5 minutes)", "cron(0/5 * * * ? *)"];
/// A mapping that works, or is about to.
const WORKING: [&str; 4] = ["Enabled", "Enabling", "Creating", "Updating"];

/// Nothing feeds the function.
const UNFED: Kind = Kind {
    check: CHECK,
    word: "function-unfed",
    severity: Severity::Error,
    why: "The function hears of nothing.",
    fix: "Create the event source mapping of its queue, or deploy the stack anew.",
};
/// The mapping does not work.
const STOPPED: Kind = Kind {
    check: CHECK,
    word: "mapping-disabled",
    severity: Severity::Error,
    why: "Events wait in the queue and expire there.",
    fix: "Enable the event source mapping.",
};
/// Failures are not read.
const UNREPORTED: Kind = Kind {
    check: CHECK,
    word: "failures-not-reported",
    severity: Severity::Error,
    why: "Lambda takes an answer that names failed messages for a success and deletes them all: an alert that SNS did not accept is lost.",
    fix: "Add ReportBatchItemFailures to the mapping's function response types.",
};
/// A rule that sends nothing.
const DISABLED: Kind = Kind {
    check: CHECK,
    word: "rule-disabled",
    severity: Severity::Error,
    why: "Its events are lost: EventBridge keeps nothing for later.",
    fix: "Enable the rule.",
};
/// What cannot be delivered is dropped.
const DROPPED: Kind = Kind {
    check: CHECK,
    word: "target-without-dead-letters",
    severity: Severity::Error,
    why: "EventBridge drops what it cannot deliver; a missing permission does that at once.",
    fix: "Give the target a DeadLetterConfig.",
};
/// No rule for what the function is for.
const UNHEARD: Kind = Kind {
    check: CHECK,
    word: "rule-missing",
    severity: Severity::Error,
    why: "The function never hears of what it is for; another bus or a hook's own target may make up for it.",
    fix: "Create the rule, or deploy the stack anew.",
};
/// No tick.
const TICKLESS: Kind = Kind {
    check: CHECK,
    word: "tick-missing",
    severity: Severity::Error,
    why: "Digests, recoveries, heartbeats and deadlines come with the minute tick: hooks end by their timeout without it. Volumes are looked at with a tick each five minutes.",
    fix: "Create a rule with rate(1 minute), for volume-monitor rate(5 minutes), that sends to the function's queue.",
};

/// Each function that is there.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for deployed in &seen.functions {
        if deployed.function.is_ok() {
            for finding in check_function(seen, deployed) {
                // One rule may send to several of ours.
                if !found.contains(&finding) {
                    found.push(finding);
                }
            }
        }
    }
    found
}

/// What sends to a function: the queues of its mappings, and itself.
pub fn ways_in(deployed: &Deployed) -> Vec<&str> {
    let mappings = deployed.mappings.as_deref().unwrap_or_default().iter();
    let queues = mappings.map(|mapping| mapping.source.as_str());
    let own = deployed.function.as_ref().ok().map(|function| function.arn.as_str());
    queues.chain(own).collect()
}

/// One function.
fn check_function(seen: &Snapshot, deployed: &Deployed) -> Vec<Finding> {
    let resource = format!("function {}", deployed.name);
    let mut found = Vec::new();
    let mappings = match &deployed.mappings {
        Ok(mappings) => mappings.as_slice(),
        Err(why) => {
            found.push(not_checked(CHECK, resource.clone(), why));
            &[]
        }
    };
    found.extend(mappings.iter().flat_map(|mapping| check_mapping(deployed, mapping)));
    // A rule can send to several of a function's ways in; what it hears is of all of them.
    let mut rules: BTreeMap<&str, &RuleSeen> = BTreeMap::new();
    let mut all_known = deployed.mappings.is_ok();
    for way in ways_in(deployed) {
        match seen.rules.get(way) {
            Some(Ok(of_way)) => {
                found.extend(of_way.iter().flat_map(|rule| check_rule(rule, way)));
                rules.extend(of_way.iter().map(|rule| (rule.name.as_str(), rule)));
            }
            Some(Err(why)) => {
                found.push(not_checked(CHECK, format!("rules to {}", short(way)), why));
                all_known = false;
            }
            None => all_known = false,
        }
    }
    // What was not read may be what is missed.
    if !all_known {
        return found;
    }
    if mappings.is_empty() && rules.is_empty() {
        found.push(UNFED.of(resource, "it has no event source mapping, and no rule sends to it"));
        return found;
    }
    let wanted = match deployed.role {
        Role::TaskMonitor => Some("ECS Task State Change"),
        Role::InstanceDrain => Some("EC2 Instance-terminate Lifecycle Action"),
        Role::ServiceMonitor => Some("ECS Service Action"),
        Role::InstanceMonitor => Some("ECS Container Instance State Change"),
        // These look for themselves, at each tick.
        Role::InstanceProtection | Role::VolumeMonitor | Role::ClusterAudit => None,
    };
    if let Some(wanted) = wanted
        && !rules.values().any(|rule| hears(rule, wanted))
    {
        found.push(UNHEARD.of(resource.clone(), format!("no rule of the default bus sends it {wanted}")));
    }
    let (schedules_wanted, each) = match deployed.role {
        Role::TaskMonitor | Role::InstanceDrain | Role::InstanceProtection | Role::ClusterAudit => {
            (EACH_MINUTE, "each minute")
        }
        Role::VolumeMonitor => (EACH_FIVE, "each five minutes"),
        // What is due of its incidents is told by task-monitor.
        Role::ServiceMonitor | Role::InstanceMonitor => return found,
    };
    let schedules: Vec<_> = rules.values().filter_map(|rule| rule.schedule.as_deref()).collect();
    if !schedules.iter().any(|schedule| schedules_wanted.contains(schedule)) {
        let what = match schedules.first() {
            Some(schedule) => format!("its tick is {schedule}, not {each}"),
            None => "no rule of the default bus sends it a tick".to_owned(),
        };
        found.push(TICKLESS.of(resource, what));
    }
    found
}

/// One mapping.
fn check_mapping(deployed: &Deployed, mapping: &MappingSeen) -> Vec<Finding> {
    let resource = format!("event source mapping {} of function {}", mapping.id, deployed.name);
    let mut found = Vec::new();
    if !WORKING.contains(&mapping.state.as_str()) {
        found.push(STOPPED.of(resource.clone(), format!("its state is {}", mapping.state)));
    }
    if !mapping.reports_failures {
        found.push(UNREPORTED.of(resource, "ReportBatchItemFailures is missing"));
    }
    found
}

/// One rule and its target of ours.
fn check_rule(rule: &RuleSeen, way: &str) -> Vec<Finding> {
    let resource = format!("rule {}", rule.name);
    let mut found = Vec::new();
    if rule.state != "ENABLED" && !rule.state.starts_with("ENABLED_") {
        found.push(DISABLED.of(resource.clone(), format!("its state is {}", rule.state)));
    }
    match &rule.targets {
        Ok(targets) => {
            for target in targets.iter().filter(|target| target.arn == way && target.dead_letters.is_none()) {
                let what = format!("its target {} has no DeadLetterConfig", short(way));
                found.push(DROPPED.of(format!("{resource}, target {}", target.id), what));
            }
        }
        Err(why) => found.push(not_checked(CHECK, format!("targets of {resource}"), why)),
    }
    found
}

/// Whether a rule lets events of a detail-type through, as far as its pattern names any.
fn hears(rule: &RuleSeen, detail_type: &str) -> bool {
    let Some(pattern) = &rule.pattern else { return false };
    match serde_json::from_str::<Value>(pattern) {
        Ok(pattern) => match pattern.get("detail-type").and_then(Value::as_array) {
            // A matcher such as a prefix is not followed: it is taken to let it through.
            Some(types) => types.iter().any(|each| each.as_str().is_none_or(|word| word == detail_type)),
            None => true,
        },
        Err(_) => false,
    }
}

/// The name in an ARN.
pub fn short(arn: &str) -> &str {
    last_part(arn.rsplit(':').next().unwrap_or(arn))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Case, mapping, rule};
    use super::check;

    #[test]
    fn each_finding_and_its_absence() {
        let cases: [(Case, &[&str]); 13] = [
            (|_| {}, &[]),
            (|seen| mapping(seen).state = "Disabled".into(), &["mapping-disabled"]),
            (|seen| mapping(seen).state = "Updating".into(), &[]),
            (|seen| mapping(seen).reports_failures = false, &["failures-not-reported"]),
            (|seen| rule(seen, 0).state = "DISABLED".into(), &["rule-disabled"]),
            (|seen| rule(seen, 0).state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS".into(), &[]),
            (
                |seen| rule(seen, 0).targets = Ok(vec![testing::target(None)]),
                &["target-without-dead-letters"],
            ),
            (|seen| rule(seen, 0).targets = Err(testing::denied("a:Targets")), &["not-checked"]),
            (
                |seen| rule(seen, 0).pattern = Some(r#"{"detail-type":["ECS Service Action"]}"#.into()),
                &["rule-missing"],
            ),
            (|seen| rule(seen, 0).pattern = Some(r#"{"source":["aws.ecs"]}"#.into()), &[]),
            (|seen| rule(seen, 1).schedule = Some("rate(5 minutes)".into()), &["tick-missing"]),
            (|seen| testing::volume_tick(seen).schedule = Some("rate(1 hour)".into()), &["tick-missing"]),
            (
                |seen| {
                    seen.functions[0].mappings = Ok(vec![]);
                    testing::unruled(seen);
                },
                &["function-unfed"],
            ),
        ];
        testing::hold(check, &cases);
    }
}
