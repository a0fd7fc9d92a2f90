//! Points in time a span apart.

use std::time::Duration;

use shared::event::Timestamp;

/// A span in milliseconds.
#[must_use]
pub fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// The time a span after another.
#[must_use]
pub fn after(at: Timestamp, span: Duration) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_add(millis(span)))
}

/// The span between two times; zero where `later` comes first.
#[must_use]
pub fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(later.millis_since(earlier)).unwrap_or(0))
}
