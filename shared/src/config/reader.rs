//! Reading variables one by one, collecting what is wrong with them.

use std::time::Duration;

use super::variables::{
    AUDIT_CLUSTERS, AUDIT_READ_PERCENT, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_REGION,
    AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, DRAIN_CLUSTER_TAG, DRAIN_CLUSTERS, DRAIN_GROUPS, DRAIN_HOOKS,
    POLICY, POLICY_FILE, TRUST_ROOTS,
};
use super::{AwsAccess, PolicySource, TrustRoots, Vars};
use crate::audit::settings::{AuditSettings, DEFAULT_READ_PERCENT};
use crate::drain::settings::Settings;
use crate::event::arn::Arn;
use crate::policy::Pattern;

/// Reads variables and collects what is wrong with them.
pub(super) struct Reader<'a, V> {
    /// Where they come from.
    pub(super) vars: &'a V,
    /// What is wrong.
    pub(super) errors: Vec<String>,
}

impl<V: Vars> Reader<'_, V> {
    /// A variable that may be missing; blank counts as missing.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        self.vars.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A variable that may not.
    pub(super) fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.errors.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy + Default>(&mut self, name: &str, words: &[(&str, T)]) -> T {
        let Some(value) = self.optional(name) else { return T::default() };
        let found = words.iter().find(|(word, _)| value.eq_ignore_ascii_case(word));
        found.map_or_else(
            || {
                let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                self.errors.push(format!("{name}: `{value}` is none of {}", known.join(", ")));
                T::default()
            },
            |(_, choice)| *choice,
        )
    }

    /// A span of time such as `2s` or `1500ms`; `0s` is one too.
    pub(super) fn duration(&mut self, name: &str, default: Duration) -> Duration {
        let Some(value) = self.optional(name) else { return default };
        humantime::parse_duration(&value).unwrap_or_else(|error| {
            self.errors.push(format!("{name}: `{value}` is no span of time such as 2s: {error}"));
            default
        })
    }

    /// The endpoint of one service, else that of all.
    pub(super) fn endpoint(&mut self, service: &str) -> Option<String> {
        let own = format!("{AWS_ENDPOINT_URL}_{service}");
        let (name, url) = [own.as_str(), AWS_ENDPOINT_URL]
            .into_iter()
            .find_map(|name| Some((name, self.optional(name)?)))?;
        if !url.starts_with("http://") && !url.starts_with("https://") {
            self.errors.push(format!("{name}: `{url}` is not an http or https URL"));
        }
        Some(url)
    }

    /// How AWS is reached.
    pub(super) fn aws(&mut self) -> AwsAccess {
        AwsAccess {
            region: self.required(AWS_REGION),
            access_key_id: self.required(AWS_ACCESS_KEY_ID),
            secret_access_key: self.required(AWS_SECRET_ACCESS_KEY),
            session_token: self.optional(AWS_SESSION_TOKEN),
            sns_endpoint: self.endpoint("SNS"),
            cloudwatch_endpoint: self.endpoint("CLOUDWATCH"),
            ecs_endpoint: self.endpoint("ECS"),
            auto_scaling_endpoint: self.endpoint("AUTO_SCALING"),
            dynamodb_endpoint: self.endpoint("DYNAMODB"),
            logs_endpoint: self.endpoint("CLOUDWATCH_LOGS"),
            eventbridge_endpoint: self.endpoint("EVENTBRIDGE"),
            ssm_endpoint: self.endpoint("SSM"),
            ec2_endpoint: self.endpoint("EC2"),
            lambda_endpoint: self.endpoint("LAMBDA"),
            sqs_endpoint: self.endpoint("SQS"),
            iam_endpoint: self.endpoint("IAM"),
            trust_roots: self
                .choice(TRUST_ROOTS, &[("amazon", TrustRoots::Amazon), ("system", TrustRoots::System)]),
        }
    }

    /// Which hooks and clusters are meant.
    pub(super) fn drain(&mut self) -> Settings {
        let defaults = Settings::default();
        let hooks = self.list(DRAIN_HOOKS);
        Settings {
            hooks: if hooks.is_empty() {
                defaults.hooks
            } else {
                hooks.iter().map(|hook| Pattern::new(hook)).collect()
            },
            clusters: self.clusters(DRAIN_CLUSTERS),
            cluster_tag: self.optional(DRAIN_CLUSTER_TAG).unwrap_or(defaults.cluster_tag),
            only_tagged: self.choice(DRAIN_GROUPS, &[("all", false), ("tagged", true)]),
        }
    }

    /// The clusters to look in, by name or ARN; none where all are meant.
    pub(super) fn clusters(&mut self, name: &str) -> Vec<String> {
        let clusters = self.list(name);
        if clusters == ["all"] {
            return Vec::new();
        }
        let wrong = clusters.iter().filter(|cluster| !is_cluster(cluster));
        let wrong: Vec<_> =
            wrong.map(|word| format!("{name}: `{word}` is no cluster's name or ARN")).collect();
        self.errors.extend(wrong);
        clusters
    }

    /// Which clusters are audited, and with how much of the account's reads.
    pub(super) fn audit(&mut self) -> AuditSettings {
        let clusters = self.clusters(AUDIT_CLUSTERS);
        let Some(text) = self.optional(AUDIT_READ_PERCENT) else {
            return AuditSettings { clusters, ..AuditSettings::default() };
        };
        let read_percent = text.parse().ok().filter(|percent| (1..=100).contains(percent));
        if read_percent.is_none() {
            self.errors.push(format!("{AUDIT_READ_PERCENT}: `{text}` is no number from 1 to 100"));
        }
        let read_percent = read_percent.unwrap_or(DEFAULT_READ_PERCENT);
        AuditSettings { clusters, read_percent }
    }

    /// Words between commas; blank ones do not count.
    fn list(&self, name: &str) -> Vec<String> {
        let text = self.optional(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// The policy, from at most one place.
    pub(super) fn policy(&mut self) -> PolicySource {
        match (self.optional(POLICY_FILE), self.optional(POLICY)) {
            (Some(_), Some(_)) => {
                self.errors.push(format!("{POLICY_FILE} and {POLICY} are both set: give one"));
                PolicySource::Defaults
            }
            (Some(file), None) => PolicySource::File(file),
            (None, Some(text)) => PolicySource::Text(text),
            (None, None) => PolicySource::Defaults,
        }
    }
}

/// Whether a text is the name or the ARN of a cluster. A pattern is neither: it would be a cluster that does not
/// exist, and hold every instance.
/// Source: `clusterName` in <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html>.
fn is_cluster(text: &str) -> bool {
    let name = match Arn::parse(text) {
        Some(arn) if arn.service == "ecs" => arn.resource.strip_prefix("cluster/"),
        Some(_) => None,
        None => Some(text),
    };
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(may_stand))
}
