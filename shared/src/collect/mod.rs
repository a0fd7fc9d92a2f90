//! Collecting the logs of a host in trouble before it is gone: what is to be done next, and the script that
//! does it. Pure: the commands of Systems Manager so far in, the next step out.
//!
//! Systems Manager itself is the memory: a command carries the name of its collection as its comment, and is
//! looked for before one is sent. So a crash between sending and noting sends no second one.

pub mod script;
pub mod step;

pub use step::{Known, Sent, State, Step, step};

use crate::alert::Subject;
use crate::event::Timestamp;
use crate::event::arn::last_part;
use crate::policy::collect_logs::CollectLogs;

/// One collection: of this instance, for the trouble that began then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// For example `i-0a1b2c3d4e5f60718`.
    pub instance_id: String,
    /// The cluster, by name or ARN.
    pub cluster: String,
    /// The region it is in, where that is known.
    pub region: Option<String>,
    /// When the trouble began: the begin of the drain.
    pub since: Timestamp,
}

impl Collection {
    /// Of what an alert is about, for the trouble that began then; none where it names no EC2 instance.
    #[must_use]
    pub fn of(subject: &Subject, since: Timestamp) -> Option<Self> {
        Some(Self {
            instance_id: subject.ec2_instance.clone()?,
            cluster: subject.cluster.clone().unwrap_or_default(),
            region: subject.region.clone(),
            since: since.to_the_second(),
        })
    }

    /// The comment of its command, by which it is found again.
    /// Up to 100 characters: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html>.
    #[must_use]
    pub fn comment(&self) -> String {
        format!("ecs-steward: logs of {} since {}", only(&self.instance_id, 24), self.since)
    }

    /// The key of its archive: `prefix/harbor/i-0a1b2c3d4e5f60718/20261123T150000Z.tgz`. It hangs on nothing
    /// that is only known later, so that the link can be told at once, and a second run overwrites the first.
    #[must_use]
    pub fn key(&self, policy: &CollectLogs) -> String {
        let cluster = only(last_part(&self.cluster), 255);
        let cluster = if cluster.is_empty() { "-".to_owned() } else { cluster };
        let instance = only(&self.instance_id, 64);
        let since: String = self.since.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        format!("{}{cluster}/{instance}/{since}.tgz", policy.prefix)
    }
}

/// The letters of a text that names of AWS are made of, so many of them at most.
fn only(text: &str, most: usize) -> String {
    let letters = text.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    letters.take(most).collect()
}

#[cfg(test)]
mod tests;
