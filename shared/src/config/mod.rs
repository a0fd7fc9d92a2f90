//! What the functions read from their environment. Parsed whole, once, from an injected source; every
//! error is told at once.

mod reader;
pub mod variables;

use std::time::Duration;

use crate::alert::HttpsBody;
use crate::audit::settings::AuditSettings;
use crate::drain::settings::Settings;
use crate::event::arn::Arn;
use crate::metrics::DEFAULT_NAMESPACE;
use reader::Reader;
use variables::{
    ALERT_TABLE, ALERT_TOPIC_ARN, ENRICH_TIME, HTTPS_BODY, METRICS, METRICS_NAMESPACE, VERDICT_BUS,
    VOLUME_CLUSTERS,
};

/// What an alert's enrichment may take, unless the environment says otherwise.
const DEFAULT_ENRICH_TIME: Duration = Duration::from_secs(2);

/// Where variables come from: the process, or a table in tests.
pub trait Vars {
    /// The value of a variable; none where it is not set.
    fn get(&self, name: &str) -> Option<String>;
}

/// Where metrics go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsMode {
    /// The embedded metric format on stdout.
    #[default]
    Emf,
    /// `PutMetricData`.
    Api,
    /// Nowhere.
    Off,
}

/// Which certificate authorities are trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrustRoots {
    /// The five roots of AWS's endpoints, embedded.
    #[default]
    Amazon,
    /// The host's store.
    System,
}

/// Credentials and endpoints of AWS's APIs.
#[derive(Clone, PartialEq, Eq)]
pub struct AwsAccess {
    /// For example `eu-west-1`.
    pub region: String,
    /// The id of the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: String,
    /// The session of the key, where it has one.
    pub session_token: Option<String>,
    /// SNS's endpoint, where it is not AWS's.
    pub sns_endpoint: Option<String>,
    /// `CloudWatch`'s endpoint, where it is not AWS's.
    pub cloudwatch_endpoint: Option<String>,
    /// ECS's endpoint, where it is not AWS's.
    pub ecs_endpoint: Option<String>,
    /// Auto Scaling's endpoint, where it is not AWS's.
    pub auto_scaling_endpoint: Option<String>,
    /// DynamoDB's endpoint, where it is not AWS's.
    pub dynamodb_endpoint: Option<String>,
    /// CloudWatch Logs' endpoint, where it is not AWS's.
    pub logs_endpoint: Option<String>,
    /// EventBridge's endpoint, where it is not AWS's.
    pub eventbridge_endpoint: Option<String>,
    /// Systems Manager's endpoint, where it is not AWS's.
    pub ssm_endpoint: Option<String>,
    /// EC2's endpoint, where it is not AWS's.
    pub ec2_endpoint: Option<String>,
    /// Lambda's endpoint, where it is not AWS's; `steward doctor` alone calls it, and the next two.
    pub lambda_endpoint: Option<String>,
    /// SQS's endpoint, where it is not AWS's.
    pub sqs_endpoint: Option<String>,
    /// IAM's endpoint, where it is not AWS's.
    pub iam_endpoint: Option<String>,
    /// Which certificate authorities are trusted.
    pub trust_roots: TrustRoots,
}

impl std::fmt::Debug for AwsAccess {
    /// Without the key and its session: they have no place in a log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AwsAccess").field("region", &self.region).finish_non_exhaustive()
    }
}

/// What a function is told by its environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The SNS topic alerts go to.
    pub topic_arn: String,
    /// Where the policy is.
    pub policy: PolicySource,
    /// What HTTPS subscribers get.
    pub https: HttpsBody,
    /// Where metrics go.
    pub metrics: MetricsMode,
    /// The metrics' namespace.
    pub namespace: String,
    /// Which hooks and clusters `instance-drain` is to look after.
    pub drain: Settings,
    /// The DynamoDB table that knows the incidents; without one every alert is published.
    pub alert_table: Option<String>,
    /// What an alert's enrichment may take; zero where there is to be none.
    pub enrich_time: Duration,
    /// The EventBridge bus verdicts are put on, by name or ARN.
    pub verdict_bus: Option<String>,
    /// The clusters whose volumes `volume-monitor` looks at, by name or ARN; all of the account where this is empty.
    pub volume_clusters: Vec<String>,
    /// Which clusters `cluster-audit` looks at, and with how many calls.
    pub audit: AuditSettings,
    /// How AWS is reached.
    pub aws: AwsAccess,
}

/// Where the policy is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicySource {
    /// Nowhere: the defaults hold.
    Defaults,
    /// In a file.
    File(String),
    /// In a variable.
    Text(String),
}

impl AwsAccess {
    /// Reads only how AWS is reached.
    ///
    /// # Errors
    /// One line for each variable that is missing or wrong.
    pub fn from_vars(vars: &impl Vars) -> Result<Self, Vec<String>> {
        let mut read = Reader { vars, errors: Vec::new() };
        let aws = read.aws();
        if read.errors.is_empty() { Ok(aws) } else { Err(read.errors) }
    }
}

impl Config {
    /// Reads every variable before it answers.
    ///
    /// # Errors
    /// One line for each variable that is missing or wrong.
    pub fn from_vars(vars: &impl Vars) -> Result<Self, Vec<String>> {
        let mut read = Reader { vars, errors: Vec::new() };
        let topic_arn = read.required(ALERT_TOPIC_ARN);
        let is_topic = topic_arn.starts_with("arn:") && topic_arn.contains(":sns:");
        if !topic_arn.is_empty() && !is_topic {
            read.errors.push(format!("{ALERT_TOPIC_ARN}: `{topic_arn}` is not the ARN of an SNS topic"));
        }
        if topic_arn.strip_suffix(".fifo").is_some() {
            read.errors.push(format!(
                "{ALERT_TOPIC_ARN}: `{topic_arn}` is a FIFO topic; alerts need a standard one"
            ));
        }
        let aws = read.aws();
        let region = &aws.region;
        if is_topic && !region.is_empty() && Arn::parse(&topic_arn).is_some_and(|arn| arn.region != region) {
            read.errors
                .push(format!("{ALERT_TOPIC_ARN}: `{topic_arn}` is not in this function's region, {region}"));
        }
        let config = Self {
            topic_arn,
            policy: read.policy(),
            https: read.choice(HTTPS_BODY, &[("json", HttpsBody::Json), ("chat", HttpsBody::Chat)]),
            metrics: read.choice(
                METRICS,
                &[("emf", MetricsMode::Emf), ("api", MetricsMode::Api), ("off", MetricsMode::Off)],
            ),
            namespace: read.optional(METRICS_NAMESPACE).unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()),
            drain: read.drain(),
            alert_table: read.optional(ALERT_TABLE),
            enrich_time: read.duration(ENRICH_TIME, DEFAULT_ENRICH_TIME),
            verdict_bus: read.optional(VERDICT_BUS),
            volume_clusters: read.clusters(VOLUME_CLUSTERS),
            audit: read.audit(),
            aws,
        };
        if read.errors.is_empty() { Ok(config) } else { Err(read.errors) }
    }
}

#[cfg(test)]
mod tests;
