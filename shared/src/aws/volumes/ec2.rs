//! `DescribeVolumes`, and no other call of EC2.
//!
//! The crate `aws-sdk-ec2` is not used for one read: it adds six minutes to a cold build on two cores, and compiling
//! it takes more than 5 GB. This is built of the crates that every SDK client is made from, as that client is: they
//! sign, send, time out, try again and read XML.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_query::QueryWriter;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::{Region, SigningRegion};
use aws_types::{SdkConfig, SigningName};

use super::xml;
use crate::config::AwsAccess;
use crate::ports::Page;
use crate::volume::Volume;

/// The API's version.
const VERSION: &str = "2016-11-15";
/// Volumes on a page, the most that AWS advises.
const PER_PAGE: &str = "500";

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Ids of instances.
    pub(super) instances: Vec<String>,
    /// The page, where it is not the first.
    pub(super) page: Option<String>,
}

/// EC2 in the environment's region.
#[derive(Clone, Debug)]
pub(super) struct Ec2 {
    /// Its one call.
    describe_volumes: Operation<Asked, Page<Volume>, ErrorMetadata>,
}

impl Ec2 {
    /// With what all clients share.
    pub(super) fn new(shared: &SdkConfig, access: &AwsAccess) -> Self {
        let endpoint = access.ec2_endpoint.clone().unwrap_or_else(|| endpoint(&access.region));
        let no_time = TimeoutConfig::disabled();
        let once = RetryConfig::disabled();
        let mut operation = Operation::builder()
            .service_name("ec2")
            .operation_name("DescribeVolumes")
            .endpoint_url(&endpoint)
            .standard_retry(shared.retry_config().unwrap_or(&once))
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
            .timeout_config(shared.timeout_config().unwrap_or(&no_time).clone())
            .with_connection_poisoning()
            .runtime_plugin(signing(shared, &access.region));
        if let Some(http) = shared.http_client() {
            operation = operation.http_client(http);
        }
        if let Some(version) = shared.behavior_version() {
            operation = operation.behavior_version(version);
        }
        let describe_volumes =
            operation.serializer(|asked: Asked| request(&asked)).deserializer(response).build();
        Self { describe_volumes }
    }

    /// Makes the call.
    pub(super) async fn describe_volumes(
        &self,
        asked: Asked,
    ) -> Result<Page<Volume>, SdkError<ErrorMetadata, HttpResponse>> {
        self.describe_volumes.invoke(asked).await
    }
}

/// EC2's endpoint of a region.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/ec2-service.html>. A region of another partition than these
/// needs `AWS_ENDPOINT_URL_EC2`.
fn endpoint(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://ec2.{region}.{suffix}")
}

/// How a request is signed: by the version 4 of AWS's signatures, with the credentials of all clients.
fn signing(shared: &SdkConfig, region: &str) -> StaticRuntimePlugin {
    let mut options = SigningOptions::default();
    options.double_uri_encode = true;
    options.normalize_uri_path = true;
    let mut config = Layer::new("ec2");
    config.store_put(AuthSchemeOptionResolverParams::new(()));
    config.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(Region::new(region.to_owned()))),
        name: Some(SigningName::from_static("ec2")),
        signing_options: options,
        ..SigV4OperationSigningConfig::default()
    });
    let mut components = RuntimeComponentsBuilder::new("ec2")
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])));
    if let Some(credentials) = shared.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, credentials);
    }
    StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components)
}

/// The request, as EC2's query protocol has it.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>.
fn request(asked: &Asked) -> Result<HttpRequest, BoxError> {
    let mut body = String::new();
    let mut writer = QueryWriter::new(&mut body, "DescribeVolumes", VERSION);
    writer.prefix("Filter.1.Name").string("attachment.instance-id");
    let mut values = writer.prefix("Filter.1.Value").start_list(true, None);
    for instance in &asked.instances {
        values.entry().string(instance);
    }
    values.finish();
    writer.prefix("MaxResults").string(PER_PAGE);
    if let Some(page) = &asked.page {
        writer.prefix("NextToken").string(page);
    }
    writer.finish();
    let length = body.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.set_uri("/")?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    request.headers_mut().insert("content-length", length);
    Ok(request)
}

/// The reply.
fn response(response: &HttpResponse) -> Result<Page<Volume>, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        xml::page(body).map_err(OrchestratorError::other)
    } else {
        Err(OrchestratorError::operation(xml::error(body)))
    }
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn each_partition_has_its_own_endpoints() {
        assert_eq!(endpoint("eu-west-1"), "https://ec2.eu-west-1.amazonaws.com");
        assert_eq!(endpoint("us-gov-west-1"), "https://ec2.us-gov-west-1.amazonaws.com");
        assert_eq!(endpoint("cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn");
    }
}
