//! The logs of a host beside the alert that tells of its trouble.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::{Monitor, Round};
use crate::alert::incident::{Notice, Standing};
use crate::alert::{Alert, Details};
use crate::collect::Collection;
use crate::handler::host_logs::HostLogs;
use crate::ports::{Clock, LogCollector};
use crate::verdict::Cause;

/// What has to be left of an invocation for asking: two calls, and after them the alert.
const NEEDED: Duration = Duration::from_secs(10);

/// What has logs collected. Behind a pointer, since few functions have one.
pub trait CollectsLogs: fmt::Debug + Send + Sync {
    /// Whether the policy asks for logs when people are told of this.
    fn is_for(&self, cause: Cause) -> bool;

    /// Has the logs of a host collected where the policy asks for it for this cause, and says where they will be or
    /// why not.
    fn details<'a>(
        &'a self,
        cause: Cause,
        of: &'a Collection,
    ) -> Pin<Box<dyn Future<Output = Details> + Send + 'a>>;
}

impl<L, C> CollectsLogs for HostLogs<L, C>
where
    L: LogCollector + fmt::Debug + Send + Sync,
    C: Clock + fmt::Debug + Send + Sync,
{
    fn is_for(&self, cause: Cause) -> bool {
        self.policy.is_for(cause)
    }

    fn details<'a>(
        &'a self,
        cause: Cause,
        of: &'a Collection,
    ) -> Pin<Box<dyn Future<Output = Details> + Send + 'a>> {
        Box::pin(Self::details(self, cause, of))
    }
}

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B> {
    /// With what collects the logs of hosts, where there is something.
    #[must_use]
    pub fn with_host_logs(self, logs: Option<Box<dyn CollectsLogs>>) -> Self {
        Self { logs, ..self }
    }
}

impl<P, M, C: Clock, T, F, B> Monitor<P, M, C, T, F, B> {
    /// The first alert of an incident of a host, with where its logs are. One that is told without the alert table
    /// has none: it is told again and again, and nobody knows since when the trouble lasts. Logs never make an
    /// alert late: where little time is left, they are not asked for, and the alert says so.
    pub(super) async fn with_logs(&self, mut alert: Alert, standing: &Standing, round: &Round) -> Alert {
        let cause = alert.verdict.cause;
        if let (Some(logs), Notice::Alert) = (&self.logs, standing.notice)
            && let Some(of) = Collection::of(&alert.subject, standing.opened).filter(|_| logs.is_for(cause))
        {
            if round.deadline.elapsed_since(self.clock.now()) < NEEDED {
                let line = format!("logs of {}: there was no time left to ask", of.instance_id);
                alert.details.missing.push(line);
                return alert;
            }
            let found = logs.details(cause, &of).await;
            alert.details.archives.extend(found.archives);
            alert.details.missing.extend(found.missing);
        }
        alert
    }
}
