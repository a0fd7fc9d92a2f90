//! `topics`: whether somebody hears what is published.
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html>.

use std::collections::BTreeSet;

use shared::aws::account::seen::SubscriptionSeen;

use super::super::finding::{Finding, Kind, Severity, not_checked};
use super::super::snapshot::{Role, Snapshot};

/// The check's word.
const CHECK: &str = "topics";

/// A topic that is not there.
const MISSING: Kind = Kind {
    check: CHECK,
    word: "topic-missing",
    severity: Severity::Error,
    why: "Every alert for it fails, comes again and ends in the dead-letter queue.",
    fix: "Create the topic, or correct ALERT_TOPIC_ARN or the [[route]].",
};
/// A topic nobody listens to.
const UNHEARD: Kind = Kind {
    check: CHECK,
    word: "nobody-subscribed",
    severity: Severity::Error,
    why: "SNS accepts alerts and drops them.",
    fix: "Subscribe somebody, and confirm it.",
};
/// Everybody filters.
const FILTERED: Kind = Kind {
    check: CHECK,
    word: "all-filtered",
    severity: Severity::Warning,
    why: "What fits no filter, such as a cause that is new, is heard by nobody.",
    fix: "Add one subscription without a filter policy.",
};
/// A subscription that waits for a click.
const PENDING: Kind = Kind {
    check: CHECK,
    word: "subscription-pending",
    severity: Severity::Warning,
    why: "It gets nothing until it is confirmed, and SNS deletes it after two days.",
    fix: "Confirm it by the link that SNS sent, or subscribe anew.",
};

/// The ARNs of the topics alerts go to: those of the functions, then those of routes.
pub fn topics(seen: &Snapshot) -> (BTreeSet<String>, BTreeSet<String>) {
    let configs = Role::ALL.into_iter().filter_map(|role| seen.config(role)?.ok());
    let main: BTreeSet<_> = configs.map(|config| config.topic_arn).collect();
    let routed = seen.policy.iter().flat_map(|policy| &policy.routes);
    let routed = routed.map(|route| route.topic.clone()).filter(|topic| !main.contains(topic)).collect();
    (main, routed)
}

/// Each topic.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    let (main, routed) = topics(seen);
    let all = main.iter().map(|topic| (topic, true)).chain(routed.iter().map(|topic| (topic, false)));
    all.flat_map(|(topic, is_main)| check_topic(seen, topic, is_main)).collect()
}

/// One topic. Routes are filters themselves, so a filter behind one is nobody's loss.
fn check_topic(seen: &Snapshot, topic: &str, is_main: bool) -> Vec<Finding> {
    let resource = format!("topic {topic}");
    let subscriptions = match seen.topics.get(topic) {
        Some(Ok(subscriptions)) => subscriptions,
        Some(Err(why)) if why.is_absent() => return vec![MISSING.of(resource, "it does not exist")],
        Some(Err(why)) => return vec![not_checked(CHECK, resource, why)],
        None => return Vec::new(),
    };
    let mut found = Vec::new();
    let confirmed: Vec<&SubscriptionSeen> = subscriptions.iter().filter(|each| !each.is_pending).collect();
    if confirmed.is_empty() {
        found.push(UNHEARD.of(resource.clone(), "it has no confirmed subscription"));
    } else if is_main && !confirmed.iter().any(|each| each.is_filtered == Ok(false)) {
        let unread: Vec<_> = confirmed.iter().filter_map(|each| each.is_filtered.as_ref().err()).collect();
        if let Some(why) = unread.first() {
            found.push(not_checked(CHECK, format!("filters of {resource}"), why));
        } else {
            let what = format!("all of its {} confirmed subscriptions have a filter policy", confirmed.len());
            found.push(FILTERED.of(resource.clone(), what));
        }
    }
    for each in subscriptions.iter().filter(|each| each.is_pending) {
        let what = format!("{} ({}) is not confirmed", each.endpoint, each.protocol);
        found.push(PENDING.of(resource.clone(), what));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Case, subscription, topic};
    use super::check;

    #[test]
    fn each_finding_and_its_absence() {
        let cases: [(Case, &[&str]); 8] = [
            (|_| {}, &[]),
            (|seen| *topic(seen) = Err(testing::absent()), &["topic-missing"]),
            (|seen| *topic(seen) = Ok(vec![]), &["nobody-subscribed"]),
            (
                |seen| *topic(seen) = Ok(vec![subscription(true, Ok(false))]),
                &["nobody-subscribed", "subscription-pending"],
            ),
            (|seen| *topic(seen) = Ok(vec![subscription(false, Ok(true))]), &["all-filtered"]),
            (
                |seen| *topic(seen) = Ok(vec![subscription(false, Ok(true)), subscription(false, Ok(false))]),
                &[],
            ),
            (
                |seen| {
                    let unread = Err(testing::denied("a:Filter"));
                    *topic(seen) = Ok(vec![subscription(false, Ok(true)), subscription(false, unread)]);
                },
                &["not-checked"],
            ),
            (
                |seen| {
                    testing::route(seen);
                    let pages = "arn:aws:sns:eu-west-1:111122223333:pages";
                    seen.topics.insert(pages.into(), Ok(vec![subscription(false, Ok(true))]));
                },
                &[],
            ),
        ];
        testing::hold(check, &cases);
    }
}
