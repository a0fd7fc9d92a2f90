//! `dead-letters`: whether what fails is kept, and whether something has.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.

use std::collections::BTreeSet;

use super::super::finding::{Finding, Kind, Severity, not_checked};
use super::super::snapshot::{Deployed, Snapshot};
use super::delivery::{short, ways_in};

/// The check's word.
const CHECK: &str = "dead-letters";

/// What fails for good is kept nowhere.
const UNKEPT: Kind = Kind {
    check: CHECK,
    word: "redrive-missing",
    severity: Severity::Error,
    why: "A record that keeps failing comes again until it expires, and is then lost without a trace.",
    fix: "Give the queue a redrive policy with a dead-letter queue; infra/template.yaml allows ten receives.",
};
/// A message comes again while it is worked on.
const HASTY: Kind = Kind {
    check: CHECK,
    word: "visibility-too-short",
    severity: Severity::Error,
    why: "A message that is still worked on comes again: alerts are told twice, and it ends in the dead-letter queue too soon.",
    fix: "Raise the queue's visibility timeout above the function's timeout; AWS advises six times as long.",
};
/// A queue that is not there.
const GONE: Kind = Kind {
    check: CHECK,
    word: "queue-missing",
    severity: Severity::Error,
    why: "What is sent there is lost.",
    fix: "Create the queue, or deploy the stack anew.",
};
/// Something failed.
const WAITING: Kind = Kind {
    check: CHECK,
    word: "dead-letters-waiting",
    severity: Severity::Error,
    why: "Nobody was told of them, or not of all.",
    fix: "Read them, repair the cause, and move them back to the function's queue as they are; see Dead letters in the README.",
};

/// The queues of each function, and where what they give up ends.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    let mut found = Vec::new();
    for deployed in &seen.functions {
        for mapping in deployed.mappings.as_deref().unwrap_or_default() {
            found.extend(check_queue(seen, deployed, &mapping.source));
        }
    }
    let dead: BTreeSet<_> = seen.functions.iter().flat_map(|deployed| dead_letters(seen, deployed)).collect();
    for arn in dead {
        let resource = format!("queue {}", short(&arn));
        match seen.queues.get(&arn) {
            Some(Ok(queue)) if queue.messages > 0 => {
                found.push(WAITING.of(resource, format!("it holds about {} dead letters", queue.messages)));
            }
            Some(Err(why)) if why.is_absent() => {
                found.push(GONE.of(resource, "dead letters are sent to it, and it does not exist"));
            }
            Some(Err(why)) => found.push(not_checked(CHECK, resource, why)),
            Some(Ok(_)) | None => {}
        }
    }
    found
}

/// The ARNs of the queues where a function's dead letters end: those of its queues, of rules that send to it,
/// and its own.
pub fn dead_letters(seen: &Snapshot, deployed: &Deployed) -> Vec<String> {
    let mut arns = Vec::new();
    for way in ways_in(deployed) {
        if let Some(Ok(queue)) = seen.queues.get(way) {
            arns.extend(queue.dead_letters.clone());
        }
        if let Some(Ok(rules)) = seen.rules.get(way) {
            let targets = rules.iter().flat_map(|rule| rule.targets.as_deref().unwrap_or_default());
            arns.extend(
                targets.filter(|target| target.arn == way).filter_map(|target| target.dead_letters.clone()),
            );
        }
    }
    arns.extend(deployed.function.as_ref().ok().and_then(|function| function.dead_letters.clone()));
    arns.retain(|arn| arn.contains(":sqs:"));
    arns
}

/// One queue that feeds a function.
fn check_queue(seen: &Snapshot, deployed: &Deployed, arn: &str) -> Vec<Finding> {
    let resource = format!("queue {}", short(arn));
    let queue = match seen.queues.get(arn) {
        Some(Ok(queue)) => queue,
        Some(Err(why)) if why.is_absent() => {
            return vec![
                GONE.of(resource, format!("function {} reads from it, and it does not exist", deployed.name)),
            ];
        }
        Some(Err(why)) => return vec![not_checked(CHECK, resource, why)],
        None => return Vec::new(),
    };
    let mut found = Vec::new();
    if queue.dead_letters.is_none() {
        found.push(UNKEPT.of(resource.clone(), "it has no redrive policy"));
    }
    if let Ok(function) = &deployed.function
        && queue.visibility < function.timeout
    {
        let (visibility, timeout) = (queue.visibility.as_secs(), function.timeout.as_secs());
        let what =
            format!("its visibility timeout is {visibility} s, the timeout of {} {timeout} s", deployed.name);
        found.push(HASTY.of(resource, what));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::testing::{self, Case, queue};
    use super::check;

    #[test]
    fn each_finding_and_its_absence() {
        let cases: [(Case, &[&str]); 8] = [
            (|_| {}, &[]),
            (|seen| queue(seen, "task-monitor").dead_letters = None, &["redrive-missing"]),
            (
                |seen| queue(seen, "task-monitor").visibility = Duration::from_secs(29),
                &["visibility-too-short"],
            ),
            (|seen| queue(seen, "task-monitor").visibility = Duration::from_secs(30), &[]),
            (|seen| queue(seen, "task-monitor").messages = 7, &[]),
            (|seen| queue(seen, "task-monitor-dead").messages = 7, &["dead-letters-waiting"]),
            (|seen| testing::lose(seen, "task-monitor"), &["queue-missing"]),
            (|seen| testing::lose(seen, "instance-drain-dead"), &["queue-missing"]),
        ];
        testing::hold(check, &cases);
    }
}
