//! A name nobody knows: ECS adds some, and says in `eventType` how loud it finds them.

use super::Report;
use crate::judge::{Cause, Finding, Severity};

/// Quiet where ECS calls it `INFO`; everything else is an alert, a missing type too.
pub(super) fn finding(report: &Report<'_>) -> Finding {
    let name = if report.name.is_empty() { "no name" } else { report.name };
    let event_type = report.event.event_type.as_deref().unwrap_or_default().trim();
    if event_type.eq_ignore_ascii_case("INFO") {
        let summary = format!("has an event that is not judged here: {name}.");
        return Finding::new(Cause::UnknownEvent, Severity::Info, summary).noting("ECS calls it INFO");
    }
    let loud = if event_type.is_empty() { "nothing says how serious it is" } else { event_type };
    let summary = format!("has an event this version does not know: {name} ({loud}).");
    Finding::new(Cause::ServiceImpaired, Severity::Medium, summary)
        .noting("an unknown eventName is an alert unless ECS calls it INFO")
}

#[cfg(test)]
mod tests {
    use crate::judge::service::testing::{found, verdict};
    use crate::judge::{Cause, Severity};

    #[test]
    fn only_info_is_quiet() {
        let name = "SERVICE_OF_THE_FUTURE";
        for (event_type, want) in [
            ("INFO", (Cause::UnknownEvent, Severity::Info)),
            ("info", (Cause::UnknownEvent, Severity::Info)),
            ("WARN", (Cause::ServiceImpaired, Severity::Medium)),
            ("WARNING", (Cause::ServiceImpaired, Severity::Medium)),
            ("ERROR", (Cause::ServiceImpaired, Severity::Medium)),
            ("FATAL", (Cause::ServiceImpaired, Severity::Medium)),
            ("", (Cause::ServiceImpaired, Severity::Medium)),
        ] {
            assert_eq!(found(name, event_type, "x"), want, "{event_type}");
            assert!(verdict(name, event_type, "x").summary.contains(name), "silence has the name too");
        }
        assert_eq!(found("", "", ""), (Cause::ServiceImpaired, Severity::Medium));
    }
}
