//! Metrics as log lines, in CloudWatch's embedded metric format: no call, no wait, no permission.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use serde_json::{Value, json};

use super::{ALERTS, DIMENSIONS, PUBLISH_FAILURES, Tally, VERDICTS};
use crate::event::Timestamp;

/// One line of JSON for each count.
#[must_use]
pub fn lines(tally: &Tally, namespace: &str, function: &str, now: Timestamp) -> Vec<String> {
    let directive = |dimensions: Value, metrics: &[&str]| {
        let metrics: Vec<_> = metrics.iter().map(|name| json!({"Name": name, "Unit": "Count"})).collect();
        json!({
            "Timestamp": now.as_millis(),
            "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": dimensions, "Metrics": metrics}],
        })
    };
    let mut lines = Vec::with_capacity(tally.counts.len() + 1);
    for (key, count) in &tally.counts {
        let line = json!({
            "_aws": directive(json!(DIMENSIONS), &[VERDICTS, ALERTS]),
            "Cluster": key.cluster, "Workload": key.workload, "Cause": key.cause,
            VERDICTS: count.verdicts, ALERTS: count.alerts,
        });
        lines.push(line.to_string());
    }
    if tally.publish_failures > 0 {
        let line = json!({
            "_aws": directive(json!([["Function"]]), &[PUBLISH_FAILURES]),
            "Function": function, PUBLISH_FAILURES: tally.publish_failures,
        });
        lines.push(line.to_string());
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::lines;
    use crate::alert::Subject;
    use crate::event::Timestamp;
    use crate::judge::rules::testing::{task, verdict};
    use crate::metrics::Tally;

    #[test]
    fn a_line_names_its_metrics_and_never_a_task() {
        let verdict = verdict(&task("service:web", "EssentialContainerExited", "", &[("app", Some(1), "")]));
        let subject = Subject {
            cluster: Some("härbor".into()),
            service: Some("web".into()),
            task_id: Some("0a1b2c".into()),
            ..Subject::default()
        };
        let mut tally = Tally::default();
        tally.add(&verdict, &subject);
        tally.add(&verdict, &subject);
        tally.add(&verdict, &Subject::default());
        tally.publish_failures = 2;
        let lines = lines(&tally, "ns", "task-monitor", Timestamp::from_millis(7));
        assert_eq!(lines.len(), 3);
        assert!(!lines.iter().any(|line| line.contains("0a1b2c") || line.contains('\n')));
        let of_web: Value = serde_json::from_str(&lines[1]).expect("JSON");
        let want = json!({
            "_aws": {"Timestamp": 7, "CloudWatchMetrics": [{"Namespace": "ns",
                "Dimensions": [["Cause"], ["Cluster", "Cause"], ["Cluster", "Workload", "Cause"]],
                "Metrics": [{"Name": "Verdicts", "Unit": "Count"}, {"Name": "Alerts", "Unit": "Count"}]}]},
            "Cluster": "h?rbor", "Workload": "web", "Cause": "application-exit", "Verdicts": 2, "Alerts": 2,
        });
        assert_eq!(of_web, want);
        let failures: Value = serde_json::from_str(&lines[2]).expect("JSON");
        assert_eq!(
            (&failures["Function"], &failures["PublishFailures"]),
            (&json!("task-monitor"), &json!(2))
        );
    }
}
