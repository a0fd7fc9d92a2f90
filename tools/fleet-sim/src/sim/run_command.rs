//! The port to Systems Manager.

use shared::collect::State;
use shared::event::Timestamp;
use shared::ports::log_collector::{Command, Invocation};
use shared::ports::{ApiError, LogCollector};

use super::Sim;
use crate::api::Op;
use crate::run_command::Asked;

impl LogCollector for Sim {
    async fn send(&self, command: Command<'_>) -> Result<(), ApiError> {
        let Command { instance_id, comment, script, within } = command;
        self.call(Op::SendCommand, |world, _| {
            world.send_command(Asked { instance_id, comment, script, within }).map(drop)
        })
        .await
    }

    async fn invocations(&self, instance_id: &str, after: Timestamp) -> Result<Vec<Invocation>, ApiError> {
        self.call(Op::ListCommandInvocations, |world, _| {
            let found = world.commands_of(instance_id, after);
            let invocation = |sent: &crate::run_command::Sent| Invocation {
                comment: sent.comment.clone(),
                requested: Some(sent.at),
                state: State::from_word(world.command_status(sent).1),
            };
            Ok(found.into_iter().map(invocation).collect())
        })
        .await
    }
}
