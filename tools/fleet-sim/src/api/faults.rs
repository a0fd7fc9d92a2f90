//! What goes wrong with calls, and with which.

use std::ops::Range;
use std::time::Duration;

use shared::event::Timestamp;

use super::{Op, Service};
use crate::dice::Dice;

/// How a call that was not answered fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// HTTP 500 or 503.
    ServerError,
    /// The connection breaks.
    Reset,
    /// No answer comes in time.
    TimedOut,
}

impl Failing {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ServerError => "HTTP 503: ServiceUnavailableException",
            Self::Reset => "connection reset by peer",
            Self::TimedOut => "no answer in time",
        }
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Throttled, without an effect.
    Throttled,
    /// Refused with this code, without an effect.
    Refused(&'static str),
    /// Fails, without an effect.
    FailsBefore(Failing),
    /// Has its effect, and then fails.
    FailsAfter(Failing),
    /// One of what was asked for stands in `failures[]` with this reason, and is not acted on; only calls that
    /// name several things have that.
    Partial(&'static str),
    /// Takes longer.
    Slow(Duration),
    /// The caller dies before the call has an effect.
    DiesBefore,
    /// The caller dies after the call had its effect.
    DiesAfter,
}

/// Which calls a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// All.
    Any,
    /// Those of a service.
    Of(Service),
    /// Those of an operation.
    On(Op),
}

/// A fault and when it strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which calls.
    subject: Subject,
    /// Which of these, counted from one; all where it does not say.
    numbers: Option<Range<u64>>,
    /// When; always where it does not say.
    during: Option<Range<Timestamp>>,
    /// How many of a thousand.
    per_mille: u32,
    /// What goes wrong.
    fault: Fault,
    /// How many calls it was about so far.
    counted: u64,
}

impl Rule {
    /// For calls of this subject.
    const fn about(subject: Subject, fault: Fault) -> Self {
        Self { subject, numbers: None, during: None, per_mille: 1000, fault, counted: 0 }
    }

    /// For any call.
    #[must_use]
    pub const fn any(fault: Fault) -> Self {
        Self::about(Subject::Any, fault)
    }

    /// For calls of a service.
    #[must_use]
    pub const fn of(service: Service, fault: Fault) -> Self {
        Self::about(Subject::Of(service), fault)
    }

    /// For calls of an operation.
    #[must_use]
    pub const fn on(op: Op, fault: Fault) -> Self {
        Self::about(Subject::On(op), fault)
    }

    /// Only the `number`-th of them, counted from one.
    #[must_use]
    pub const fn nth(self, number: u64) -> Self {
        self.numbered(number..number + 1)
    }

    /// Only those with these numbers, counted from one.
    #[must_use]
    pub const fn numbered(mut self, numbers: Range<u64>) -> Self {
        self.numbers = Some(numbers);
        self
    }

    /// Only from then until then.
    #[must_use]
    pub const fn during(mut self, from: Timestamp, until: Timestamp) -> Self {
        self.during = Some(from..until);
        self
    }

    /// Only so many of a thousand.
    #[must_use]
    pub const fn per_mille(mut self, per_mille: u32) -> Self {
        self.per_mille = per_mille;
        self
    }

    /// Whether it strikes this call; counts it if it is about it.
    fn strikes(&mut self, op: Op, now: Timestamp, dice: &mut Dice) -> bool {
        let about = match self.subject {
            Subject::Any => true,
            Subject::Of(service) => op.service() == service,
            Subject::On(one) => op == one,
        };
        if !about {
            return false;
        }
        self.counted += 1;
        self.numbers.as_ref().is_none_or(|numbers| numbers.contains(&self.counted))
            && self.during.as_ref().is_none_or(|span| span.contains(&now))
            && dice.happens(self.per_mille)
    }
}

/// All that goes wrong.
#[derive(Debug)]
pub struct Faults {
    /// Tried in order; the first that strikes is the call's fault.
    rules: Vec<Rule>,
    /// Decides.
    pub(crate) dice: Dice,
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub const fn new(dice: Dice) -> Self {
        Self { rules: Vec::new(), dice }
    }

    /// Something more goes wrong.
    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Nothing goes wrong any more.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// What goes wrong with this call.
    pub(crate) fn of(&mut self, op: Op, now: Timestamp) -> Option<Fault> {
        let mut struck = None;
        for rule in &mut self.rules {
            if rule.strikes(op, now, &mut self.dice) {
                struck = struck.or(Some(rule.fault));
            }
        }
        struck
    }
}
