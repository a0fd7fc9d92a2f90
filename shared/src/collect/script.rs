//! The script that an instance runs: take the collector, run it, upload what it made.
//!
//! A Run Command and not the runbook `AWSSupport-CollectECSInstanceLogs`: that needs a role to be passed, four
//! more actions, and rights of the instance to look at the bucket's policy, and it names the archive itself.
//! Sources: <https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-awssupport-collectecsinstancelogs.html>,
//! <https://github.com/aws/amazon-ecs-logs-collector>.

use super::{Collection, only};
use crate::policy::collect_logs::{CollectLogs, Collector};

/// What the collector is called beside its archive.
const FILE: &str = "ecs-logs-collector.sh";

/// The script, for `sh` as root.
#[must_use]
pub fn script(collection: &Collection, policy: &CollectLogs) -> String {
    let region = only(collection.region.as_deref().unwrap_or_default(), 64);
    let region = if region.is_empty() { String::new() } else { format!(" --region {}", quoted(&region)) };
    let take = match &policy.collector {
        Collector::File(path) => format!("cp -- {} {FILE}", quoted(path)),
        Collector::Object(object, _) => {
            format!("aws s3 cp --only-show-errors{region} {} {FILE}", quoted(object))
        }
        Collector::Url(url, _) => {
            format!(
                "curl --fail --silent --show-error --location --proto =https --max-time 30 --output {FILE} -- {}",
                quoted(url)
            )
        }
    };
    let check = match &policy.collector {
        Collector::File(_) | Collector::Object(_, None) => None,
        Collector::Object(_, Some(sha256)) | Collector::Url(_, sha256) => {
            let line = quoted(&format!("{sha256}  {FILE}"));
            Some(format!("printf '%s\\n' {line} | sha256sum --check --quiet"))
        }
    };
    let target = quoted(&format!("s3://{}/{}", policy.bucket, collection.key(policy)));
    let lines = [
        // What fails ends it, and what it leaves behind is taken away even where it is told to stop.
        Some("set -eu".to_owned()),
        Some("umask 077".to_owned()),
        Some(
            "command -v aws > /dev/null || { echo 'there is no AWS CLI on this instance' >&2; exit 3; }"
                .to_owned(),
        ),
        Some("work=$(mktemp -d)".to_owned()),
        Some("trap 'rm -rf \"$work\"' EXIT".to_owned()),
        Some("trap 'exit 143' INT TERM".to_owned()),
        Some("cd \"$work\"".to_owned()),
        Some(take),
        check,
        // The collector warns where a part of it fails, and what it got is worth having all the same.
        Some(format!("bash ./{FILE} || echo \"the collector ended with $?\" >&2")),
        // Beside the script, or in the older ones below `collect`.
        Some(
            "archive=$(find . -maxdepth 2 -type f \\( -name '*.tgz' -o -name '*.tar.gz' \\) | head -n 1)"
                .to_owned(),
        ),
        Some("[ -n \"$archive\" ] || { echo 'the collector made no archive' >&2; exit 4; }".to_owned()),
        Some(format!("aws s3 cp --only-show-errors{region} \"$archive\" {target}")),
    ];
    let lines: Vec<_> = lines.into_iter().flatten().collect();
    lines.join("\n")
}

/// A text as one word of a shell, whatever is in it. A NUL, which no shell can hold, is left out.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "'\\''"))
}
