//! Collecting the logs of a host for an alert that is about to be told: the command is sent, and nobody waits for
//! what it does. `instance_drain` has a course of its own, for there a hook is held meanwhile.

use std::time::Duration;

use crate::alert::{Archive, Details};
use crate::collect::{Collection, Known, Sent, State, script::script};
use crate::event::Timestamp;
use crate::policy::collect_logs::CollectLogs;
use crate::ports::log_collector::{Command, Invocation};
use crate::ports::{ApiError, Clock, LogCollector};
use crate::redact;
use crate::verdict::Cause;

/// How much earlier than the begin of the trouble its command is looked for: clocks differ.
const SKEW: Duration = Duration::from_mins(1);

/// Collects logs, as the policy says.
#[derive(Clone, Debug)]
pub struct HostLogs<L, C> {
    /// For which causes, and where to.
    pub policy: CollectLogs,
    /// Systems Manager.
    pub logs: L,
    /// The time.
    pub clock: C,
}

impl<L: LogCollector, C: Clock> HostLogs<L, C> {
    /// Has the logs of a host collected, unless they are or were for this trouble, and says where they will be or
    /// why not. Nothing where the policy does not ask for it. Two calls at most, of which neither is repeated.
    pub async fn details(&self, cause: Cause, of: &Collection) -> Details {
        if !self.policy.is_for(cause) {
            return Details::default();
        }
        let asked = async {
            let found = self.logs.invocations(&of.instance_id, looked_for_after(of)).await?;
            let known = known(found, of, self.clock.now());
            if let Known::Sent(sent) = known {
                return Ok(in_words(&sent));
            }
            self.logs.send(command(of, &self.policy, &of.comment(), &script(of, &self.policy))).await?;
            Ok(format!("asked for at {}, and there if the host still could", self.clock.now()))
        };
        let asked: Result<String, ApiError> = asked.await;
        match asked {
            Ok(state) => Details { archives: vec![archive(of, &self.policy, state)], ..Details::default() },
            Err(error) => {
                tracing::warn!(instance = of.instance_id, error = %error, "logs of a host not collected");
                let why = redact::string(format!("logs of {}: {error}", of.instance_id));
                Details { missing: vec![why], ..Details::default() }
            }
        }
    }
}

/// How far a command is, for people.
fn in_words(sent: &Sent) -> String {
    match &sent.state {
        State::Running => format!("asked for at {}, not there yet", sent.at),
        State::Success => "collected".to_owned(),
        State::Ended(word) => format!("asked for at {}, ended as {word}", sent.at),
    }
}

/// From when on the command of a collection is looked for.
pub(super) fn looked_for_after(of: &Collection) -> Timestamp {
    of.since.minus(SKEW)
}

/// What these commands say of a collection: the last of its own counts.
pub(super) fn known(found: Vec<Invocation>, of: &Collection, now: Timestamp) -> Known {
    let comment = of.comment();
    let ours = found.into_iter().filter(|one| one.comment == comment);
    let ours = ours.map(|one| Sent { at: one.requested.unwrap_or(now).min(now), state: one.state });
    ours.max_by_key(|sent| sent.at).map_or(Known::NotSent, Known::Sent)
}

/// The command of a collection.
pub(super) fn command<'a>(
    of: &'a Collection,
    policy: &CollectLogs,
    comment: &'a str,
    script: &'a str,
) -> Command<'a> {
    Command { instance_id: &of.instance_id, comment, script, within: policy.within }
}

/// Where the logs of a collection are.
pub(super) fn archive(of: &Collection, policy: &CollectLogs, state: String) -> Archive {
    Archive { instance: of.instance_id.clone(), bucket: policy.bucket.clone(), key: of.key(policy), state }
}

#[cfg(test)]
mod tests;
