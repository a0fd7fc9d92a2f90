//! The verdicts of one invocation on their way to a bus. Best effort: what is lost there is counted and never
//! fails a record.

use std::time::Duration;

use crate::alert::Alert;
use crate::alert::bus::Entry;
use crate::event::Timestamp;
use crate::ports::VerdictBus;

/// So many entries are kept in one invocation, a few megabytes; what is above is lost, and counted.
const CAPACITY: usize = 1_000;

/// Collects entries, and puts them on the bus at the end.
#[derive(Debug)]
pub struct Verdicts<'a, B> {
    /// The bus, where there is one.
    bus: Option<&'a B>,
    /// What is to be put on it.
    entries: Vec<Entry>,
    /// What there was no room for.
    dropped: usize,
}

impl<'a, B: VerdictBus> Verdicts<'a, B> {
    /// For one invocation. Without a bus nothing is collected.
    #[must_use]
    pub const fn new(bus: Option<&'a B>) -> Self {
        Self { bus, entries: Vec::new(), dropped: 0 }
    }

    /// Adds a verdict, with the time of its event where that is known.
    pub fn add(&mut self, alert: &Alert, time: Option<Timestamp>) {
        if self.bus.is_none() {
            return;
        }
        if self.entries.len() == CAPACITY {
            self.dropped += 1;
        } else {
            self.entries.extend(Entry::of(alert, time));
        }
    }

    /// Puts what was collected on the bus, at most for `within`. Answers how many verdicts were lost.
    pub async fn flush(self, within: Duration) -> usize {
        let Some(bus) = self.bus.filter(|_| !self.entries.is_empty()) else { return self.dropped };
        let lost = self.dropped + bus.put(&self.entries, within).await;
        if lost > 0 {
            tracing::warn!(
                lost,
                verdicts = self.entries.len() + self.dropped,
                "verdicts lost on their way to the bus"
            );
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Mutex;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use super::{CAPACITY, Verdicts};
    use crate::alert::bus::Entry;
    use crate::alert::{Alert, Subject};
    use crate::intake::Unreadable;
    use crate::judge::unreadable_event;
    use crate::ports::VerdictBus;
    use crate::verdict::Cause;

    /// A bus that loses the last so many entries of each call.
    #[derive(Default)]
    struct Leaky {
        loses: usize,
        puts: Mutex<Vec<usize>>,
    }

    impl VerdictBus for Leaky {
        async fn put(&self, entries: &[Entry], _within: Duration) -> usize {
            self.puts.lock().unwrap().push(entries.len());
            self.loses
        }
    }

    fn flushed(verdicts: Verdicts<'_, Leaky>) -> usize {
        let mut future = pin!(verdicts.flush(Duration::from_secs(1)));
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(lost) => lost,
            Poll::Pending => panic!("a port in memory never waits"),
        }
    }

    fn alert(cause: Cause) -> Alert {
        let mut verdict = unreadable_event(&Unreadable::of_bug("a bug".into(), "{}"));
        verdict.cause = cause;
        Alert::new(verdict, Subject::default())
    }

    #[test]
    fn what_is_news_goes_at_once_and_what_was_lost_is_counted() {
        let bus = Leaky { loses: 1, ..Leaky::default() };
        let mut verdicts = Verdicts::new(Some(&bus));
        for cause in [Cause::Crashed, Cause::Duplicate, Cause::NotStopped, Cause::ScaledIn] {
            verdicts.add(&alert(cause), None);
        }
        assert_eq!(flushed(verdicts), 1);
        assert_eq!(*bus.puts.lock().unwrap(), [2]);
    }

    #[test]
    fn nothing_is_put_where_there_is_nothing_or_no_bus() {
        let bus = Leaky { loses: 1, ..Leaky::default() };
        assert_eq!(flushed(Verdicts::new(Some(&bus))), 0);
        assert!(bus.puts.lock().unwrap().is_empty());
        let mut verdicts = Verdicts::<Leaky>::new(None);
        verdicts.add(&alert(Cause::Crashed), None);
        assert_eq!((verdicts.entries.len(), flushed(verdicts)), (0, 0));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let bus = Leaky::default();
        let (mut verdicts, alert) = (Verdicts::new(Some(&bus)), alert(Cause::Crashed));
        for _ in 0..CAPACITY + 3 {
            verdicts.add(&alert, None);
        }
        assert_eq!(flushed(verdicts), 3);
        assert_eq!(*bus.puts.lock().unwrap(), [CAPACITY]);
    }
}
