//! What `steward doctor` reads of an account: settings of what tells people, of what drains, and of what stands
//! around the two. Nothing here changes anything.
//!
//! A method reads all pages. What could not be read is an answer of its own, with the permission it takes.
//! Feature `doctor`.

mod clusters;
mod functions;
mod groups;
mod queues;
mod roles;
mod rules;
pub mod seen;
mod tables;
mod topics;

use std::error::Error;

use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};

use super::Aws;
use super::failure::api_error;
use seen::NotRead;

/// Pages of one list after which something is wrong: a hundred times a hundred.
const MOST_PAGES: usize = 100;

/// An account in one region, by the APIs of its services.
#[derive(Clone, Debug)]
pub struct Account {
    /// Groups and hooks.
    auto_scaling: aws_sdk_autoscaling::Client,
    /// Clusters, capacity providers, container instances.
    ecs: aws_sdk_ecs::Client,
    /// Functions and their event source mappings.
    lambda: aws_sdk_lambda::Client,
    /// Queues.
    sqs: aws_sdk_sqs::Client,
    /// Rules.
    events: aws_sdk_eventbridge::Client,
    /// Topics.
    sns: aws_sdk_sns::Client,
    /// Tables.
    dynamodb: aws_sdk_dynamodb::Client,
    /// Roles.
    iam: aws_sdk_iam::Client,
}

/// A service's client with the shared configuration and the service's own endpoint.
macro_rules! client {
    ($service:ident, $aws:expr, $endpoint:expr) => {{
        let mut config = $service::config::Builder::from(&$aws.shared);
        config.set_endpoint_url($endpoint.clone());
        $service::Client::from_conf(config.build())
    }};
}

impl Account {
    /// With what all clients share.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let access = &aws.access;
        Self {
            auto_scaling: client!(aws_sdk_autoscaling, aws, access.auto_scaling_endpoint),
            ecs: client!(aws_sdk_ecs, aws, access.ecs_endpoint),
            lambda: client!(aws_sdk_lambda, aws, access.lambda_endpoint),
            sqs: client!(aws_sdk_sqs, aws, access.sqs_endpoint),
            events: client!(aws_sdk_eventbridge, aws, access.eventbridge_endpoint),
            sns: client!(aws_sdk_sns, aws, access.sns_endpoint),
            dynamodb: client!(aws_sdk_dynamodb, aws, access.dynamodb_endpoint),
            iam: client!(aws_sdk_iam, aws, access.iam_endpoint),
        }
    }
}

/// Why a call was not answered, with the IAM action that allows it.
fn not_read<E>(action: &'static str) -> impl Fn(SdkError<E>) -> NotRead
where
    E: Error + ProvideErrorMetadata + 'static,
{
    move |error| NotRead { action, why: api_error(&error) }
}

/// A list without an end, or a reply without what it was asked for.
fn odd(action: &'static str, what: &str) -> NotRead {
    NotRead { action, why: crate::ports::ApiError::Unavailable(what.to_owned()) }
}
