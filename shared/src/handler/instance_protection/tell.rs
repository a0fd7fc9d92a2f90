//! What people are told: that AWS refuses what the function has to do.

use super::round::Round;
use crate::alert::{Alert, Message, Subject};
use crate::handler::HandlerError;
use crate::handler::publish::publish;
use crate::metrics::Tally;
use crate::ports::{Clock, Publisher};
use crate::verdict::{Cause, Decision, Severity, Verdict};

impl<T, S, P: Publisher, M, C: Clock> Round<'_, T, S, P, M, C> {
    /// Tells of calls that AWS refuses, once an hour each.
    ///
    /// # Errors
    /// [`HandlerError::Publish`] where nobody could be told.
    pub(super) async fn tell_of_refusals(&mut self, tally: &mut Tally) -> Result<(), HandlerError> {
        let now = self.calls.now();
        let refused = self.memory.refusals.untold(&self.calls.refused, now);
        if refused.is_empty() {
            return Ok(());
        }
        let function = self.function;
        let alert = Alert::new(of_refusals(&refused), Subject::default());
        tally.add(&alert.verdict, &alert.subject);
        let message = Message::of(&alert, function.https);
        let topics = function.policy.topics(&alert.verdict, &alert.subject);
        let (publisher, clock) = (&function.publisher, &function.clock);
        let told = publish(publisher, clock, &alert, &message, &topics, &[], self.calls.deadline).await;
        match told.failed {
            None => {
                tally.messages += 1;
                self.memory.refusals.were_told(&refused, now);
                Ok(())
            }
            Some(why) => {
                tally.publish_failures += 1;
                Err(HandlerError::Publish(why.to_string()))
            }
        }
    }
}

/// What is said of calls that AWS refuses.
fn of_refusals(refused: &[String]) -> Verdict {
    Verdict {
        verdict: Decision::Alert,
        cause: Cause::StaleProtection,
        severity: Severity::Medium,
        container: None,
        exit_code: None,
        summary: format!(
            "Instances cannot be protected from scale-in, or their protection cannot be taken back: {}",
            refused.first().map_or("", String::as_str)
        ),
        evidence: refused.to_vec(),
        next_step: "Compare the role of instance-protection with the IAM actions the README lists under Scale-in protection, or change what is named here.".into(),
        fingerprint: format!("-/-/{}/-/-", Cause::StaleProtection),
    }
}
