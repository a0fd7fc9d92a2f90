//! `Scheduled Event`, source `aws.events` or `aws.scheduler`: the time, and nothing else.
//!
//! Sources: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html> and
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html>. `EventBridge`
//! Scheduler writes the empty detail as text, `"{}"`; a rule writes an object.
//! Fixtures: `events-fixtures/scheduled-event/`.

/// The `detail-type` of a tick.
pub const SCHEDULED_EVENT: &str = "Scheduled Event";

/// Who sends ticks: rules with a schedule, and schedules.
const SOURCES: [&str; 2] = ["aws.events", "aws.scheduler"];

/// Whether a source sends ticks. A tick written by hand may have none; somebody else's event of this name
/// is not ours.
#[must_use]
pub fn is_of_a_schedule(source: Option<&str>) -> bool {
    source.is_none_or(|source| SOURCES.contains(&source))
}

#[cfg(test)]
mod tests {
    use super::is_of_a_schedule;

    #[test]
    fn rules_and_schedules_send_ticks() {
        for (source, want) in [
            (Some("aws.events"), true),
            (Some("aws.scheduler"), true),
            (None, true),
            (Some("shop.calendar"), false),
        ] {
            assert_eq!(is_of_a_schedule(source), want, "{source:?}");
        }
    }
}
