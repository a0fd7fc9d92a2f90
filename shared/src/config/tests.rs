//! Defaults, precedence, and every error at once.

use std::collections::HashMap;

use super::{Config, MetricsMode, PolicySource, TrustRoots, Vars, variables::VARIABLES};
use crate::alert::HttpsBody;
use crate::drain::settings::Settings;

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
    vars.0.insert("AWS_ENDPOINT_URL_ECS", "http://127.0.0.1:3");
    vars.0.insert("AWS_ENDPOINT_URL_AUTO_SCALING", "http://127.0.0.1:4");
    let aws = Config::from_vars(&vars).expect("a config").aws;
    let endpoints = [aws.sns_endpoint, aws.cloudwatch_endpoint, aws.ecs_endpoint, aws.auto_scaling_endpoint];
    let ports = [2, 1, 3, 4].map(|port| Some(format!("http://127.0.0.1:{port}")));
    assert_eq!(endpoints, ports, "all but CloudWatch have one of their own");
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
fn the_time_for_context_is_a_span() {
    let mut vars = lambda();
    let time = |vars: &Table| Config::from_vars(vars).map(|config| config.enrich_time.as_millis());
    assert_eq!(time(&vars), Ok(2_000));
    vars.0.insert("ENRICH_TIME", "0s");
    assert_eq!(time(&vars), Ok(0));
    vars.0.insert("ENRICH_TIME", "soon");
    let errors = time(&vars).expect_err("an error");
    assert!(errors[0].starts_with("ENRICH_TIME: `soon` is no span of time such as 2s"), "{errors:?}");
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

#[test]
fn the_drains_settings_are_lists_between_commas() {
    let mut vars = lambda();
    let defaults = Config::from_vars(&vars).expect("a config").drain;
    assert_eq!(defaults, Settings::default());
    vars.0.insert("DRAIN_HOOKS", " drain-*, ,old-hook ");
    vars.0.insert("DRAIN_CLUSTERS", "harbor,arn:aws:ecs:eu-west-1:111122223333:cluster/dock");
    vars.0.insert("DRAIN_GROUPS", "Tagged");
    let drain = Config::from_vars(&vars).expect("a config").drain;
    assert!(drain.is_ours("drain-web") && drain.is_ours("old-hook") && !drain.is_ours("ecs-steward"));
    assert_eq!(drain.clusters, ["harbor", "arn:aws:ecs:eu-west-1:111122223333:cluster/dock"]);
    assert!(drain.only_tagged);
    vars.0.insert("DRAIN_GROUPS", "some");
    vars.0.insert("DRAIN_CLUSTERS", "harbor_1,*,arn:aws:ecs:eu-west-1:111122223333:service/harbor/web");
    let errors = Config::from_vars(&vars).expect_err("an error");
    let of_cluster = |word: &str| format!("DRAIN_CLUSTERS: `{word}` is no cluster's name or ARN");
    let service = of_cluster("arn:aws:ecs:eu-west-1:111122223333:service/harbor/web");
    let of_groups = "DRAIN_GROUPS: `some` is none of all, tagged".to_owned();
    assert_eq!(errors, [of_cluster("*"), service, of_groups]);
}

#[test]
fn all_clusters_are_none_by_name() {
    let mut vars = lambda();
    for all in ["all", " all ", "", ","] {
        vars.0.insert("DRAIN_CLUSTERS", all);
        assert!(Config::from_vars(&vars).expect("a config").drain.clusters.is_empty(), "{all:?}");
    }
}

#[test]
fn the_audits_settings_are_clusters_and_a_share() {
    let mut vars = lambda();
    let defaults = Config::from_vars(&vars).expect("a config").audit;
    assert_eq!((defaults.clusters.is_empty(), defaults.read_percent), (true, 95));
    vars.0.insert("AUDIT_CLUSTERS", "harbor, dock");
    vars.0.insert("AUDIT_READ_PERCENT", "40");
    let audit = Config::from_vars(&vars).expect("a config").audit;
    assert_eq!((audit.clusters, audit.read_percent), (vec!["harbor".to_owned(), "dock".to_owned()], 40));
    for wrong in ["0", "101", "-1", "half", "5.5"] {
        vars.0.insert("AUDIT_READ_PERCENT", wrong);
        let errors = Config::from_vars(&vars).expect_err("an error");
        assert_eq!(errors, [format!("AUDIT_READ_PERCENT: `{wrong}` is no number from 1 to 100")]);
    }
    vars.0.insert("AUDIT_READ_PERCENT", "1");
    vars.0.insert("AUDIT_CLUSTERS", "*");
    let errors = Config::from_vars(&vars).expect_err("an error");
    assert_eq!(errors, ["AUDIT_CLUSTERS: `*` is no cluster's name or ARN"]);
}
