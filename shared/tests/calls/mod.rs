//! What the tests over HTTP share: AWS on loopback, and an executor.

use shared::aws::Aws;
use shared::config::{AwsAccess, TrustRoots};

/// AWS whose every service is at this endpoint.
pub fn aws(endpoint: &str) -> Aws {
    let access = AwsAccess {
        region: "eu-west-1".into(),
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: Some("session".into()),
        sns_endpoint: Some(endpoint.into()),
        cloudwatch_endpoint: Some(endpoint.into()),
        ecs_endpoint: Some(endpoint.into()),
        auto_scaling_endpoint: Some(endpoint.into()),
        dynamodb_endpoint: Some(endpoint.into()),
        logs_endpoint: Some(endpoint.into()),
        eventbridge_endpoint: Some(endpoint.into()),
        ssm_endpoint: Some(endpoint.into()),
        ec2_endpoint: Some(endpoint.into()),
        lambda_endpoint: Some(endpoint.into()),
        sqs_endpoint: Some(endpoint.into()),
        iam_endpoint: Some(endpoint.into()),
        trust_roots: TrustRoots::Amazon,
    };
    Aws::new(access).expect("clients")
}

/// Waits for a call, on one thread as Lambda does.
pub fn run<F: Future>(future: F) -> F::Output {
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an executor");
    executor.block_on(future)
}
