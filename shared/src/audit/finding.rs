//! What a check finds, and how it becomes an alert.

use std::time::Duration;

use super::seen::{Cluster, Instance};
use crate::alert::incident::watch::Found;
use crate::alert::{Alert, Subject};
use crate::event::Timestamp;
use crate::event::arn::{Arn, last_part};
use crate::judge::Finding;
use crate::judge::about::{About, conclude};
use crate::policy::Policy;
use crate::verdict::{Cause, Severity};

/// What a state is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thing {
    /// The service's name.
    pub service: Option<String>,
    /// The service's ARN.
    pub service_arn: Option<String>,
    /// The family of a job.
    pub family: Option<String>,
    /// The EC2 instance.
    pub ec2_instance: Option<String>,
    /// The container instance's ARN.
    pub container_instance: Option<String>,
    /// What else tells it from others of its cluster and cause.
    pub part: Option<String>,
    /// It as the subject of a sentence, without its cluster: `Service web`.
    pub words: String,
}

impl Thing {
    /// A container instance, with the EC2 instance under it.
    #[must_use]
    pub fn of(instance: &Instance) -> Self {
        Self {
            ec2_instance: instance.ec2_instance.clone(),
            container_instance: Some(instance.arn.clone()),
            part: Some(instance.id().to_owned()),
            words: format!("Instance {}", instance.id()),
            ..Self::default()
        }
    }
}

/// A state that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What it is of.
    pub thing: Thing,
    /// What is wrong, before the policy has its say.
    pub finding: Finding,
    /// What was seen, in order.
    pub facts: Vec<String>,
    /// How long it has to last before people are told.
    pub grace: Duration,
}

impl State {
    /// A state without facts that people are told of once it has lasted for `grace`. `summary` is a sentence whose
    /// subject is the thing.
    #[must_use]
    pub fn new(thing: Thing, cause: Cause, severity: Severity, summary: String, grace: Duration) -> Self {
        Self { thing, finding: Finding::new(cause, severity, summary), facts: Vec::new(), grace }
    }

    /// With what was seen.
    #[must_use]
    pub fn with(mut self, facts: impl IntoIterator<Item = String>) -> Self {
        self.facts.extend(facts);
        self
    }

    /// What is told of it, under the policy. `cluster`: where it is; none where it is of no cluster alone.
    #[must_use]
    pub fn found(self, cluster: Option<&Cluster>, policy: &Policy, now: Timestamp) -> Found {
        let Self { thing, finding, facts, grace } = self;
        let words = match cluster {
            Some(cluster) if !thing.words.is_empty() => format!("{} on {}", thing.words, cluster.name),
            Some(cluster) => format!("Cluster {}", cluster.name),
            None => thing.words.clone(),
        };
        let about = About {
            cluster: cluster.map(|cluster| cluster.name.as_str()),
            service: thing.service.as_deref(),
            family: thing.family.as_deref(),
            part: thing.part.as_deref(),
            in_words: words,
        };
        let verdict = conclude(&about, policy, now, finding, facts);
        Found { alert: Alert::new(verdict, subject(thing, cluster)), grace }
    }
}

/// What an alert names.
fn subject(thing: Thing, cluster: Option<&Cluster>) -> Subject {
    let arn = cluster.and_then(|cluster| Arn::parse(&cluster.arn));
    let owned = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Subject {
        partition: arn.and_then(|arn| owned(arn.partition)),
        account: arn.and_then(|arn| owned(arn.account)),
        region: arn.and_then(|arn| owned(arn.region)),
        cluster: cluster.map(|cluster| cluster.name.clone()),
        service: thing.service,
        service_arn: thing.service_arn,
        family: thing.family,
        container_instance: thing.container_instance.as_deref().map(|arn| last_part(arn).to_owned()),
        ec2_instance: thing.ec2_instance,
        ..Subject::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Cluster, Duration, Policy, Severity, State, Thing, Timestamp};

    #[test]
    fn an_alert_names_what_it_is_about() {
        let arn = "arn:aws:ecs:eu-central-1:111122223333:cluster/harbor";
        let cluster = Cluster { arn: arn.into(), name: "harbor".into(), ..Cluster::default() };
        let thing = Thing { service: Some("web".into()), words: "Service web".into(), ..Thing::default() };
        let state = || {
            State::new(
                thing.clone(),
                Cause::ServiceBelowDesired,
                Severity::High,
                "should run 1 task and runs none.".into(),
                Duration::ZERO,
            )
        };
        let now = Timestamp::from_millis(0);
        let alert = state().found(Some(&cluster), &Policy::default(), now).alert;
        assert_eq!(alert.verdict.summary, "Service web on harbor should run 1 task and runs none.");
        assert_eq!(alert.verdict.fingerprint, "harbor/web/service-below-desired/-/-");
        assert_eq!(alert.subject.region.as_deref(), Some("eu-central-1"));
        let quiet = Policy::parse("[[rule]]\nservice = \"web\"\nquiet = \"being built\"").unwrap();
        assert!(!state().found(Some(&cluster), &quiet, now).alert.verdict.is_alert());
    }
}
