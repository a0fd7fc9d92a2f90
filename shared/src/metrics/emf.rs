//! Metrics as log lines, in CloudWatch's embedded metric format: no call, no wait, no permission.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ALERTS, DIMENSIONS, Tally, Unit, VERDICTS, job};
use crate::event::Timestamp;

/// A line that counts verdicts.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct VerdictLine<'a> {
    /// What `CloudWatch` is to extract.
    #[serde(rename = "_aws")]
    aws: Metadata<'a>,
    /// The first dimension.
    cluster: &'a str,
    /// The second.
    workload: &'a str,
    /// The third.
    cause: &'a str,
    /// [`VERDICTS`]
    verdicts: u32,
    /// [`ALERTS`]
    alerts: u32,
}

/// A line about the function as a whole; what did not happen is left out.
#[derive(Serialize)]
struct FunctionLine<'a> {
    /// What `CloudWatch` is to extract.
    #[serde(rename = "_aws")]
    aws: Metadata<'a>,
    /// Its one dimension.
    #[serde(rename = "Function")]
    function: &'a str,
    /// The values by their metric's name.
    #[serde(flatten)]
    values: BTreeMap<&'static str, u32>,
}

/// A line about a job that ended.
#[derive(Serialize)]
struct JobLine<'a> {
    /// What `CloudWatch` is to extract.
    #[serde(rename = "_aws")]
    aws: Metadata<'a>,
    /// The first dimension.
    #[serde(rename = "Cluster")]
    cluster: &'a str,
    /// The second.
    #[serde(rename = "Family")]
    family: &'a str,
    /// The values by their metric's name.
    #[serde(flatten)]
    values: BTreeMap<&'static str, u32>,
}

/// The specification's `_aws` object.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    /// Milliseconds since the epoch.
    timestamp: i64,
    /// The one directive of a line.
    cloud_watch_metrics: [Directive<'a>; 1],
}

/// Which fields of the line are metrics, and which are their dimensions.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    /// Where the metrics go.
    namespace: &'a str,
    /// Each set gives metrics of its own.
    dimensions: &'a [&'a [&'a str]],
    /// The metrics' fields.
    metrics: &'a [Metric],
}

/// One metric of a directive.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    /// The field it stands in.
    name: &'static str,
    /// What its number is.
    unit: &'static str,
}

impl Metric {
    /// As the directive names it.
    const fn new(name: &'static str, unit: Unit) -> Self {
        Self { name, unit: unit.word() }
    }
}

/// The metrics of a [`VerdictLine`].
const OF_VERDICTS: [Metric; 2] = [Metric::new(VERDICTS, Unit::Count), Metric::new(ALERTS, Unit::Count)];

/// One line of JSON for each set of dimensions' values.
#[must_use]
pub fn lines(tally: &Tally, namespace: &str, function: &str, now: Timestamp) -> Vec<String> {
    let aws = |dimensions, metrics| Metadata {
        timestamp: now.as_millis(),
        cloud_watch_metrics: [Directive { namespace, dimensions, metrics }],
    };
    let mut lines = Vec::with_capacity(tally.counts.len() + 1);
    for (key, counted) in &tally.counts {
        let line = VerdictLine {
            aws: aws(&DIMENSIONS, &OF_VERDICTS),
            cluster: &key.cluster,
            workload: &key.workload,
            cause: key.cause.word(),
            verdicts: counted.verdicts,
            alerts: counted.alerts,
        };
        lines.extend(serde_json::to_string(&line));
    }
    for run in &tally.jobs {
        let measures = run.measures();
        let metrics: Vec<_> = measures.iter().map(|one| Metric::new(one.name, one.unit)).collect();
        let line = JobLine {
            aws: Metadata {
                timestamp: now.as_millis(),
                cloud_watch_metrics: [Directive {
                    namespace,
                    dimensions: &[&job::DIMENSIONS],
                    metrics: &metrics,
                }],
            },
            cluster: &run.cluster,
            family: &run.family,
            values: measures.iter().map(|one| (one.name, one.value)).collect(),
        };
        lines.extend(serde_json::to_string(&line));
    }
    let measures = tally.of_function();
    if !measures.is_empty() {
        let metrics: Vec<_> = measures.iter().map(|one| Metric::new(one.name, one.unit)).collect();
        let values = measures.iter().map(|one| (one.name, one.value)).collect();
        let line = FunctionLine { aws: aws(&[&["Function"]], &metrics), function, values };
        lines.extend(serde_json::to_string(&line));
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
    use crate::metrics::job::JobRun;
    use crate::metrics::{Drains, Tally, Volumes};

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
        assert_eq!(failures.get("Suppressed"), None, "what did not happen is left out");
    }

    #[test]
    fn a_gauge_has_its_unit_and_is_written_at_zero_too() {
        for (in_flight, oldest_seconds) in [(0, 0), (3, 4000)] {
            let drains = Some(Drains { in_flight, oldest_seconds });
            let tally = Tally { ticks: 1, drains, ..Tally::default() };
            let lines = lines(&tally, "ns", "instance-drain", Timestamp::from_millis(7));
            let line: Value = serde_json::from_str(&lines[0]).expect("JSON");
            let want = json!({
                "_aws": {"Timestamp": 7, "CloudWatchMetrics": [{"Namespace": "ns", "Dimensions": [["Function"]],
                    "Metrics": [{"Name": "Ticks", "Unit": "Count"}, {"Name": "DrainsInFlight", "Unit": "Count"},
                        {"Name": "OldestDrainSeconds", "Unit": "Seconds"}]}]},
                "Function": "instance-drain", "Ticks": 1,
                "DrainsInFlight": in_flight, "OldestDrainSeconds": oldest_seconds,
            });
            assert_eq!((lines.len(), line), (1, want));
        }
        assert!(Tally::default().is_empty());
        assert!(!Tally { drains: Some(Drains::default()), ..Tally::default() }.is_empty());
    }

    #[test]
    fn a_run_of_a_job_is_told_by_its_family() {
        let run =
            JobRun { seconds: Some(300), exit_code: Some(3), ..JobRun::new("harbor", "nightly", false) };
        let unknown = JobRun::new("harbor", "weekly", true);
        let tally = Tally { jobs: vec![run, unknown], ..Tally::default() };
        let lines = lines(&tally, "ns", "task-monitor", Timestamp::from_millis(7));
        let line: Value = serde_json::from_str(&lines[0]).expect("JSON");
        let want = json!({
            "_aws": {"Timestamp": 7, "CloudWatchMetrics": [{"Namespace": "ns", "Dimensions": [["Cluster", "Family"]],
                "Metrics": [{"Name": "JobFailures", "Unit": "Count"}, {"Name": "JobSeconds", "Unit": "Seconds"},
                    {"Name": "JobExitCode", "Unit": "None"}]}]},
            "Cluster": "harbor", "Family": "nightly", "JobFailures": 1, "JobSeconds": 300, "JobExitCode": 3,
        });
        assert_eq!((lines.len(), line), (2, want));
        assert!(!lines[1].contains("JobExitCode"), "what is not known is left out");
    }

    #[test]
    fn volumes_are_told_at_zero_too_and_no_balance_is_not_a_full_one() {
        for (lowest_percent, metrics) in [(None, 4), (Some(0), 5)] {
            let volumes = Some(Volumes { measured: 3, lowest_percent, ..Volumes::default() });
            let tally = Tally { volumes, ..Tally::default() };
            let lines = lines(&tally, "ns", "volume-monitor", Timestamp::from_millis(7));
            let line: Value = serde_json::from_str(&lines[0]).expect("JSON");
            let named = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().expect("a list");
            assert_eq!(named.len(), metrics, "{line}");
            assert_eq!((&line["VolumesMeasured"], &line["VolumesSkipped"]), (&json!(3), &json!(0)));
            assert_eq!(line.get("LowestBurstBalance"), lowest_percent.map(|lowest| json!(lowest)).as_ref());
        }
    }
}
