//! Events about hosts: judged with what is known beyond them; some of their alerts wait, and some events end them.

use super::judged::{Judged, Memory};
use super::{Fate, Monitor, Round};
use crate::alert::Subject;
use crate::alert::incident::awaited::Occasion;
use crate::alert::incident::document::record_key;
use crate::event::{Event, Timestamp};
use crate::intake::Record;
use crate::judge::host::follow_up::Moment;
use crate::judge::host::{self, FollowUp, Happening, KnownHosts, Report};
use crate::ports::{AlertTable, Clock, MetricSink, PublishError, Publisher, TaskFacts, VerdictBus};
use crate::verdict::{Cause, Verdict};

/// An EC2 instance that an event worth an alert names, and of which more may be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its id.
    pub id: String,
    /// Cluster and container instance, as ARNs, where the event names them.
    pub place: Option<(String, String)>,
    /// Whether what Auto Scaling does with it may be answer enough.
    pub may_be_scaled_in: bool,
}

impl Round {
    /// Judges with what is known of hosts.
    pub fn know(&mut self, hosts: KnownHosts) {
        self.known_hosts.extend(hosts);
    }
}

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// The instances of which more has to be known before a record is judged: those of an alert, or of what a policy
    /// may make one, once it is known which cluster it is about.
    pub fn wanted(&self, record: &Record) -> Vec<Wanted> {
        let Ok(event) = &record.content else { return Vec::new() };
        let Some(happening) = Happening::of(&event.detail).filter(|_| self.beat.judges(&event.detail)) else {
            return Vec::new();
        };
        let verdict = self.judge(&record.content, None, &KnownHosts::new()).alert.verdict;
        let may_be_raised = matches!(verdict.cause, Cause::SpotInterrupted | Cause::RebalanceRecommended)
            && self.policy.may_tell_of(verdict.cause);
        if !verdict.is_alert() && !may_be_raised {
            return Vec::new();
        }
        let arns = match happening {
            Happening::Change(change) => [&change.cluster_arn, &change.container_instance_arn],
            Happening::Health(health) => [&health.cluster_arn, &health.container_instance_arn],
            Happening::Spot(_) | Happening::Rebalance(_) | Happening::State(_) | Happening::Notice(_) => {
                [&None, &None]
            }
        };
        let place = arns[0].as_deref().zip(arns[1].as_deref());
        let place = place.map(|(cluster, arn)| (cluster.to_owned(), arn.to_owned()));
        let may_be_scaled_in = match happening {
            Happening::State(state) => state.word() == "shutting-down",
            Happening::Change(_) | Happening::Health(_) => true,
            Happening::Spot(_) | Happening::Rebalance(_) | Happening::Notice(_) => false,
        };
        let wanted = |id: &str| Wanted { id: id.to_owned(), place: place.clone(), may_be_scaled_in };
        happening.instances().into_iter().map(wanted).collect()
    }

    /// Judges an event about a host.
    pub(super) fn judge_host(
        &self,
        happening: Happening<'_>,
        event: &Event,
        now: Timestamp,
        known: &KnownHosts,
    ) -> Judged {
        let key = host::key_of(happening, event);
        let version_of = host::version_of(happening);
        let seen = self.seen();
        let context = host::Context {
            now,
            age_millis: event.at().map(|at| self.clock.now().millis_since(at)),
            last_version: version_of.and_then(|(arn, _)| seen.last_version(arn)),
            was_seen: key.as_deref().is_some_and(|key| seen.was_seen(key)),
            can_wait: self.incidents.is_some(),
            known,
        };
        drop(seen);
        let verdict = host::judge(happening, &self.policy, context);
        let report = Report::new(happening, context);
        let follow_up = FollowUp::of(&report, &verdict, &self.policy);
        let mut subject = Subject::of(event);
        let owned = |text: Option<&str>| text.map(str::to_owned);
        subject.cluster = subject.cluster.or_else(|| owned(report.cluster()));
        subject.container_instance =
            subject.container_instance.or_else(|| owned(report.container_instance()));
        let memory = memory_of(key, version_of, &verdict);
        Judged::new(verdict, subject, memory).followed_by(follow_up)
    }

    /// Has an alert wait, where it is to.
    pub(super) async fn wait_for(&self, judged: &Judged, round: &mut Round) -> Option<Fate> {
        let grace = judged.follow_up.wait?;
        let occasion = judged.follow_up.moment.as_ref().map(occasion);
        let fate = self.wait_with(judged.alert.clone(), occasion.as_ref(), grace, round).await;
        if matches!(fate, Fate::Suppressed(_)) {
            round.tally.suppressed += 1;
        }
        Some(fate)
    }

    /// Ends what an event says is over. A failure where the table did not take it: the event has to come again.
    pub(super) async fn end_states(&self, judged: &Judged, fate: Fate, round: &mut Round) -> Fate {
        let mut is_ended = true;
        for over in &judged.follow_up.over {
            let occasion = over.moment.as_ref().map(occasion);
            is_ended &= self.over(&over.fingerprint, occasion.as_ref(), round).await;
        }
        if is_ended || fate != Fate::Quiet {
            return fate;
        }
        Fate::Failed(PublishError::Unavailable("the alert table did not take the end of a state".to_owned()))
    }
}

/// Where an event stands among others of its thing, as the table knows it.
fn occasion(moment: &Moment) -> Occasion {
    Occasion { key: record_key(&moment.of), version: moment.version }
}

/// What to remember of an event once it is done.
fn memory_of(key: Option<String>, version_of: Option<(&str, i64)>, verdict: &Verdict) -> Memory {
    let Some((arn, version)) = version_of else {
        return key.map_or(Memory::Nothing, |key| Memory::Occurrence(key.into()));
    };
    let version = Some((Box::from(arn), version));
    if let Some(key) = key.filter(|_| verdict.cause == Cause::HostImpaired) {
        return Memory::Host { key: key.into(), is_occurrence: true, version };
    }
    let key = version.as_ref().map(|(arn, version)| format!("{arn}#{version}")).unwrap_or_default();
    Memory::Host { key: key.into(), is_occurrence: false, version }
}
