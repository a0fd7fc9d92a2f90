//! The process: its environment, its clock, its log.

use std::path::Path;
use std::str::FromStr as _;
use std::time::{SystemTime, UNIX_EPOCH};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Vars, variables::LOG_LEVEL};
use crate::event::Timestamp;
use crate::ports::Clock;

/// Lambda's own setting for the level of a function's log.
const AWS_LAMBDA_LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";
/// Where Lambda unpacks a function.
const LAMBDA_TASK_ROOT: &str = "LAMBDA_TASK_ROOT";

/// The environment of the process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessVars;

impl Vars for ProcessVars {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// The clock of the host.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Logs as JSON lines on stdout. A level nobody knows is `info`, and said so.
pub(super) fn init_log(vars: &impl Vars) {
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

/// Reads a file of the function's package.
pub(super) fn read_packaged(vars: &impl Vars, file: &str) -> std::io::Result<String> {
    let root = vars.get(LAMBDA_TASK_ROOT).unwrap_or_else(|| ".".to_owned());
    std::fs::read_to_string(Path::new(&root).join(file))
}
