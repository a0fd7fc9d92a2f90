//! What the functions read from their environment: names, defaults and meanings in one table, which is
//! also the README's. Parsed whole, once, from an injected source; every error is told at once.

use crate::alert::HttpsBody;
use crate::event::arn::Arn;
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
    Variable { name: AWS_REGION, default: "", meaning: "Set by Lambda." },
    Variable {
        name: AWS_ACCESS_KEY_ID,
        default: "",
        meaning: "Set by Lambda, with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
    },
    Variable {
        name: AWS_ENDPOINT_URL,
        default: "AWS",
        meaning: "Another endpoint for every service, for tests; AWS_ENDPOINT_URL_SNS and AWS_ENDPOINT_URL_CLOUDWATCH for one.",
    },
];

/// The alert topic.
pub const ALERT_TOPIC_ARN: &str = "ALERT_TOPIC_ARN";
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
    /// Which certificate authorities are trusted.
    pub trust_roots: TrustRoots,
}

impl std::fmt::Debug for AwsAccess {
    /// Without the key and its session: they have no place in a log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AwsAccess").field("region", &self.region).finish_non_exhaustive()
    }
}

/// What `task-monitor` is told by its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let region = read.required(AWS_REGION);
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
            aws: AwsAccess {
                region,
                access_key_id: read.required(AWS_ACCESS_KEY_ID),
                secret_access_key: read.required(AWS_SECRET_ACCESS_KEY),
                session_token: read.optional(AWS_SESSION_TOKEN),
                sns_endpoint: read.endpoint("SNS"),
                cloudwatch_endpoint: read.endpoint("CLOUDWATCH"),
                trust_roots: read
                    .choice(TRUST_ROOTS, &[("amazon", TrustRoots::Amazon), ("system", TrustRoots::System)]),
            },
        };
        if read.errors.is_empty() { Ok(config) } else { Err(read.errors) }
    }
}

/// Reads variables and collects what is wrong with them.
struct Reader<'a, V> {
    /// Where they come from.
    vars: &'a V,
    /// What is wrong.
    errors: Vec<String>,
}

impl<V: Vars> Reader<'_, V> {
    /// A variable that may be missing; blank counts as missing.
    fn optional(&self, name: &str) -> Option<String> {
        self.vars.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A variable that may not.
    fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.errors.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// One of a few words.
    fn choice<T: Copy + Default>(&mut self, name: &str, words: &[(&str, T)]) -> T {
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

    /// The endpoint of one service, else that of all.
    fn endpoint(&mut self, service: &str) -> Option<String> {
        let own = format!("{AWS_ENDPOINT_URL}_{service}");
        let (name, url) = [own.as_str(), AWS_ENDPOINT_URL]
            .into_iter()
            .find_map(|name| Some((name, self.optional(name)?)))?;
        if !url.starts_with("http://") && !url.starts_with("https://") {
            self.errors.push(format!("{name}: `{url}` is not an http or https URL"));
        }
        Some(url)
    }

    /// The policy, from at most one place.
    fn policy(&mut self) -> PolicySource {
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Config, MetricsMode, PolicySource, TrustRoots, VARIABLES, Vars};
    use crate::alert::HttpsBody;

    struct Table(HashMap<&'static str, &'static str>);

    impl Vars for Table {
        fn get(&self, name: &str) -> Option<String> {
            self.0.get(name).map(|value| (*value).to_owned())
        }
    }

    fn lambda() -> Table {
        table(&[
            ("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ])
    }

    fn table(pairs: &[(&'static str, &'static str)]) -> Table {
        Table(pairs.iter().copied().collect())
    }

    #[test]
    fn the_defaults_hold() {
        let config = Config::from_vars(&lambda()).expect("a config");
        assert_eq!(
            (config.metrics, config.https, config.namespace.as_str()),
            (MetricsMode::Emf, HttpsBody::Json, "ecs-steward")
        );
        assert_eq!((config.policy, config.aws.trust_roots), (PolicySource::Defaults, TrustRoots::Amazon));
        assert_eq!(config.aws.sns_endpoint, None);
    }

    #[test]
    fn a_services_own_endpoint_comes_first() {
        let mut vars = lambda();
        vars.0.insert("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        vars.0.insert("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:2");
        let config = Config::from_vars(&vars).expect("a config");
        assert_eq!(config.aws.sns_endpoint.as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(config.aws.cloudwatch_endpoint.as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn every_error_is_told_at_once() {
        let vars = table(&[
            ("ALERT_TOPIC_ARN", "my-topic"),
            ("METRICS", "cloud"),
            ("POLICY", "x"),
            ("POLICY_FILE", "y"),
            ("TRUST_ROOTS", "none"),
            ("AWS_ENDPOINT_URL", "localhost:4566"),
            ("AWS_REGION", " "),
        ]);
        let errors = Config::from_vars(&vars).expect_err("all wrong").join("\n");
        for want in [
            "ALERT_TOPIC_ARN: `my-topic` is not the ARN of an SNS topic",
            "METRICS: `cloud` is none of emf, api, off",
            "POLICY_FILE and POLICY are both set",
            "TRUST_ROOTS: `none` is none of amazon, system",
            "AWS_ENDPOINT_URL: `localhost:4566` is not an http or https URL",
            "AWS_REGION is not set",
            "AWS_ACCESS_KEY_ID is not set",
            "AWS_SECRET_ACCESS_KEY is not set",
        ] {
            assert!(errors.contains(want), "{want} is missing in:\n{errors}");
        }
    }

    #[test]
    fn a_topic_that_can_never_work_fails_the_start() {
        for (arn, want) in [
            ("arn:aws:sns:eu-west-1:111122223333:alerts.fifo", "is a FIFO topic"),
            ("arn:aws:sns:eu-west-2:111122223333:alerts", "is not in this function's region, eu-west-1"),
        ] {
            let mut vars = lambda();
            vars.0.insert("ALERT_TOPIC_ARN", arn);
            assert!(Config::from_vars(&vars).expect_err(arn)[0].contains(want), "{arn}");
        }
    }

    #[test]
    fn a_key_is_never_in_a_debug_line() {
        let config = Config::from_vars(&lambda()).expect("a config");
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn each_variable_is_in_the_table_once() {
        let mut names: Vec<_> = VARIABLES.iter().map(|variable| variable.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), VARIABLES.len());
    }
}
