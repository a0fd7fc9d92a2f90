//! Rules of the default event bus, by what they send to.

use super::seen::{Read, RuleSeen, TargetSeen};
use super::{Account, MOST_PAGES, not_read, odd};

/// Rules of a target, as an IAM action.
const LIST_RULES: &str = "events:ListRuleNamesByTarget";
/// Targets of a rule, as an IAM action.
const LIST_TARGETS: &str = "events:ListTargetsByRule";

impl Account {
    /// `ListRuleNamesByTarget`, `DescribeRule` and `ListTargetsByRule`: the rules that send to a target.
    ///
    /// # Errors
    /// Where the rules could not be listed or described; targets have an answer of their own.
    pub async fn rules_to(&self, target: &str) -> Read<Vec<RuleSeen>> {
        let mut seen = Vec::new();
        for name in self.rule_names(target).await? {
            let reply = self.events.describe_rule().name(&name).send().await;
            let reply = reply.map_err(not_read("events:DescribeRule"))?;
            seen.push(RuleSeen {
                targets: self.targets(&name).await,
                state: reply.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
                schedule: reply.schedule_expression.filter(|text| !text.is_empty()),
                pattern: reply.event_pattern.filter(|text| !text.is_empty()),
                name,
            });
        }
        Ok(seen)
    }

    /// The names of the rules that send to a target.
    async fn rule_names(&self, target: &str) -> Read<Vec<String>> {
        let (mut names, mut next) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let call = self.events.list_rule_names_by_target().target_arn(target).set_next_token(next);
            let reply = call.send().await.map_err(not_read(LIST_RULES))?;
            names.extend(reply.rule_names.unwrap_or_default());
            next = reply.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(names);
            }
        }
        Err(odd(LIST_RULES, "the list has no end"))
    }

    /// All targets of a rule.
    async fn targets(&self, rule: &str) -> Read<Vec<TargetSeen>> {
        let (mut targets, mut next) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let call = self.events.list_targets_by_rule().rule(rule).set_next_token(next);
            let reply = call.send().await.map_err(not_read(LIST_TARGETS))?;
            targets.extend(reply.targets.unwrap_or_default().into_iter().map(|target| TargetSeen {
                id: target.id,
                arn: target.arn,
                dead_letters: target.dead_letter_config.and_then(|config| config.arn),
            }));
            next = reply.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(targets);
            }
        }
        Err(odd(LIST_TARGETS, "the list has no end"))
    }
}
