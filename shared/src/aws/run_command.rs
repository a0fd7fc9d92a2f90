//! Collecting logs by Systems Manager's Run Command.
//! Source of the calls: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/>.

use std::time::Duration;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::config::Builder;
use aws_sdk_ssm::config::retry::RetryConfig;
use aws_sdk_ssm::config::timeout::TimeoutConfig;
use aws_sdk_ssm::types::{CommandFilter, CommandFilterKey, CommandInvocation};

use super::Aws;
use super::failure::api_error;
use crate::collect::State;
use crate::event::Timestamp;
use crate::ports::log_collector::{Command, Invocation};
use crate::ports::{ApiError, LogCollector};

/// The document whose commands are lines for `sh`; every region has it.
const DOCUMENT: &str = "AWS-RunShellScript";
/// How long the agent may take to fetch a command, in seconds: one that is there polls all the time, and the
/// shortest that the API takes is 30.
const DELIVERY_SECONDS: i32 = 60;
/// The most commands on a page.
const PER_PAGE: i32 = 50;
/// How long a call may take: nothing that matters waits for it longer.
const CALL_TIME: Duration = Duration::from_secs(3);

/// Systems Manager in the environment's region.
#[derive(Clone, Debug)]
pub struct RunCommand {
    /// The client.
    client: Client,
}

impl RunCommand {
    /// With what all clients share, and one attempt a call.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(CALL_TIME).build();
        let mut config = Builder::from(&aws.single_attempt())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        config.set_endpoint_url(aws.access.ssm_endpoint.clone());
        Self { client: Client::from_conf(config.build()) }
    }
}

impl LogCollector for RunCommand {
    async fn send(&self, command: Command<'_>) -> Result<(), ApiError> {
        let lines = command.script.lines().map(str::to_owned).collect();
        let seconds = command.within.as_secs().to_string();
        let call = self
            .client
            .send_command()
            .document_name(DOCUMENT)
            .instance_ids(command.instance_id)
            .comment(command.comment)
            .timeout_seconds(DELIVERY_SECONDS)
            .parameters("commands", lines)
            .parameters("executionTimeout", vec![seconds]);
        call.send().await.map(drop).map_err(|error| api_error(&error))
    }

    async fn invocations(&self, instance_id: &str, after: Timestamp) -> Result<Vec<Invocation>, ApiError> {
        let call = self
            .client
            .list_command_invocations()
            .instance_id(instance_id)
            .max_results(PER_PAGE)
            .filters(filter(CommandFilterKey::InvokedAfter, &after.to_the_second().to_string())?)
            .filters(filter(CommandFilterKey::DocumentName, DOCUMENT)?);
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        Ok(reply.command_invocations.unwrap_or_default().into_iter().map(read).collect())
    }
}

/// A filter of commands.
fn filter(key: CommandFilterKey, value: &str) -> Result<CommandFilter, ApiError> {
    CommandFilter::builder()
        .key(key)
        .value(value)
        .build()
        .map_err(|error| ApiError::Refused { code: "BuildError".to_owned(), message: error.to_string() })
}

/// Of a command as it is answered. The details say more than the status where both are there.
fn read(invocation: CommandInvocation) -> Invocation {
    let status = invocation.status.as_ref().map(|status| status.as_str().to_owned());
    let word = invocation.status_details.or(status).unwrap_or_default();
    Invocation {
        comment: invocation.comment.unwrap_or_default(),
        requested: invocation
            .requested_date_time
            .and_then(|at| at.to_millis().ok())
            .map(Timestamp::from_millis),
        state: State::from_word(&word),
    }
}
