//! Links into the AWS console, for the partition the task runs in.
//!
//! Console hosts: <https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/supported-regions.html>
//! (`console.aws.amazon.com`), `console.amazonaws.cn` for China, `console.amazonaws-us-gov.com` for GovCloud.

use super::archive::{Archive, common_folder};
use super::log_lines::LogStream;
use super::subject::Subject;

/// A named link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it leads to: `task`, `service`, `cluster`, `logs`, `archive`.
    pub name: &'static str,
    /// Where.
    pub url: String,
}

/// The links that can be made from what is known; none without region and cluster.
#[must_use]
pub fn links(subject: &Subject) -> Vec<Link> {
    let (Some(region), Some(cluster)) = (subject.region.as_deref(), subject.cluster.as_deref()) else {
        return Vec::new();
    };
    let Some(domain) = domain(subject.partition.as_deref().unwrap_or("aws")) else { return Vec::new() };
    let region = encoded(region);
    let base = format!("https://{region}.{domain}/ecs/v2/clusters/{}", encoded(cluster));
    let mut found = Vec::with_capacity(3);
    let service = subject.service.as_deref().map(|service| format!("{base}/services/{}", encoded(service)));
    if let Some(id) = subject.task_id.as_deref() {
        let url = format!("{base}/tasks/{}/configuration?region={region}", encoded(id));
        found.push(Link { name: "task", url });
    }
    if let Some(service) = service {
        found.push(Link { name: "service", url: format!("{service}/events?region={region}") });
    }
    found.push(Link { name: "cluster", url: format!("{base}/tasks?region={region}") });
    found
}

/// The link to a log stream; none where the partition or the region is not known. The console reads names from
/// the fragment, percent-encoded twice, with `$` for the second `%`.
#[must_use]
pub fn log_link(subject: &Subject, log: &LogStream) -> Option<Link> {
    let region = encoded(log.region.as_deref().or(subject.region.as_deref())?);
    let domain = domain(subject.partition.as_deref().unwrap_or("aws"))?;
    let [group, stream] = [&log.group, &log.stream].map(|text| in_fragment(text));
    let url = format!(
        "https://{region}.{domain}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}/log-events/{stream}"
    );
    Some(Link { name: "logs", url })
}

/// The link to the logs of a host, or to where those of several are; none where the partition or the region is
/// not known. The console of S3 is one for all regions of a partition, so a bucket elsewhere is found too.
#[must_use]
pub fn archive_link(subject: &Subject, archives: &[Archive]) -> Option<Link> {
    let region = encoded(subject.region.as_deref()?);
    let domain = domain(subject.partition.as_deref().unwrap_or("aws"))?;
    let bucket = encoded(&archives.first()?.bucket);
    let (kind, prefix) = match archives {
        [one] => ("object", one.key.as_str()),
        _ => ("buckets", common_folder(archives)),
    };
    // A key has up to 1,024 bytes.
    let prefix = percent_encoded(prefix, 1024);
    Some(Link {
        name: "archive",
        url: format!("https://{region}.{domain}/s3/{kind}/{bucket}?prefix={prefix}"),
    })
}

/// A log group or stream as the console's fragment has it. Names end at 512 characters
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>).
fn in_fragment(text: &str) -> String {
    percent_encoded(text, 512).replace('%', "$25")
}

/// The console's domain; none for a partition whose console we do not know.
fn domain(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("console.aws.amazon.com"),
        "aws-cn" => Some("console.amazonaws.cn"),
        "aws-us-gov" => Some("console.amazonaws-us-gov.com"),
        _ => None,
    }
}

/// Percent-encodes what is not unreserved in a URL (RFC 3986), at most 255 bytes of it.
fn encoded(text: &str) -> String {
    percent_encoded(text, 255)
}

/// Percent-encodes at most so many bytes.
fn percent_encoded(text: &str, bytes: usize) -> String {
    let mut url = String::with_capacity(text.len().min(bytes));
    for byte in text.bytes().take(bytes) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push('%');
            url.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::{archive_link, links, log_link};
    use crate::alert::{Archive, LogStream, Subject};

    fn subject(partition: &str, region: &str) -> Subject {
        let some = |text: &str| Some(text.to_owned());
        Subject {
            partition: some(partition),
            region: some(region),
            cluster: some("harbor prod/ü"),
            service: some("web"),
            task_id: some("0a1b"),
            ..Subject::default()
        }
    }

    #[test]
    fn each_partition_has_its_console() {
        for (partition, region, host) in [
            ("aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/"),
            ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/ecs/v2/clusters/"),
            (
                "aws-us-gov",
                "us-gov-west-1",
                "https://us-gov-west-1.console.amazonaws-us-gov.com/ecs/v2/clusters/",
            ),
        ] {
            let found = links(&subject(partition, region));
            assert_eq!(found.len(), 3);
            for link in found {
                assert!(link.url.starts_with(host), "{}", link.url);
                assert!(link.url.contains("harbor%20prod%2F%C3%BC"), "{}", link.url);
            }
        }
    }

    #[test]
    fn a_log_stream_is_in_its_own_region() {
        let log = |region: Option<&str>| LogStream {
            group: "/ecs/web".into(),
            stream: "web/app/0a1b".into(),
            region: region.map(Into::into),
        };
        let path = "#logsV2:log-groups/log-group/$252Fecs$252Fweb/log-events/web$252Fapp$252F0a1b";
        for (partition, region, own, want) in [
            (
                "aws",
                None,
                "eu-west-1",
                "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1",
            ),
            (
                "aws",
                Some("eu-central-1"),
                "eu-west-1",
                "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1",
            ),
            (
                "aws-cn",
                None,
                "cn-north-1",
                "https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1",
            ),
        ] {
            let link = log_link(&subject(partition, own), &log(region)).expect("a link");
            assert_eq!((link.name, link.url), ("logs", format!("{want}{path}")));
        }
        assert_eq!(log_link(&subject("aws-iso", "us-iso-east-1"), &log(None)), None);
        assert_eq!(log_link(&Subject::default(), &log(None)), None);
    }

    #[test]
    fn collected_logs_are_in_the_console_of_their_partition() {
        let archive = |instance: &str| Archive {
            instance: instance.into(),
            bucket: "harbor-logs".into(),
            key: format!("hosts/harbor/{instance}/1.tgz"),
            state: "collected".into(),
        };
        let [one, two] = [archive("i-0a"), archive("i-0b")];
        for (partition, region, archives, want) in [
            (
                "aws",
                "eu-west-1",
                &[one.clone()][..],
                "https://eu-west-1.console.aws.amazon.com/s3/object/harbor-logs?prefix=hosts%2Fharbor%2Fi-0a%2F1.tgz",
            ),
            (
                "aws-cn",
                "cn-north-1",
                &[one, two],
                "https://cn-north-1.console.amazonaws.cn/s3/buckets/harbor-logs?prefix=hosts%2Fharbor%2F",
            ),
        ] {
            let link = archive_link(&subject(partition, region), archives).expect("a link");
            assert_eq!((link.name, link.url.as_str()), ("archive", want));
        }
        assert_eq!(archive_link(&subject("aws", "eu-west-1"), &[]), None);
        assert_eq!(archive_link(&subject("aws-iso", "us-iso-east-1"), &[archive("i-0a")]), None);
    }

    #[test]
    fn an_unknown_console_gives_no_link_rather_than_a_wrong_one() {
        assert_eq!(links(&subject("aws-iso", "us-iso-east-1")), []);
        assert_eq!(links(&Subject::default()), []);
    }
}
