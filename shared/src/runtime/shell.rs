//! The loop around a handler: start, invocations, and what Lambda is told of a failure.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsBatchResponse;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::de::IgnoredAny;

use super::{ProcessVars, SystemClock, log, payload};
use crate::config::{Config, PolicySource, Vars};
use crate::event::Timestamp;
use crate::handler::HandlerError;
use crate::policy::Policy;
use crate::ports::Clock as _;

/// Where Lambda unpacks a function.
const LAMBDA_TASK_ROOT: &str = "LAMBDA_TASK_ROOT";
/// Taken for the end of an invocation where Lambda names one that has passed; local emulators do.
const DEFAULT_TIME: Duration = Duration::from_secs(15);

/// Reads the environment, builds the function with `build`, and ends only when Lambda ends the process.
///
/// Everything that is wrong with the environment is logged at once, and the exit code is 1: Lambda reports
/// the failed init, and the events stay where they are.
pub fn start(
    function: &'static str,
    build: impl AsyncFnOnce(Config, Policy) -> Result<(), String>,
) -> ExitCode {
    log::init(&ProcessVars);
    let outcome = configured(&ProcessVars).and_then(|(config, policy)| {
        let executor = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let executor = executor.map_err(|error| vec![format!("tokio: {error}")])?;
        executor.block_on(build(config, policy)).map_err(|error| vec![error])
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => {
            for error in &errors {
                tracing::error!(function, error, "cannot start");
            }
            ExitCode::FAILURE
        }
    }
}

/// The configuration and the policy it points to, or every error in both.
fn configured(vars: &impl Vars) -> Result<(Config, Policy), Vec<String>> {
    let config = Config::from_vars(vars)?;
    let text = match &config.policy {
        PolicySource::Defaults => String::new(),
        PolicySource::Text(text) => text.clone(),
        PolicySource::File(file) => {
            read_packaged(vars, file).map_err(|error| vec![format!("{file}: {error}")])?
        }
    };
    let named = |lines: &[String]| lines.iter().map(|line| format!("policy: {line}")).collect::<Vec<_>>();
    let policy = Policy::parse(&text).map_err(|errors| named(errors.lines()))?;
    let outside = policy.routes_outside(&config.aws.region);
    if outside.is_empty() { Ok((config, policy)) } else { Err(named(&outside)) }
}

/// Reads a file of the function's package.
fn read_packaged(vars: &impl Vars, file: &str) -> std::io::Result<String> {
    let root = vars.get(LAMBDA_TASK_ROOT).unwrap_or_else(|| ".".to_owned());
    std::fs::read_to_string(Path::new(&root).join(file))
}

/// Serves invocations one after the other: `handle` gets the payload's bytes as Lambda sent them, and the
/// time at which the invocation ends.
///
/// # Errors
/// Where Lambda's runtime API fails, as text.
pub async fn serve(
    handle: impl AsyncFn(&[u8], Timestamp) -> Result<SqsBatchResponse, HandlerError>,
) -> Result<(), String> {
    let slot = payload::Slot::default();
    let handle = &handle;
    let service = service_fn(|event: LambdaEvent<IgnoredAny>| {
        let payload = slot.take();
        async move { handle(&payload, deadline(event.context.deadline)).await }
    });
    let runtime = Runtime::new(service).layer(payload::KeepPayload(slot.clone()));
    // Boxed once: futures inside futures, from main to the SDK's sockets, are deeper than the compiler looks.
    Box::pin(runtime.run()).await.map_err(|error| format!("Lambda runtime API: {error}"))
}

/// The end of the invocation, from Lambda's milliseconds since the epoch.
fn deadline(millis: u64) -> Timestamp {
    let now = SystemClock.now();
    let named = Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX));
    if named > now {
        return named;
    }
    let default = i64::try_from(DEFAULT_TIME.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.as_millis().saturating_add(default))
}

impl From<HandlerError> for Diagnostic {
    /// What Lambda reports: a stable word and the reason.
    fn from(error: HandlerError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: error.to_string() }
    }
}
