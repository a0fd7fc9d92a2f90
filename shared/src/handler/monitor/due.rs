//! The tick: digests and recoveries that are due, and what somebody died over.

use super::{Monitor, Round};
use crate::event::Timestamp;
use crate::handler::publish::RESERVE;
use crate::ports::{AlertTable, Clock, MetricSink, PublishError, Publisher, TaskFacts, VerdictBus};

/// Due documents that are asked for at once.
const AT_ONCE: usize = 100;

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// Tells what is due by now, as long as there is time: the next tick goes on.
    pub(super) async fn tell_due(&self, round: &mut Round) {
        let Some(incidents) = &self.incidents else { return };
        let keys = match incidents.due(self.clock.now(), AT_ONCE).await {
            Ok(keys) => keys,
            Err(error) => return round.table_failed(&error),
        };
        for key in keys {
            let now = self.clock.now();
            if now.plus(RESERVE) >= round.deadline || round.table_failed {
                tracing::warn!(key, "no time left for what is due, the next tick goes on");
                return;
            }
            match incidents.tend(&key, now, round.deadline).await {
                Ok(Some(ticket)) => {
                    let sent = self.tell_ticket(&ticket, ticket.alert(), round).await;
                    log(&key, &ticket.standing, sent.err().as_ref());
                }
                Ok(None) => {}
                Err(error) => round.table_failed(&error),
            }
        }
    }

    /// Notes that ECS found a service steady.
    pub(super) async fn note_steady(&self, cluster: &str, service: &str, now: Timestamp, round: &mut Round) {
        if let Some(incidents) = self.incidents.as_ref().filter(|_| !round.table_failed)
            && let Err(error) = incidents.steady(cluster, service, now).await
        {
            round.table_failed(&error);
        }
    }
}

/// The line of each message that no record brought.
fn log(key: &str, standing: &crate::alert::incident::Standing, error: Option<&PublishError>) {
    tracing::info!(
        key,
        notice = standing.notice.word(),
        stops = standing.count,
        new_stops = standing.new,
        thread = standing.thread,
        error = error.map(ToString::to_string),
        "told what was due"
    );
}
