//! Reading `[[route]]`.

use serde::Deserialize;
use toml::Spanned;

use super::{Check, line_of};
use crate::event::arn::Arn;
use crate::policy::route::Route;
use crate::verdict::Severity;

/// A `[[route]]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RouteTable {
    /// A topic's ARN.
    topic: Option<String>,
    /// A pattern over the cluster's name.
    cluster: Option<String>,
    /// A pattern over the service's name.
    service: Option<String>,
    /// A pattern over the task definition's family.
    family: Option<String>,
    /// Severities.
    #[serde(default)]
    severity: Vec<String>,
    /// Causes.
    #[serde(default)]
    causes: Vec<String>,
}

impl Check<'_> {
    /// Reads a `[[route]]`.
    pub(super) fn route(&mut self, table: Spanned<toml::Value>) -> Option<Route> {
        let line = line_of(self.text, &table.span());
        let (place, table) = self.table::<RouteTable>("route", table)?;
        if table.topic.is_none() {
            self.wrong(&place, "needs a `topic`, the ARN of an SNS topic");
        }
        if let Some(problem) = table.topic.as_deref().and_then(problem_of) {
            self.wrong(&place, &problem);
        }
        let scope = self.scope(&place, [table.cluster, table.service, table.family]);
        let severities = table.severity.iter().filter_map(|word| self.loud(&place, word)).collect();
        let causes = table.causes.iter().filter_map(|cause| self.cause(&place, cause)).collect();
        Some(Route { line, topic: table.topic?, scope, severities, causes })
    }

    /// A severity somebody is told of.
    fn loud(&mut self, place: &str, word: &str) -> Option<Severity> {
        let known = Severity::ALL.iter().copied().find(|known| known.word() == word);
        let loud = known.filter(|severity| *severity > Severity::Info);
        if loud.is_none() {
            self.wrong(place, &format!("`severity`: `{word}` is none of low, medium, high"));
        }
        loud
    }
}

/// What is wrong with a topic, where something is. A name has letters, digits, `_` and `-`
/// (<https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>); a FIFO topic ends in `.fifo` and asks
/// for message groups, which alerts have none of.
fn problem_of(topic: &str) -> Option<String> {
    if topic.strip_suffix(".fifo").is_some() {
        return Some(format!("`topic`: `{topic}` is a FIFO topic; alerts need a standard one"));
    }
    let is_topic = Arn::parse(topic).is_some_and(|arn| {
        let in_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        arn.partition.starts_with("aws")
            && arn.service == "sns"
            && !arn.region.is_empty()
            && arn.account.len() == 12
            && arn.account.bytes().all(|digit| digit.is_ascii_digit())
            && (1..=256).contains(&arn.resource.len())
            && arn.resource.chars().all(in_name)
    });
    (!is_topic).then(|| format!("`topic`: `{topic}` is not the ARN of an SNS topic"))
}
