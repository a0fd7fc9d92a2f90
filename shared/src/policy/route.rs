//! `[[route]]`: which topics an alert goes to.

use super::Scope;
use crate::alert::Subject;
use crate::event::arn::Arn;
use crate::verdict::{Cause, Severity, Verdict};

/// One `[[route]]`: alerts that fit all it asks for go to its topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The line of the file it stands in.
    pub line: usize,
    /// The topic's ARN.
    pub topic: String,
    /// The tasks, or the drains, it is about.
    pub scope: Scope,
    /// Only these severities; all of them where the list is empty.
    pub severities: Vec<Severity>,
    /// Only these causes; all of them where the list is empty.
    pub causes: Vec<Cause>,
}

impl Route {
    /// Whether an alert is to go this way. What has no cluster, service or family fits no pattern over one.
    #[must_use]
    pub fn fits(&self, verdict: &Verdict, subject: &Subject) -> bool {
        let names = [&subject.cluster, &subject.service, &subject.family].map(Option::as_deref);
        (self.severities.is_empty() || self.severities.contains(&verdict.severity))
            && (self.causes.is_empty() || self.causes.contains(&verdict.cause))
            && self.scope.fits(names)
    }
}

impl super::Policy {
    /// The topics of an alert, each once, in the order of the file. None of them where no route fits: it then
    /// goes to the default topic.
    #[must_use]
    pub fn topics(&self, verdict: &Verdict, subject: &Subject) -> Vec<&str> {
        let mut topics = Vec::new();
        for route in self.routes.iter().filter(|route| route.fits(verdict, subject)) {
            if !topics.contains(&route.topic.as_str()) {
                topics.push(route.topic.as_str());
            }
        }
        topics
    }

    /// One line for each route to a topic of another region: SNS takes a message only in the topic's own.
    #[must_use]
    pub fn routes_outside(&self, region: &str) -> Vec<String> {
        let is_outside = |route: &&Route| Arn::parse(&route.topic).is_none_or(|arn| arn.region != region);
        let in_words = |route: &Route| {
            let Route { line, topic, .. } = route;
            format!("line {line}, [[route]]: `{topic}` is not in this function's region, {region}")
        };
        self.routes.iter().filter(is_outside).map(in_words).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Severity;
    use crate::alert::Subject;
    use crate::event::TaskStateChange;
    use crate::judge::{Context, judge};
    use crate::policy::Policy;
    use crate::verdict::{Cause, Verdict};

    /// Routes for pages, for a team, and for one cause, two of them to the same topic.
    const ROUTES: &str = r#"
        [[route]]
        topic = "arn:aws:sns:eu-west-1:111122223333:pages"
        severity = ["high"]
        [[route]]
        topic = "arn:aws:sns:eu-west-1:111122223333:payments"
        cluster = "harbor*"
        service = "pay-*"
        [[route]]
        topic = "arn:aws:sns:eu-west-1:111122223333:pages"
        family = "pay-*"
        causes = ["out-of-memory", "health-check"]
    "#;

    fn verdict(cause: Cause, severity: Severity) -> Verdict {
        let task: TaskStateChange = serde_json::from_str(r#"{"lastStatus":"STOPPED"}"#).expect("a task");
        let context = Context {
            now: crate::event::Timestamp::from_millis(0),
            last_version: None,
            background: None,
            known_ends: &[],
        };
        Verdict { cause, severity, ..judge(&task, &Policy::default(), &context) }
    }

    #[test]
    fn every_route_that_fits_gets_the_alert_once() {
        let policy = Policy::parse(ROUTES).expect("a policy");
        let some = |text: &str| Some(text.to_owned());
        let pay = Subject {
            cluster: some("harbor-1"),
            service: some("pay-api"),
            family: some("pay-api"),
            ..Subject::default()
        };
        let job = Subject { service: None, ..pay.clone() };
        for (cause, severity, subject, want) in [
            (Cause::OutOfMemory, Severity::High, &pay, &["pages", "payments"][..]),
            (Cause::OutOfMemory, Severity::Low, &pay, &["payments", "pages"]),
            (Cause::Crashed, Severity::Medium, &pay, &["payments"]),
            (Cause::Crashed, Severity::Medium, &job, &[]),
            (Cause::HealthCheck, Severity::Low, &job, &["pages"]),
            (Cause::UnreadableEvent, Severity::Medium, &Subject::default(), &[]),
            (Cause::UnreadableEvent, Severity::High, &Subject::default(), &["pages"]),
        ] {
            let verdict = verdict(cause, severity);
            let topics = policy.topics(&verdict, subject);
            let names: Vec<_> = topics.iter().filter_map(|topic| topic.rsplit(':').next()).collect();
            assert_eq!(names, want, "{cause} {severity}");
        }
        assert!(Policy::default().topics(&verdict(Cause::Crashed, Severity::High), &pay).is_empty());
    }

    #[test]
    fn a_route_into_another_region_is_named_with_its_line() {
        let policy = Policy::parse(ROUTES).expect("a policy");
        assert!(policy.routes_outside("eu-west-1").is_empty());
        let lines = policy.routes_outside("us-east-1");
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1].starts_with("line 5, [[route]]: `arn:aws:sns:eu-west-1:111122223333:payments` is not")
        );
    }
}
