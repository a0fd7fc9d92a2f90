//! Judging what ECS says of a service, a deployment, a daemon or a deployment hook: total and pure.
//!
//! What happened is told by `eventName` alone. `eventType` says `INFO` of a rollback, and one sees it of placement
//! failures; it counts only where the name is not known.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html>.

mod deployment;
mod impaired;
mod placement;
mod repeat;
mod start;
mod steady;
mod throttled;
mod unknown;

use super::about::{About, written};
use super::explain::Answer;
use super::{Cause, Finding, Verdict, under_policy};
use crate::event::{ServiceEvent, Timestamp};
use crate::policy::Policy;

/// What judging needs to know beside the event.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// When it happened, or the present: the time mute windows are held against.
    pub now: Timestamp,
    /// Whether this very occurrence was judged before, by [`ServiceEvent::key`].
    pub was_seen: bool,
}

/// An event as the rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The event.
    pub event: &'a ServiceEvent,
    /// Whether it was judged before.
    pub was_seen: bool,
    /// Its name, without blanks around it; empty where there is none.
    pub name: &'a str,
    /// ECS's text; empty where there is none.
    pub reason: &'a str,
}

impl<'a> Report<'a> {
    /// Looks at an event.
    #[must_use]
    pub fn new(event: &'a ServiceEvent, context: Context) -> Self {
        let name = event.event_name.as_deref().unwrap_or_default().trim();
        let reason = event.reason.as_deref().unwrap_or_default().trim();
        Self { event, was_seen: context.was_seen, name, reason }
    }

    /// Whether the reason has one of these words in it, in any case.
    fn says(&self, words: &[&str]) -> bool {
        let reason = self.reason.to_ascii_lowercase();
        words.iter().any(|word| reason.contains(word))
    }

    /// The fields a verdict rests on, as evidence.
    fn facts(&self) -> Vec<String> {
        let event = self.event;
        let text = |label: &str, text: &Option<Box<str>>| Some(format!("{label} {}", text.as_deref()?));
        let list = |label: &str, list: &[Box<str>]| {
            let more = list.len().saturating_sub(1);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            Some(format!("{label} {}{more}", list.first()?))
        };
        [
            Some(text("eventName", &event.event_name).unwrap_or_else(|| "no eventName".to_owned())),
            text("eventType", &event.event_type),
            text("reason:", &event.reason),
            text("failureType", &event.failure_type),
            text("lifecycleStage", &event.lifecycle_stage),
            text("deployment", &event.deployment_id),
            list("capacity provider", &event.capacity_provider_arns),
            list("container instance", &event.container_instance_arns),
            text("container instance", &event.container_instance_arn),
            list("EC2 instance", &event.ec2_instance_ids),
            event.desired_count.map(|count| format!("desired count {count}")),
            text("createdAt", &event.created_at),
            text("updatedAt", &event.updated_at),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// One rule of the order.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, as `steward explain` prints it.
    pub name: &'static str,
    /// What it asks.
    pub question: &'static str,
    /// Its answer: a finding, or nothing where the next rule is to be tried.
    pub apply: fn(&Report<'_>) -> Option<Finding>,
}

/// The order of judgement. The first that finds something decides, and the last rule answers always.
pub const RULES: &[Rule] = &[
    Rule { name: "repeat", question: "Was this very event judged before?", apply: repeat::apply },
    Rule {
        name: "deployment",
        question: "Did a deployment fail, or is it rolled back?",
        apply: deployment::apply,
    },
    Rule { name: "placement", question: "Was there no place for a task?", apply: placement::apply },
    Rule { name: "start", question: "Do tasks not start?", apply: start::apply },
    Rule { name: "impaired", question: "Are targets or instances unhealthy?", apply: impaired::apply },
    Rule { name: "throttled", question: "Was the scheduler throttled?", apply: throttled::apply },
    Rule { name: "steady", question: "Does all go its way?", apply: steady::apply },
    Rule {
        name: "unknown-name",
        question: "None of these: quiet only where ECS calls it INFO.",
        apply: |report| Some(unknown::finding(report)),
    },
];

/// Judges an event. Never fails: what no rule knows is quiet only where ECS calls it `INFO`.
#[must_use]
pub fn judge(event: &ServiceEvent, policy: &Policy, context: Context) -> Verdict {
    explain(event, policy, context).1
}

/// Every rule that was asked, up to the one that decided, and the verdict.
#[must_use]
pub fn explain(event: &ServiceEvent, policy: &Policy, context: Context) -> (Vec<Answer>, Verdict) {
    let report = Report::new(event, context);
    let mut answers = Vec::with_capacity(RULES.len());
    for rule in RULES {
        let found = (rule.apply)(&report);
        answers.push(Answer { rule: rule.name, question: rule.question, found: found.clone() });
        if let Some(finding) = found {
            return (answers, verdict(&report, policy, context, finding));
        }
    }
    (answers, verdict(&report, policy, context, unknown::finding(&report)))
}

/// Writes a finding out, after the policy had its say.
fn verdict(report: &Report<'_>, policy: &Policy, context: Context, mut finding: Finding) -> Verdict {
    let event = report.event;
    if finding.cause != Cause::Duplicate {
        let applied = policy.apply_to_names([event.cluster(), event.service(), None]);
        finding = under_policy(&applied, context.now, finding);
    }
    let about = About {
        cluster: event.cluster(),
        service: event.service(),
        in_words: subject_in_words(event),
        ..About::default()
    };
    written(&about, finding, report.facts())
}

/// `Service web on harbor`, `Daemon agent on harbor`, `A service`.
fn subject_in_words(event: &ServiceEvent) -> String {
    let what = match (event.service(), event.is_of_a_daemon()) {
        (Some(name), true) => format!("Daemon {name}"),
        (Some(name), false) => format!("Service {name}"),
        (None, true) => "A daemon".to_owned(),
        (None, false) => "A service".to_owned(),
    };
    match event.cluster() {
        Some(cluster) => format!("{what} on {cluster}"),
        None => what,
    }
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
