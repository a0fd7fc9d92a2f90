//! Publishing to SNS topics.

use std::time::Duration;

use aws_sdk_sns::config::Builder;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError as SnsError;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_sdk_sns::{Client, Config};
use aws_smithy_types::body::SdkBody;

use super::Aws;
use crate::alert::Message;
use crate::ports::{PublishError, Publisher};

/// How long the connection may take that is opened during init: init has ten seconds, and a topic that does
/// not answer now may answer when it is needed.
const PREWARM_TIME: Duration = Duration::from_secs(1);

/// Error codes of SNS that no retry changes: the message itself is not accepted.
const REFUSALS: [&str; 5] = [
    "InvalidParameter",
    "InvalidParameterValue",
    "ParameterValueInvalid",
    "ValidationError",
    "ValidationException",
];

/// The topics alerts go to, all of one region: the default one, and those a message names.
#[derive(Clone, Debug)]
pub struct Topic {
    /// The client.
    client: Client,
    /// The default topic's ARN.
    arn: String,
}

impl Topic {
    /// With a default topic, by its ARN.
    #[must_use]
    pub fn new(aws: &Aws, arn: &str) -> Self {
        let mut config = Builder::from(&aws.shared);
        config.set_endpoint_url(aws.access.sns_endpoint.clone());
        Self { client: Client::from_conf(config.build()), arn: arn.to_owned() }
    }

    /// Opens the connection while the function starts, when its time costs least: a GET without an action,
    /// which SNS answers with an error and which publishes nothing. Whatever comes of it is fine.
    pub async fn prewarm(&self) {
        let request =
            self.client.publish().topic_arn(&self.arn).message("-").customize().mutate_request(|request| {
                if request.set_method("GET").is_ok() {
                    *request.body_mut() = SdkBody::empty();
                    request.headers_mut().remove("content-length");
                    request.headers_mut().remove("content-type");
                }
            });
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let outcome = tokio::time::timeout(PREWARM_TIME, request.config_override(once).send()).await;
        let answered = matches!(outcome, Ok(Err(SdkError::ServiceError(_)) | Ok(_)));
        tracing::debug!(answered, "SNS connection opened during init");
    }
}

impl Publisher for Topic {
    async fn publish(
        &self,
        topic: Option<&str>,
        message: &Message,
        within: Duration,
    ) -> Result<(), PublishError> {
        let mut request = self
            .client
            .publish()
            .topic_arn(topic.unwrap_or(&self.arn))
            .subject(&message.subject)
            .message(&message.body)
            .set_message_structure(message.by_protocol.then(|| "json".to_owned()));
        for (name, value) in &message.attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            let value = value.map_err(|error| PublishError::Refused(error.to_string()))?;
            request = request.message_attributes(*name, value);
        }
        match tokio::time::timeout(within, request.send()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(classified(&error)),
            Err(_) => Err(PublishError::Unavailable(format!("no answer within {} ms", within.as_millis()))),
        }
    }
}

/// Tells what no retry changes from what one may.
fn classified(error: &SdkError<SnsError>) -> PublishError {
    let why = DisplayErrorContext(error).to_string();
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some(code) if REFUSALS.contains(&code) => PublishError::Refused(why),
        _ => PublishError::Unavailable(why),
    }
}
