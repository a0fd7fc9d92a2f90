//! A function's log.

use std::str::FromStr as _;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Vars, variables::LOG_LEVEL};

/// Lambda's own setting for the level of a function's log.
const AWS_LAMBDA_LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";

/// Logs as JSON lines on stdout. A level nobody knows is `info`, and said so.
pub(super) fn init(vars: &impl Vars) {
    let asked = vars.get(LOG_LEVEL).or_else(|| vars.get(AWS_LAMBDA_LOG_LEVEL)).unwrap_or_default();
    let parsed = Targets::from_str(&asked.to_lowercase());
    let unknown = parsed.is_err();
    let targets = match parsed {
        Ok(targets) if !asked.trim().is_empty() => targets,
        _ => Targets::new().with_default(LevelFilter::INFO),
    };
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false);
    // A second initialisation in one process keeps the first.
    let first = tracing_subscriber::registry().with(lines).with(targets).try_init().is_ok();
    if unknown && first {
        tracing::warn!(level = asked, "{LOG_LEVEL} is no level; using info");
    }
}
