//! `configuration`: whether the functions are there and accept their environment.

use shared::config::PolicySource;

use super::super::finding::{Finding, Kind, NOT_CHECKED, Severity, not_checked};
use super::super::snapshot::{Deployed, Role, Snapshot, policy_of};

/// The check's word.
const CHECK: &str = "configuration";
/// The only concurrency under which one process has the share of ECS's reads for itself.
const ONE: u64 = 1;

/// No function of that name.
const MISSING: Kind = Kind {
    check: CHECK,
    word: "function-missing",
    severity: Severity::Error,
    why: "Without task-monitor nobody hears of stopped tasks; without instance-drain hooks of ours end by their timeout.",
    fix: "Deploy it, or name its stack with --stack and its region with --region.",
};
/// A variable the function refuses.
const REFUSED: Kind = Kind {
    check: CHECK,
    word: "variable-refused",
    severity: Severity::Error,
    why: "The function does not start with it, and every event fails.",
    fix: "Correct the variable; the README's table of variables says what it takes.",
};
/// A policy nobody can read from here.
const PACKAGED: Kind = Kind {
    check: CHECK,
    word: NOT_CHECKED,
    severity: Severity::Warning,
    why: "The policy is in the function's package, where AWS does not show it; deadlines and routes were held against nothing.",
    fix: "Give the file that was packaged with --policy FILE.",
};
/// A route nobody can publish to.
const ROUTE: Kind = Kind {
    check: CHECK,
    word: "route-outside",
    severity: Severity::Error,
    why: "SNS takes a message only in the topic's own region, so the function does not start with it.",
    fix: "Name a topic of the function's region in the [[route]].",
};
/// A function nobody may invoke.
const OFF: Kind = Kind {
    check: CHECK,
    word: "concurrency-zero",
    severity: Severity::Error,
    why: "Lambda does not invoke it: events wait in its queue until they expire.",
    fix: "Raise or remove the reserved concurrency.",
};
/// Several drains at once.
const CONCURRENT: Kind = Kind {
    check: CHECK,
    word: "concurrency-not-one",
    severity: Severity::Warning,
    why: "Each process takes a quarter of ECS's read allowance for its own; several at once throttle each other and other callers, and heartbeats are late.",
    fix: "Set its reserved concurrency to 1.",
};

/// Each function, and the policy.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    let mut found: Vec<_> =
        seen.functions.iter().flat_map(|deployed| check_function(seen, deployed)).collect();
    if let Some(policy) = &seen.policy {
        let outside = policy.routes_outside(&seen.region).into_iter();
        found.extend(outside.map(|what| ROUTE.of("the policy", what)));
    }
    found
}

/// One function.
fn check_function(seen: &Snapshot, deployed: &Deployed) -> Vec<Finding> {
    let resource = format!("function {}", deployed.name);
    let function = match &deployed.function {
        Ok(function) => function,
        Err(why) if why.is_absent() => {
            return vec![MISSING.of(resource, format!("there is no such function in {}", seen.region))];
        }
        Err(why) => return vec![not_checked(CHECK, resource, why)],
    };
    let mut found = Vec::new();
    match (&function.variables, seen.config(deployed.role)) {
        (Err(why), _) => {
            let mut finding = PACKAGED.of(resource.clone(), format!("not checked: its environment: {why}"));
            finding.why = "Nobody knows whether the function accepts its environment.";
            "Allow kms:Decrypt on the function's key to whoever runs this.".clone_into(&mut finding.fix);
            finding.permission = Some("kms:Decrypt");
            found.push(finding);
        }
        (Ok(_), Some(Err(errors))) => {
            found.extend(errors.into_iter().map(|error| REFUSED.of(resource.clone(), error)));
        }
        (Ok(_), Some(Ok(config))) => {
            if let Some(Err(why)) = policy_of(&config.policy) {
                found.push(REFUSED.of(resource.clone(), format!("POLICY: {why}")));
            }
            if let (None, PolicySource::File(file)) = (&seen.policy, &config.policy) {
                found.push(PACKAGED.of(resource.clone(), format!("not checked: the policy {file}")));
            }
        }
        (Ok(_), None) => {}
    }
    found.extend(check_concurrency(deployed, resource));
    found
}

/// How often a function runs at the same time.
fn check_concurrency(deployed: &Deployed, resource: String) -> Option<Finding> {
    match (&deployed.concurrency, deployed.role) {
        (Err(why), _) => Some(not_checked(CHECK, resource, why)),
        (Ok(Some(0)), _) => Some(OFF.of(resource, "its reserved concurrency is 0")),
        (Ok(_), Role::TaskMonitor | Role::ServiceMonitor | Role::VolumeMonitor | Role::InstanceMonitor)
        | (Ok(Some(ONE)), Role::InstanceDrain | Role::InstanceProtection) => None,
        (Ok(Some(count)), Role::InstanceDrain | Role::InstanceProtection) => {
            Some(CONCURRENT.of(resource, format!("its reserved concurrency is {count}")))
        }
        (Ok(None), Role::InstanceDrain | Role::InstanceProtection) => {
            Some(CONCURRENT.of(resource, "it has no reserved concurrency"))
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::policy::Policy;

    use super::super::super::snapshot::Role;
    use super::super::super::testing::{self, Case};
    use super::check;

    #[test]
    fn each_finding_and_its_absence() {
        let cases: [(Case, &[&str]); 11] = [
            (|_| {}, &[]),
            (|seen| seen.functions[0].function = Err(testing::absent()), &["function-missing"]),
            (|seen| testing::vary(seen, "METRICS", "cloud"), &["variable-refused"; Role::ALL.len()]),
            (
                |seen| testing::vary(seen, "ALERT_TOPIC_ARN", "arn:aws:sns:us-east-1:111122223333:alerts"),
                &["variable-refused"; Role::ALL.len()],
            ),
            (|seen| testing::vary(seen, "POLICY", "[[rul"), &["variable-refused"; Role::ALL.len()]),
            (
                |seen| {
                    testing::vary(seen, "POLICY_FILE", "policy.toml");
                    seen.policy = None;
                },
                &["not-checked"; Role::ALL.len()],
            ),
            (
                |seen| testing::function(seen, 1).variables = Err("KMSAccessDeniedException".into()),
                &["not-checked"],
            ),
            (|seen| seen.functions[0].concurrency = Ok(Some(0)), &["concurrency-zero"]),
            (|seen| seen.functions[1].concurrency = Ok(None), &["concurrency-not-one"]),
            (|seen| seen.functions[1].concurrency = Ok(Some(2)), &["concurrency-not-one"]),
            (
                |seen| {
                    let text = "[[route]]\ntopic = \"arn:aws:sns:us-east-1:111122223333:pages\"\nseverity = [\"high\"]\n";
                    seen.policy = Some(Policy::parse(text).expect("a policy"));
                },
                &["route-outside"],
            ),
        ];
        testing::hold(check, &cases);
    }
}
