//! What AWS Health plans with what tasks and instances run on, and what it finds wrong with it.
//!
//! Fargate replaces the tasks of services by itself, so their retirement is quiet, and says the date; a task of no
//! service is somebody's to start again. An instance that AWS retires has to be drained by somebody.
//! Sources: <https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-maintenance.html>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instances-status-check_sched.html>.

use super::{Happening, KnownHosts, Membership, Report};
use crate::event::{Affected, HealthNotice, Timestamp};
use crate::judge::{Cause, Finding, Severity};

/// Affected things that a summary names.
const NAMED: usize = 3;

/// Notices.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let Happening::Notice(notice) = report.happening else { return None };
    let quiet = |cause, summary: String| Some(Finding::new(cause, Severity::Info, summary));
    let service = notice.service.as_deref().unwrap_or("no service").trim();
    let code = notice.event_type_code.as_deref().unwrap_or("no type");
    let is_ec2 = service.eq_ignore_ascii_case("EC2");
    if !is_ec2 && !service.eq_ignore_ascii_case("ECS") {
        return quiet(Cause::UnknownEvent, format!("says something of {service}, which is not judged here."));
    }
    if is_closed(notice) {
        return quiet(Cause::Steady, format!("says that this is over: {code}."));
    }
    let hosts = Hosts::of(notice, report.context.known);
    if is_ec2 && (hosts.is_about_no_instance() || hosts.are_nowhere()) {
        return quiet(Cause::UnknownEvent, format!("says something of no container instance: {code}."));
    }
    let category = notice.event_type_category.as_deref().unwrap_or_default();
    let plans = ["RETIREMENT", "MAINTENANCE", "PLANNED"].iter().any(|word| code.contains(word));
    match category {
        "scheduledChange" => Some(planned(notice, is_ec2, hosts)),
        "accountNotification" if plans => Some(planned(notice, is_ec2, hosts)),
        "accountNotification" => quiet(Cause::UnknownEvent, format!("has something to read: {code}.")),
        "issue" => Some(trouble(notice, Severity::Medium)),
        "investigation" => Some(trouble(notice, Severity::Low)),
        _ => Some(Finding::new(
            Cause::InfrastructureHealth,
            Severity::Low,
            format!("says something of a kind this version does not know: {code}{}.", affected(notice)),
        )),
    }
}

/// Whether AWS says that it is over.
pub(super) fn is_closed(notice: &HealthNotice) -> bool {
    notice.status_code.as_deref().is_some_and(|code| code.trim().eq_ignore_ascii_case("closed"))
}

/// The instances a notice names.
#[derive(Clone, Copy, Debug)]
struct Hosts {
    /// Entities of any kind.
    entities: usize,
    /// Instances among them.
    instances: usize,
    /// Those that are container instances.
    members: usize,
    /// Those that are known to be none.
    nowhere: usize,
}

impl Hosts {
    /// Counts them.
    fn of(notice: &HealthNotice, known: &KnownHosts) -> Self {
        let mut hosts = Self { entities: 0, instances: 0, members: 0, nowhere: 0 };
        for affected in notice.affected() {
            hosts.entities += 1;
            let Some(id) = affected.instance() else { continue };
            hosts.instances += 1;
            match known.get(id).map(|known| &known.membership) {
                Some(Membership::Member(_)) => hosts.members += 1,
                Some(Membership::Nowhere) => hosts.nowhere += 1,
                Some(Membership::Unknown(_)) | None => {}
            }
        }
        hosts
    }

    /// Whether it names things, and none of them is an instance.
    const fn is_about_no_instance(self) -> bool {
        self.entities > 0 && self.instances == 0
    }

    /// Whether it names instances, and none of them is a container instance.
    const fn are_nowhere(self) -> bool {
        self.instances > 0 && self.nowhere == self.instances
    }
}

/// Something that AWS plans.
fn planned(notice: &HealthNotice, is_ec2: bool, hosts: Hosts) -> Finding {
    let code = notice.event_type_code.as_deref().unwrap_or_default();
    let ends = code.contains("RETIREMENT") || code.contains("STOP");
    let severity = if !is_ec2 {
        let is_service = |affected: Affected<'_>| affected.service().is_some();
        let only_services = hosts.entities > 0 && notice.affected().all(is_service);
        if only_services { Severity::Info } else { Severity::Low }
    } else if hosts.members > 0 && ends {
        Severity::Medium
    } else {
        Severity::Low
    };
    let what = match (is_ec2, severity, ends) {
        (false, Severity::Info, _) => "will replace tasks of",
        (false, _, _) => "will end tasks:",
        (true, _, true) => "will end",
        (true, _, false) => "plans maintenance of",
    };
    let finding = Finding::new(
        Cause::RetirementScheduled,
        severity,
        format!("{what}{}{}.", names(notice), when(notice)),
    );
    match severity {
        Severity::Info => finding.noting("ECS replaces the tasks of services by itself"),
        Severity::Low if is_ec2 && hosts.members == 0 => {
            finding.noting("whether these are container instances is not known")
        }
        Severity::Low | Severity::Medium | Severity::High => finding,
    }
}

/// Something that is wrong.
fn trouble(notice: &HealthNotice, severity: Severity) -> Finding {
    let has_instance = notice.affected().any(|affected| affected.instance().is_some());
    let cause = if has_instance { Cause::HostImpaired } else { Cause::InfrastructureHealth };
    let code = notice.event_type_code.as_deref().unwrap_or("no type");
    let service = notice.service.as_deref().unwrap_or_default();
    let place = notice.event_region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
    let summary = format!("reports trouble of {service}{place}{}: {code}.", affected(notice));
    Finding::new(cause, severity, summary)
}

/// ` service web on harbor, task 0a1b on harbor and 3 more`; of nothing, that nothing is named.
fn names(notice: &HealthNotice) -> String {
    let names: Vec<_> = notice.affected().map(Affected::in_words).collect();
    let more = names.len().saturating_sub(NAMED);
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match (names.len(), more) {
        (0, _) => " something it does not name".to_owned(),
        (_, 0) => format!(" {first}"),
        (_, more) => format!(" {first} and {more} more"),
    }
}

/// `, with service web on harbor`, or nothing.
fn affected(notice: &HealthNotice) -> String {
    if notice.entities().next().is_some() { format!(", with{}", names(notice)) } else { String::new() }
}

/// `, from 2026-05-01T10:00:00Z until 2026-05-08T10:00:00Z`, as far as it is said.
fn when(notice: &HealthNotice) -> String {
    let at = |label: &str, text: &Option<Box<str>>| {
        let text = text.as_deref()?;
        Some(format!(
            "{label} {}",
            Timestamp::parse(text).map_or_else(|| text.to_owned(), |at| at.to_string())
        ))
    };
    let times: Vec<_> =
        at("from", &notice.start_time).into_iter().chain(at("until", &notice.end_time)).collect();
    if times.is_empty() { String::new() } else { format!(", {}", times.join(" ")) }
}

#[cfg(test)]
mod tests {
    use crate::event::HealthNotice;
    use crate::judge::host::testing::{INSTANCE, known, member, nothing, verdict};
    use crate::judge::host::{Happening, Known, KnownHosts, Membership};
    use crate::judge::{Cause, Severity, Verdict};

    fn judged(service: &str, code: &str, category: &str, entities: &[&str], known: &KnownHosts) -> Verdict {
        let entities: Vec<_> =
            entities.iter().map(|value| serde_json::json!({"entityValue": value})).collect();
        let notice: HealthNotice = serde_json::from_value(serde_json::json!({"service": service,
            "eventTypeCode": code, "eventTypeCategory": category, "affectedEntities": entities,
            "startTime": "Fri, 1 May 2026 10:00:00 GMT"}))
        .expect("lenient");
        verdict(Happening::Notice(&notice), known)
    }

    #[test]
    fn what_somebody_has_to_act_on_is_told() {
        let (retire, reboot) = (
            "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
            "AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED",
        );
        let patching = "AWS_ECS_TASK_PATCHING_RETIREMENT";
        let (planned, task) = ("scheduledChange", "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b");
        let ours = known(Known { membership: Membership::Member(member("ACTIVE", 1)), ..Known::default() });
        let theirs = known(Known { membership: Membership::Nowhere, ..Known::default() });
        let no = nothing();
        let retirement = |severity| (Cause::RetirementScheduled, severity);
        let unknown = (Cause::UnknownEvent, Severity::Info);
        for (service, code, category, entities, known, want) in [
            ("ECS", patching, planned, &["harbor|web", "harbor|api"][..], &no, retirement(Severity::Info)),
            ("ECS", patching, planned, &["harbor|web", task], &no, retirement(Severity::Low)),
            ("ECS", patching, planned, &[], &no, retirement(Severity::Low)),
            ("EC2", retire, planned, &[INSTANCE], &ours, retirement(Severity::Medium)),
            ("EC2", retire, planned, &[INSTANCE], &no, retirement(Severity::Low)),
            ("EC2", retire, planned, &[INSTANCE], &theirs, unknown),
            ("EC2", retire, planned, &[INSTANCE, "i-2"], &ours, retirement(Severity::Medium)),
            ("EC2", reboot, planned, &[INSTANCE], &ours, retirement(Severity::Low)),
            ("EC2", retire, "accountNotification", &[INSTANCE], &ours, retirement(Severity::Medium)),
            ("EC2", "AWS_EC2_ODCR", "accountNotification", &["cr-1 | x"], &no, unknown),
            ("ECS", "AWS_ECS_NEWS", "accountNotification", &[], &no, unknown),
            ("EC2", "AWS_EC2_DRIVE", "issue", &[INSTANCE], &ours, (Cause::HostImpaired, Severity::Medium)),
            ("EC2", "AWS_EC2_DRIVE", "issue", &[INSTANCE], &theirs, unknown),
            ("ECS", "AWS_ECS_ISSUE", "issue", &[], &no, (Cause::InfrastructureHealth, Severity::Medium)),
            ("ECS", "AWS_ECS_X", "investigation", &[], &no, (Cause::InfrastructureHealth, Severity::Low)),
            ("ECS", "AWS_ECS_X", "invalid", &[], &no, (Cause::InfrastructureHealth, Severity::Low)),
            ("RDS", "AWS_RDS_X", "issue", &["db"], &no, unknown),
            ("", "", "", &[], &no, unknown),
        ] {
            let verdict = judged(service, code, category, entities, known);
            assert_eq!((verdict.cause, verdict.severity), want, "{service} {code} {category} {entities:?}");
        }
    }

    #[test]
    fn names_and_dates_are_said() {
        let code = "AWS_ECS_TASK_PATCHING_RETIREMENT";
        let entities = ["harbor|web", "harbor|api", "harbor|job", "harbor|x", "harbor|y"];
        let verdict = judged("ECS", code, "scheduledChange", &entities, &nothing());
        assert_eq!(
            verdict.summary,
            "AWS Health will replace tasks of service web on harbor, service api on harbor, service job on harbor and 2 more, \
             from 2026-05-01T10:00:00Z."
        );
        assert_eq!(verdict.fingerprint, format!("harbor/-/retirement-scheduled/{code}/-"));
        let one = judged("ECS", code, "scheduledChange", &["harbor|web"], &nothing());
        assert_eq!(one.fingerprint, format!("harbor/web/retirement-scheduled/{code}/-"));
    }
}
