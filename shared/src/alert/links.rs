//! Links into the AWS console, for the partition the task runs in.
//!
//! Console hosts: <https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/supported-regions.html>
//! (`console.aws.amazon.com`), `console.amazonaws.cn` for China, `console.amazonaws-us-gov.com` for GovCloud.

use super::subject::Subject;

/// A named link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it leads to: `task`, `service`, `cluster`.
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
    let mut url = String::with_capacity(text.len());
    for byte in text.bytes().take(255) {
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
    use super::links;
    use crate::alert::Subject;

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
    fn an_unknown_console_gives_no_link_rather_than_a_wrong_one() {
        assert_eq!(links(&subject("aws-iso", "us-iso-east-1")), []);
        assert_eq!(links(&Subject::default()), []);
    }
}
