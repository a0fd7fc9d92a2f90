//! `permissions`: whether the functions' roles allow what the functions do, by IAM's own simulation.
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/>.

mod needs;

pub use needs::needs;

use super::super::finding::{Finding, Kind, Severity, not_checked};
use super::super::snapshot::{Simulated, Snapshot};

/// The check's word.
const CHECK: &str = "permissions";

/// Something the function does is not allowed.
const DENIED: Kind = Kind {
    check: CHECK,
    word: "action-denied",
    severity: Severity::Error,
    why: "The function fails where it does this: alerts are not sent, or instances are held to their hook's limit.",
    fix: "Allow the action in the function's role; infra/template.yaml has all of them.",
};
/// Something an alert can do without is not allowed.
const POORER: Kind = Kind {
    check: CHECK,
    word: "lookup-denied",
    severity: Severity::Warning,
    why: "Alerts go out without what it looks up or collects, and some stops are judged with less certainty.",
    fix: "Allow the action in the function's role, or ask for less: ENRICH_TIME at 0s, no [collect-logs] in the policy.",
};

/// Each simulation.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    seen.simulated.iter().flat_map(check_simulated).collect()
}

/// One simulation.
fn check_simulated(simulated: &Simulated) -> Vec<Finding> {
    let resource = format!("role of function {}", simulated.function);
    let kind = if simulated.is_optional { &POORER } else { &DENIED };
    match &simulated.denied {
        Ok(denied) if denied.is_empty() => Vec::new(),
        Ok(denied) => {
            let what = format!("it may not do {} on {}", denied.join(", "), simulated.attempt.resource);
            vec![kind.of(resource, what)]
        }
        Err(why) => vec![not_checked(CHECK, resource, why)],
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Case};
    use super::check;

    #[test]
    fn each_finding_and_its_absence() {
        let cases: [(Case, &[&str]); 4] = [
            (|_| {}, &[]),
            (
                |seen| seen.simulated = vec![testing::simulated(false, Ok(vec!["sns:Publish"]))],
                &["action-denied"],
            ),
            (
                |seen| seen.simulated = vec![testing::simulated(true, Ok(vec!["sns:Publish"]))],
                &["lookup-denied"],
            ),
            (
                |seen| {
                    let denied = Err(testing::denied("iam:SimulatePrincipalPolicy"));
                    seen.simulated = vec![testing::simulated(false, denied)];
                },
                &["not-checked"],
            ),
        ];
        testing::hold(check, &cases);
    }
}
