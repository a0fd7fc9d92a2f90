//! What a check finds, and how it becomes an alert.

use std::time::Duration;

use super::seen::Instance;
use crate::judge::Finding;
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
}
