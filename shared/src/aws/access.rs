//! How AWS is reached: one HTTP client for every service, static credentials, embedded roots.
//!
//! No default credential chain: Lambda always puts credentials and region into the environment, and the
//! chain costs a megabyte of binary and a quarter of the init.

use std::time::Duration;

use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::config::timeout::TimeoutConfig;
use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_types::SdkConfig;

use crate::config::{AwsAccess, TrustRoots};
use crate::ports::call::{ATTEMPTS_PER_CALL, LONGEST_CALL};

/// TCP and TLS within a region take milliseconds; what takes longer is not there.
const CONNECT_TIME: Duration = Duration::from_millis(1_500);
/// One attempt: SNS answers in tens of milliseconds, and three attempts fit into an invocation of 15 s; a
/// page of a hundred groups with all their instances takes seconds at times.
const ATTEMPT_TIME: Duration = Duration::from_secs(4);
/// The standard of the SDKs: the first try and two more, with jitter.
const ATTEMPTS: u32 = 3;
/// The longest pause between two attempts: an invocation has no time for the default of 20 s.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The first try at the alert table and one more.
const TABLE_ATTEMPTS: u32 = 2;
/// The longest pause between the two, as DynamoDB's own clients begin.
const TABLE_PAUSE: Duration = Duration::from_millis(50);

/// The authorities behind AWS's endpoints (<https://www.amazontrust.com/repository/>).
const AMAZON_ROOTS: [&str; 5] = [
    include_str!("roots/amazon-root-ca-1.pem"),
    include_str!("roots/amazon-root-ca-2.pem"),
    include_str!("roots/amazon-root-ca-3.pem"),
    include_str!("roots/amazon-root-ca-4.pem"),
    include_str!("roots/starfield-services-root-g2.pem"),
];

/// What the clients of all services share: region, credentials, HTTP client, time limits, retries.
#[derive(Clone, Debug)]
pub struct Aws {
    /// The SDK's own form of it; each client takes its configuration from here.
    pub(super) shared: SdkConfig,
    /// The endpoints that are not AWS's.
    pub(super) access: AwsAccess,
}

impl Aws {
    /// From the environment's settings. Nothing is connected yet.
    ///
    /// # Errors
    /// Where the trusted roots cannot be loaded.
    pub fn new(access: AwsAccess) -> Result<Self, String> {
        let context = TlsContext::builder()
            .with_trust_store(trust_store(access.trust_roots))
            .build()
            .map_err(|error| format!("TLS: {error}"))?;
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context)
            .build_https();
        let (id, secret) = (&access.access_key_id, &access.secret_access_key);
        let credentials = Credentials::new(id, secret, access.session_token.clone(), None, "environment");
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT_TIME).operation_attempt_timeout(ATTEMPT_TIME);
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(LONGEST_PAUSE);
        let shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(access.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http)
            .timeout_config(timeouts.build())
            .retry_config(retries)
            .build();
        Ok(Self { shared, access })
    }

    /// For what is asked again at the next tick and is taken out of a bucket that the account shares:
    /// [`ATTEMPTS_PER_CALL`] attempts, in [`LONGEST_CALL`] together.
    pub(super) fn of_ticks(&self) -> SdkConfig {
        let retries =
            RetryConfig::standard().with_max_attempts(ATTEMPTS_PER_CALL).with_max_backoff(LONGEST_PAUSE);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIME)
            .operation_attempt_timeout(ATTEMPT_TIME)
            .operation_timeout(LONGEST_CALL);
        self.shared.to_builder().retry_config(retries).timeout_config(timeouts.build()).build()
    }

    /// For the alert table: two attempts, close to each other, whose time each call brings along.
    pub(super) fn of_table(&self) -> SdkConfig {
        let retries = RetryConfig::standard()
            .with_max_attempts(TABLE_ATTEMPTS)
            .with_initial_backoff(TABLE_PAUSE)
            .with_max_backoff(TABLE_PAUSE);
        self.shared.to_builder().retry_config(retries).build()
    }

    /// For what an alert waits for and goes out without: one attempt, which the caller holds to its time.
    pub(super) fn single_attempt(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIME).build();
        self.shared.to_builder().retry_config(RetryConfig::disabled()).timeout_config(timeouts).build()
    }
}

/// The five roots of AWS's endpoints, or the host's own store.
fn trust_store(roots: TrustRoots) -> TrustStore {
    match roots {
        TrustRoots::Amazon => {
            AMAZON_ROOTS.iter().fold(TrustStore::empty(), |store, pem| store.with_pem_certificate(*pem))
        }
        TrustRoots::System => TrustStore::default(),
    }
}
