//! What an alert about a host says of its logs, whatever Systems Manager answers.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use super::HostLogs;
use crate::alert::Details;
use crate::collect::{Collection, State};
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::ports::log_collector::{Command, Invocation};
use crate::ports::{ApiError, Clock, LogCollector};
use crate::verdict::Cause;

const NOW: Timestamp = Timestamp::from_millis(1_795_417_500_000);

/// Systems Manager with some commands, which may refuse.
#[derive(Default)]
struct Manager {
    commands: Mutex<Vec<Invocation>>,
    refuses: bool,
}

impl LogCollector for &Manager {
    async fn send(&self, command: Command<'_>) -> Result<(), ApiError> {
        let (comment, requested) = (command.comment.to_owned(), Some(NOW));
        self.commands.lock().unwrap().push(Invocation { comment, requested, state: State::Running });
        Ok(())
    }

    async fn invocations(&self, _: &str, _: Timestamp) -> Result<Vec<Invocation>, ApiError> {
        if self.refuses {
            let message = "password=hunter2hunter2".to_owned();
            return Err(ApiError::Refused { code: "AccessDeniedException".to_owned(), message });
        }
        Ok(self.commands.lock().unwrap().clone())
    }
}

/// A clock that stands.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        NOW
    }
}

fn details(manager: &Manager, cause: Cause) -> Details {
    let policy = Policy::parse("[collect-logs]\nbucket = \"harbor-logs\"").expect("a policy");
    let policy = policy.collect_logs.expect("it is on");
    let logs = HostLogs { policy, logs: manager, clock: Standing };
    let of = Collection {
        instance_id: "i-0a1b2c3d4e5f60718".into(),
        cluster: "harbor".into(),
        region: None,
        since: NOW,
    };
    let mut asked = pin!(logs.details(cause, &of));
    let Poll::Ready(details) = asked.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("a port in memory never waits")
    };
    details
}

#[test]
fn one_command_for_one_trouble_however_often_it_is_told() {
    let manager = Manager::default();
    for (state, want) in [
        (State::Running, "asked for at 2026-11-23T07:05:00Z, and there if the host still could"),
        (State::Running, "asked for at 2026-11-23T07:05:00Z, not there yet"),
        (State::Success, "collected"),
        (State::Ended("Undeliverable".into()), "asked for at 2026-11-23T07:05:00Z, ended as Undeliverable"),
    ] {
        for command in manager.commands.lock().unwrap().iter_mut() {
            command.state = state.clone();
        }
        let found = details(&manager, Cause::DrainStuck);
        assert_eq!(found.archives[0].state, want);
        assert_eq!(found.archives[0].key, "harbor/i-0a1b2c3d4e5f60718/20261123T070500Z.tgz");
        assert_eq!(manager.commands.lock().unwrap().len(), 1);
    }
}

#[test]
fn a_refusal_is_one_line_without_secrets_and_no_link() {
    let manager = Manager { refuses: true, ..Manager::default() };
    let found = details(&manager, Cause::DrainStuck);
    assert!(found.archives.is_empty() && found.missing.len() == 1, "{found:?}");
    let line = &found.missing[0];
    assert!(line.starts_with("logs of i-0a1b2c3d4e5f60718: refused: AccessDeniedException"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[test]
fn for_other_causes_nothing_is_asked() {
    let manager = Manager { refuses: true, ..Manager::default() };
    assert!(details(&manager, Cause::OutOfMemory).is_empty());
}
