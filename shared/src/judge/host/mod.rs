//! Judging what ECS, EC2 and AWS Health say of hosts: total and pure.
//!
//! An event alone seldom says whether something is wrong: an agent comes back, an instance ends because Auto Scaling
//! ends it. So what is worth an alert is judged once more with what is [known] beyond the event, and some of it waits
//! (see [`FollowUp`]).

mod agent;
mod ending;
pub mod follow_up;
mod impaired;
pub mod known;
mod notice;
mod rebalance;
mod recognised;
mod repeat;
mod report;
mod spot;
mod unremarkable;

pub use follow_up::FollowUp;
pub use known::{Keeper, Known, KnownHosts, Member, Membership};
pub use recognised::{key_of, version_of};
pub use report::{Happening, Report};

use super::about::{About, conclude, written};
use super::explain::Answer;
use super::{Cause, Finding, Verdict};
use crate::event::Timestamp;
use crate::policy::Policy;

/// What judging needs to know beside the event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// When it happened, or the present: the time mute windows are held against.
    pub now: Timestamp,
    /// How long ago it happened, in milliseconds, where the present is known.
    pub age_millis: Option<i64>,
    /// The highest version of this container instance that was judged before.
    pub last_version: Option<i64>,
    /// Whether this very message was judged before.
    pub was_seen: bool,
    /// Whether an alert can wait; without an alert table it cannot.
    pub can_wait: bool,
    /// What is known beyond the event.
    pub known: &'a KnownHosts,
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
    Rule { name: "repeat", question: "Was this, or something later, judged before?", apply: repeat::apply },
    Rule { name: "agent", question: "Has an instance that takes tasks lost its agent?", apply: agent::apply },
    Rule { name: "impaired", question: "Do health checks fail, or say nothing?", apply: impaired::apply },
    Rule { name: "spot", question: "Is Spot capacity taken back?", apply: spot::apply },
    Rule { name: "rebalance", question: "May Spot capacity be taken back?", apply: rebalance::apply },
    Rule {
        name: "ending",
        question: "Does an instance end without Auto Scaling or ECS?",
        apply: ending::apply,
    },
    Rule { name: "notice", question: "Does AWS Health plan or report something?", apply: notice::apply },
    Rule {
        name: "unremarkable",
        question: "None of these: all goes its way.",
        apply: |report| Some(unremarkable::finding(report)),
    },
];

/// Judges an event. Never fails.
#[must_use]
pub fn judge(happening: Happening<'_>, policy: &Policy, context: Context<'_>) -> Verdict {
    explain(happening, policy, context).1
}

/// Every rule that was asked, up to the one that decided, and the verdict.
#[must_use]
pub fn explain(happening: Happening<'_>, policy: &Policy, context: Context<'_>) -> (Vec<Answer>, Verdict) {
    let report = Report::new(happening, context);
    let mut answers = Vec::with_capacity(RULES.len());
    for rule in RULES {
        let found = (rule.apply)(&report);
        answers.push(Answer { rule: rule.name, question: rule.question, found: found.clone() });
        if let Some(finding) = found {
            return (answers, verdict(&report, policy, finding));
        }
    }
    (answers, verdict(&report, policy, unremarkable::finding(&report)))
}

/// Writes a finding out, after the policy had its say.
fn verdict(report: &Report<'_>, policy: &Policy, finding: Finding) -> Verdict {
    let about = about(report);
    if finding.cause == Cause::Duplicate {
        return written(&about, finding, report.facts());
    }
    conclude(&about, policy, report.context.now, finding, report.facts())
}

/// What a report is about. An instance of which nobody knows whether it is a container instance has no incident of
/// its own: there may be hundreds of them.
fn about<'a>(report: &'a Report<'_>) -> About<'a> {
    About {
        cluster: report.cluster(),
        service: report.service(),
        family: None,
        part: report.part(),
        in_words: report.in_words(),
    }
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
