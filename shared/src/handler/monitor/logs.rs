//! The logs of a host beside the alert that tells of its trouble.

use std::fmt;
use std::pin::Pin;

use super::Monitor;
use crate::alert::incident::{Notice, Standing};
use crate::alert::{Alert, Details};
use crate::collect::Collection;
use crate::handler::host_logs::HostLogs;
use crate::ports::{Clock, LogCollector};
use crate::verdict::Cause;

/// What has logs collected. Behind a pointer, since few functions have one.
pub trait CollectsLogs: fmt::Debug + Send + Sync {
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

    /// The first alert of an incident of a host, with where its logs are. One that is told without the alert table
    /// has none: it is told again and again, and nobody knows since when the trouble lasts.
    pub(super) async fn with_logs(&self, mut alert: Alert, standing: &Standing) -> Alert {
        if let (Some(logs), Notice::Alert) = (&self.logs, standing.notice)
            && let Some(of) = Collection::of(&alert.subject, standing.opened)
        {
            let found = logs.details(alert.verdict.cause, &of).await;
            alert.details.archives.extend(found.archives);
            alert.details.missing.extend(found.missing);
        }
        alert
    }
}
