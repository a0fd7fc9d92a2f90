//! Any bytes as a payload: nothing panics, nothing is lost, everything that is sent fits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::alert::limits::MESSAGE_BYTES;
use shared::alert::{Alert, HttpsBody, Message, Subject};
use shared::event::{Detail, Timestamp};
use shared::judge::host::{Happening, KnownHosts};
use shared::judge::{self, Context, Severity};
use shared::policy::Policy;

fuzz_target!(|payload: &[u8]| {
    let (policy, context) = (Policy::default(), Context { now: Timestamp::from_millis(0), last_version: None, background: None, known_ends: &[] });
    for record in shared::intake::read(payload).records {
        let (verdict, subject) = match &record.content {
            Ok(event) => {
                let verdict = match &event.detail {
                    Detail::Task(task) => judge::judge(task, &policy, &context),
                    Detail::Service(event) => {
                        let context = judge::service::Context { now: context.now, was_seen: false };
                        judge::service::judge(event, &policy, context)
                    }
                    Detail::Lifecycle(_)
                    | Detail::TestNotification
                    | Detail::SpotWarning(_)
                    | Detail::ContainerInstance(_)
                    | Detail::InstanceHealth(_)
                    | Detail::InstanceState(_)
                    | Detail::Rebalance(_)
                    | Detail::HealthNotice(_)
                    | Detail::Tick
                    | Detail::Other { .. } => match Happening::of(&event.detail) {
                        Some(happening) => judge::host::judge(happening, &policy, judge::host::Context {
                            now: context.now,
                            age_millis: None,
                            last_version: None,
                            was_seen: false,
                            can_wait: true,
                            known: &KnownHosts::new(),
                        }),
                        None => judge::unknown_event(event),
                    },
                };
                (verdict, Subject::of(event))
            }
            Err(unreadable) => (judge::unreadable_event(unreadable), Subject::default()),
        };
        assert_eq!(verdict.is_alert(), verdict.severity != Severity::Info);
        let alert = Alert::new(verdict, subject);
        let message = Message::of(&alert, HttpsBody::Chat);
        assert!(message.by_protocol && message.bytes() <= MESSAGE_BYTES);
        assert!(message.subject.is_ascii() && message.subject.len() < 100);
    }
});
