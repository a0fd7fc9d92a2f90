//! Calls within the invocation's time and a share of the account's calls, page by page.

use std::fmt;
use std::time::Duration;

use crate::event::Timestamp;
use crate::ports::call::LONGEST_CALL;
use crate::ports::{ApiError, Clock, Page};

/// Kept back of an invocation's time: the longest call, and what comes after the last one.
const RESERVE: Duration = Duration::from_secs(LONGEST_CALL.as_secs() + 3);
/// Of the time there is, the part that is for telling what was seen: a quarter.
const FOR_TELLING: u32 = 4;
/// Pages of one answer that are followed.
const PAGES: usize = 200;
/// Calls of ECS at once. The account has 100 of these reads, and 20 more each second:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>.
const AT_ONCE: f64 = 50.0;
/// And more each second: what calls one after the other come to, with those of EC2 and `CloudWatch` between them.
const EACH_SECOND: f64 = 10.0;

/// Why something was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The call failed.
    Failed(&'static str, ApiError),
    /// The reply was there in part.
    Partly(&'static str, String),
    /// Our share of the account's calls is used up for the moment.
    NoBudget,
    /// The invocation is about to end.
    NoTime,
    /// An answer had page after page without an end.
    TooManyPages(&'static str),
}

impl Unread {
    /// Whether nothing went wrong, and the next look may have room for it.
    pub(super) const fn is_want_of_room(&self) -> bool {
        match self {
            Self::NoBudget | Self::NoTime => true,
            Self::Failed(..) | Self::Partly(..) | Self::TooManyPages(_) => false,
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(call, error) => write!(formatter, "{call}: {error}"),
            Self::Partly(call, why) => write!(formatter, "{call} answered in part: {why}"),
            Self::NoBudget => formatter.write_str("our share of the account's ECS calls is used up for now"),
            Self::NoTime => formatter.write_str("no time left in this invocation"),
            Self::TooManyPages(call) => write!(formatter, "{call} has more than {PAGES} pages"),
        }
    }
}

/// The calls of one invocation.
#[derive(Debug)]
pub(super) struct Asking<'a, C> {
    /// The time.
    clock: &'a C,
    /// When the last call may begin.
    until: Timestamp,
    /// When it began.
    begun: Timestamp,
    /// Calls of ECS so far.
    of_ecs: f64,
}

impl<'a, C: Clock> Asking<'a, C> {
    /// Nothing asked yet.
    pub(super) fn new(clock: &'a C, deadline: Timestamp) -> Self {
        let begun = clock.now();
        let kept = RESERVE.max(deadline.elapsed_since(begun) / FOR_TELLING);
        Self { clock, until: deadline.minus(kept), begun, of_ecs: 0.0 }
    }

    /// The present.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes a call, if there is time for it.
    pub(super) async fn call<T>(
        &self,
        name: &'static str,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, Unread> {
        if self.clock.now() >= self.until {
            return Err(Unread::NoTime);
        }
        call.await.map_err(|error| {
            tracing::warn!(call = name, error = %error, "call failed");
            Unread::Failed(name, error)
        })
    }

    /// Makes a call of ECS, if there is time and budget for it.
    pub(super) async fn ecs<T>(
        &mut self,
        name: &'static str,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, Unread> {
        let gained = self.clock.now().elapsed_since(self.begun).as_secs_f64() * EACH_SECOND;
        if self.of_ecs >= AT_ONCE + gained {
            return Err(Unread::NoBudget);
        }
        self.of_ecs += 1.0;
        self.call(name, call).await
    }

    /// Follows the pages of an answer of ECS to its end. Half an answer is none.
    pub(super) async fn pages<T, F: Future<Output = Result<Page<T>, ApiError>>>(
        &mut self,
        name: &'static str,
        mut call: impl FnMut(Option<String>) -> F,
    ) -> Result<Vec<T>, Unread> {
        let (mut items, mut next) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = self.ecs(name, call(next.take())).await?;
            items.extend(page.items);
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(items),
            }
        }
        Err(Unread::TooManyPages(name))
    }

    /// The same for an answer of another service.
    pub(super) async fn pages_elsewhere<T, F: Future<Output = Result<Page<T>, ApiError>>>(
        &self,
        name: &'static str,
        mut call: impl FnMut(Option<String>) -> F,
    ) -> Result<Vec<T>, Unread> {
        let (mut items, mut next) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = self.call(name, call(next.take())).await?;
            items.extend(page.items);
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(items),
            }
        }
        Err(Unread::TooManyPages(name))
    }
}
