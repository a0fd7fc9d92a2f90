//! The environment variables: names, defaults and meanings in one table, which is also the README's.

use crate::drain::settings::{DEFAULT_CLUSTER_TAG, DEFAULT_HOOKS};
use crate::metrics::DEFAULT_NAMESPACE;

/// One variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds without it; empty where it is required.
    pub default: &'static str,
    /// What it does, as one line.
    pub meaning: &'static str,
}

/// Every variable of ours, and those of AWS that we honour.
pub const VARIABLES: &[Variable] = &[
    Variable { name: ALERT_TOPIC_ARN, default: "", meaning: "The SNS topic alerts go to. Required." },
    Variable {
        name: ALERT_TABLE,
        default: "none",
        meaning: "task-monitor, service-monitor, volume-monitor, instance-monitor and cluster-audit: the DynamoDB table that knows the open incidents. Without it every alert is published, and nothing is grouped.",
    },
    Variable {
        name: ENRICH_TIME,
        default: "2s",
        meaning: "task-monitor: what looking up the context of one alert may take (log lines, task definition, memory); `0s` looks up nothing.",
    },
    Variable {
        name: VERDICT_BUS,
        default: "none",
        meaning: "task-monitor, service-monitor, volume-monitor, instance-monitor and cluster-audit: an EventBridge bus, by name or ARN, that gets every verdict as an event.",
    },
    Variable {
        name: POLICY_FILE,
        default: "none",
        meaning: "A policy.toml in the function's package, relative to its root, or an absolute path.",
    },
    Variable {
        name: POLICY,
        default: "none",
        meaning: "The policy itself, as TOML text; not together with POLICY_FILE.",
    },
    Variable {
        name: HTTPS_BODY,
        default: "json",
        meaning: "What HTTPS subscribers get: `json`, or `chat` for Amazon Q Developer in chat applications.",
    },
    Variable {
        name: METRICS,
        default: "emf",
        meaning: "`emf` writes metrics to the log (CloudWatch extracts them), `api` calls PutMetricData, `off` neither.",
    },
    Variable {
        name: METRICS_NAMESPACE,
        default: DEFAULT_NAMESPACE,
        meaning: "The CloudWatch namespace of the metrics.",
    },
    Variable {
        name: LOG_LEVEL,
        default: "info",
        meaning: "`error`, `warn` or `info`, or by target, such as `warn,shared=info`; `debug` and `trace` are in debug builds only. `AWS_LAMBDA_LOG_LEVEL` counts where this is not set.",
    },
    Variable {
        name: TRUST_ROOTS,
        default: "amazon",
        meaning: "`amazon` trusts the five roots AWS's endpoints use; `system` the store of the host, for a proxy that opens TLS.",
    },
    Variable {
        name: DRAIN_HOOKS,
        default: DEFAULT_HOOKS,
        meaning: "instance-drain: patterns over the names of the lifecycle hooks it answers, between commas. Other hooks are left alone, and `ecs-managed-draining-termination-hook` in any case.",
    },
    Variable {
        name: DRAIN_CLUSTERS,
        default: "all",
        meaning: "instance-drain: the clusters instances may be in, by name or ARN, between commas, where neither hook nor group names one.",
    },
    Variable {
        name: DRAIN_CLUSTER_TAG,
        default: DEFAULT_CLUSTER_TAG,
        meaning: "instance-drain: the key of the Auto Scaling group's tag that names its cluster.",
    },
    Variable {
        name: DRAIN_GROUPS,
        default: "all",
        meaning: "instance-drain: `tagged` looks at each tick only at groups that have that tag; `all` at all.",
    },
    Variable {
        name: VOLUME_CLUSTERS,
        default: "all",
        meaning: "volume-monitor: the clusters whose instances' volumes it looks at, by name or ARN, between commas.",
    },
    Variable {
        name: AUDIT_CLUSTERS,
        default: "all",
        meaning: "cluster-audit: the clusters it looks at, by name or ARN, between commas.",
    },
    Variable {
        name: AUDIT_READ_PERCENT,
        default: "95",
        meaning: "cluster-audit: the share of what ECS lets an account read that it reads with, 1 to 100; of the reads of cluster resources that share of what instance-drain leaves.",
    },
    Variable { name: AWS_REGION, default: "", meaning: "Set by Lambda." },
    Variable {
        name: AWS_ACCESS_KEY_ID,
        default: "",
        meaning: "Set by Lambda, with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
    },
    Variable {
        name: AWS_ENDPOINT_URL,
        default: "AWS",
        meaning: "Another endpoint for every service, for tests; AWS_ENDPOINT_URL_SNS, AWS_ENDPOINT_URL_CLOUDWATCH, AWS_ENDPOINT_URL_ECS, AWS_ENDPOINT_URL_AUTO_SCALING, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS, AWS_ENDPOINT_URL_EVENTBRIDGE, AWS_ENDPOINT_URL_SSM and AWS_ENDPOINT_URL_EC2 for one.",
    },
];

/// The alert topic.
pub const ALERT_TOPIC_ARN: &str = "ALERT_TOPIC_ARN";
/// The incidents' table.
pub const ALERT_TABLE: &str = "ALERT_TABLE";
/// The time for looking up context.
pub const ENRICH_TIME: &str = "ENRICH_TIME";
/// The verdicts' bus.
pub const VERDICT_BUS: &str = "VERDICT_BUS";
/// The policy's file.
pub const POLICY_FILE: &str = "POLICY_FILE";
/// The policy's text.
pub const POLICY: &str = "POLICY";
/// The form for HTTPS subscribers.
pub const HTTPS_BODY: &str = "HTTPS_BODY";
/// Where metrics go.
pub const METRICS: &str = "METRICS";
/// The metrics' namespace.
pub const METRICS_NAMESPACE: &str = "METRICS_NAMESPACE";
/// The log level.
pub const LOG_LEVEL: &str = "LOG_LEVEL";
/// The trusted certificate authorities.
pub const TRUST_ROOTS: &str = "TRUST_ROOTS";
/// Our hooks' names.
pub const DRAIN_HOOKS: &str = "DRAIN_HOOKS";
/// The clusters to look in.
pub const DRAIN_CLUSTERS: &str = "DRAIN_CLUSTERS";
/// The tag that names a cluster.
pub const DRAIN_CLUSTER_TAG: &str = "DRAIN_CLUSTER_TAG";
/// The groups to look at.
pub const DRAIN_GROUPS: &str = "DRAIN_GROUPS";
/// The clusters whose volumes are looked at.
pub const VOLUME_CLUSTERS: &str = "VOLUME_CLUSTERS";
/// The clusters that are audited.
pub const AUDIT_CLUSTERS: &str = "AUDIT_CLUSTERS";
/// The audit's share of the account's reads.
pub const AUDIT_READ_PERCENT: &str = "AUDIT_READ_PERCENT";
/// The region.
pub const AWS_REGION: &str = "AWS_REGION";
/// The key's id.
pub const AWS_ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// The key.
pub const AWS_SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// The session of the key; a role always has one.
pub const AWS_SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
/// Another endpoint for every service.
pub const AWS_ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
