//! What a role may do, by IAM's own simulation of its policies.
//!
//! Policies of resources (a queue's, a topic's key) and of the organisation are not all in it
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>).

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};

use super::seen::{Attempt, Read};
use super::{Account, not_read, odd};

/// The simulation, as an IAM action.
const SIMULATE: &str = "iam:SimulatePrincipalPolicy";

impl Account {
    /// `SimulatePrincipalPolicy`: which of the actions a role may not do.
    ///
    /// # Errors
    /// Where the simulation was not answered, or not for every action.
    pub async fn denied(&self, role: &str, attempt: &Attempt) -> Read<Vec<&'static str>> {
        let context = attempt.context.iter().map(|(key, value)| {
            let entry = ContextEntry::builder().context_key_name(*key).context_key_values(value);
            entry.context_key_type(ContextKeyTypeEnum::String).build()
        });
        let actions = attempt.actions.iter().map(|action| (*action).to_owned());
        let call = self
            .iam
            .simulate_principal_policy()
            .policy_source_arn(role)
            .set_action_names(Some(actions.collect()))
            .resource_arns(&attempt.resource)
            .set_context_entries(Some(context.collect()));
        let results: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let results = results.map_err(not_read(SIMULATE))?;
        let mut denied = Vec::new();
        for action in &attempt.actions {
            let result = results.iter().find(|result| result.eval_action_name.eq_ignore_ascii_case(action));
            match result {
                Some(result) if result.eval_decision == PolicyEvaluationDecisionType::Allowed => {}
                Some(_) => denied.push(*action),
                None => return Err(odd(SIMULATE, &format!("the reply does not speak of {action}"))),
            }
        }
        Ok(denied)
    }
}
