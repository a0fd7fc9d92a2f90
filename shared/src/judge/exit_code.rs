//! What an exit code says by itself.
//!
//! Codes above 128 are 128 plus the signal that ended the process (`signal(7)`); 124 to 127 are the
//! shell's and `timeout`'s (`sh(1)`, `timeout(1)`); negative ones are Windows NTSTATUS values
//! (<https://learn.microsoft.com/openspecs/windows_protocols/ms-erref/596a1078-e883-4972-9bbc-49e60bebca55>).

use crate::verdict::{Cause, Severity};

/// Windows: ended by Ctrl-C, which is how a container is asked to stop (`0xC000013A`).
const STATUS_CONTROL_C_EXIT: i64 = 0xC000_013A - 0x1_0000_0000;

/// The kinds of exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitKind {
    /// 0.
    Clean,
    /// An error code the application chose.
    Plain,
    /// 126 and 127: the command cannot be run.
    NoCommand,
    /// 129, 130, 143 and Windows' Ctrl-C: asked to stop.
    AskedToStop,
    /// 137: SIGKILL.
    Killed,
    /// A signal that means a crash, or a Windows exception.
    Crash,
}

/// The kind of a code. Windows codes may come as signed or unsigned 32-bit numbers.
#[must_use]
pub fn kind(code: i64) -> ExitKind {
    match signed(code) {
        0 => ExitKind::Clean,
        126 | 127 => ExitKind::NoCommand,
        129 | 130 | 143 | STATUS_CONTROL_C_EXIT => ExitKind::AskedToStop,
        137 => ExitKind::Killed,
        131..=136 | 139..=142 | 144..=159 | i64::MIN..=-1 => ExitKind::Crash,
        _ => ExitKind::Plain,
    }
}

/// An unsigned NTSTATUS as the signed number it is.
fn signed(code: i64) -> i64 {
    match code {
        0x8000_0000..=0xFFFF_FFFF => code - 0x1_0000_0000,
        _ => code,
    }
}

/// Whether the code is what Windows returns for being asked to stop.
#[must_use]
pub fn is_windows_stop(code: i64) -> bool {
    signed(code) == STATUS_CONTROL_C_EXIT
}

/// Whether the code is what a stop leaves behind: SIGKILL, SIGTERM, and what Windows returns for it. ECS ends
/// the other containers of a task so once one has ended.
#[must_use]
pub fn follows_from_a_stop(code: i64) -> bool {
    matches!(kind(code), ExitKind::Killed) || code == 143 || is_windows_stop(code)
}

/// The cause a code stands for where a container ended by itself.
#[must_use]
pub fn cause(code: i64, is_service: bool) -> Cause {
    match kind(code) {
        ExitKind::Clean if is_service => Cause::UnexpectedCompletion,
        ExitKind::Clean => Cause::Completed,
        ExitKind::Plain => Cause::ApplicationExit,
        ExitKind::NoCommand => Cause::StartFailure,
        ExitKind::AskedToStop => Cause::Terminated,
        ExitKind::Killed => Cause::Killed,
        ExitKind::Crash => Cause::Crashed,
    }
}

/// How bad a code is where a container ended by itself.
#[must_use]
pub fn severity(code: i64, is_service: bool) -> Severity {
    let (service, job) = match (signed(code), kind(code)) {
        (_, ExitKind::Clean) => (Severity::Low, Severity::Info),
        (2 | 125 | 254 | 255, _) => (Severity::High, Severity::Medium),
        (141 | 143, _) => (Severity::Medium, Severity::Low),
        (_, ExitKind::AskedToStop) => (Severity::Low, Severity::Low),
        (_, ExitKind::Plain) => (Severity::Medium, Severity::Medium),
        (_, ExitKind::NoCommand | ExitKind::Killed | ExitKind::Crash) => (Severity::High, Severity::High),
    };
    if is_service { service } else { job }
}

/// How bad a code is where ECS had asked the container to stop before: only a crash is worth a word.
#[must_use]
pub fn severity_after_stop(code: i64) -> Severity {
    match (kind(code), code) {
        (ExitKind::Crash, 142 | 144..=159 | 131..=140) => Severity::Low,
        (
            ExitKind::Clean
            | ExitKind::Plain
            | ExitKind::NoCommand
            | ExitKind::AskedToStop
            | ExitKind::Killed
            | ExitKind::Crash,
            _,
        ) => Severity::Info,
    }
}

/// The code in words, for evidence and alerts.
#[must_use]
pub fn in_words(code: i64) -> &'static str {
    match (signed(code), kind(code)) {
        (0, _) => "clean",
        (1, _) => "a general error",
        (2, _) => "wrong use, or a Go panic",
        (124, _) => "`timeout` ran out",
        (125, _) => "docker or `timeout` itself failed",
        (126, _) => "the command is not executable",
        (127, _) => "the command was not found",
        (128, _) => "an invalid exit code",
        (129, _) => "SIGHUP",
        (130, _) => "SIGINT",
        (131, _) => "SIGQUIT",
        (132, _) => "SIGILL, illegal instruction",
        (133, _) => "SIGTRAP",
        (134, _) => "SIGABRT, abort or failed assertion",
        (135, _) => "SIGBUS",
        (136, _) => "SIGFPE, arithmetic error",
        (137, _) => "SIGKILL",
        (139, _) => "SIGSEGV, segmentation fault",
        (141, _) => "SIGPIPE",
        (143, _) => "SIGTERM",
        (159, _) => "SIGSYS, forbidden system call",
        (255, _) => "exit(-1), or unknown to the runtime",
        (-1_073_741_819, _) => "Windows access violation",
        (STATUS_CONTROL_C_EXIT, _) => "Windows Ctrl-C",
        (i64::MIN..0, _) => "a Windows exception",
        (_, ExitKind::Crash) => "a fatal signal",
        (_, _) => "an error of the application's own",
    }
}

#[cfg(test)]
mod tests {
    use super::{ExitKind, cause, in_words, kind, severity, severity_after_stop};
    use crate::judge::{Cause, Severity};
    use Severity::{High, Info, Low, Medium};

    /// Code, cause, severity for a job, for a service, after a stop was asked for.
    const TABLE: &[(i64, Cause, Severity, Severity, Severity)] = &[
        (1, Cause::ApplicationExit, Medium, Medium, Info),
        (2, Cause::ApplicationExit, Medium, High, Info),
        (3, Cause::ApplicationExit, Medium, Medium, Info),
        (124, Cause::ApplicationExit, Medium, Medium, Info),
        (125, Cause::ApplicationExit, Medium, High, Info),
        (126, Cause::StartFailure, High, High, Info),
        (127, Cause::StartFailure, High, High, Info),
        (128, Cause::ApplicationExit, Medium, Medium, Info),
        (129, Cause::Terminated, Low, Low, Info),
        (130, Cause::Terminated, Low, Low, Info),
        (131, Cause::Crashed, High, High, Low),
        (134, Cause::Crashed, High, High, Low),
        (136, Cause::Crashed, High, High, Low),
        (137, Cause::Killed, High, High, Info),
        (138, Cause::ApplicationExit, Medium, Medium, Info),
        (139, Cause::Crashed, High, High, Low),
        (140, Cause::Crashed, High, High, Low),
        (141, Cause::Crashed, Low, Medium, Info),
        (143, Cause::Terminated, Low, Medium, Info),
        (159, Cause::Crashed, High, High, Low),
        (160, Cause::ApplicationExit, Medium, Medium, Info),
        (254, Cause::ApplicationExit, Medium, High, Info),
        (255, Cause::ApplicationExit, Medium, High, Info),
        (256, Cause::ApplicationExit, Medium, Medium, Info),
        (999, Cause::ApplicationExit, Medium, Medium, Info),
        (-1_073_741_819, Cause::Crashed, High, High, Info),
        (0xC000_0005, Cause::Crashed, High, High, Info),
        (-1_073_741_510, Cause::Terminated, Low, Low, Info),
        (0xC000_013A, Cause::Terminated, Low, Low, Info),
        (i64::MAX, Cause::ApplicationExit, Medium, Medium, Info),
        (i64::MIN, Cause::Crashed, High, High, Info),
    ];

    #[test]
    fn every_code_of_the_table() {
        for &(code, want, job, service, after_stop) in TABLE {
            assert_eq!((cause(code, false), cause(code, true)), (want, want), "{code}");
            assert_eq!((severity(code, false), severity(code, true)), (job, service), "{code}");
            assert_eq!(severity_after_stop(code), after_stop, "{code}");
        }
        assert_eq!((cause(0, false), severity(0, false)), (Cause::Completed, Info));
        assert_eq!((cause(0, true), severity(0, true)), (Cause::UnexpectedCompletion, Low));
    }

    #[test]
    fn no_code_but_zero_is_clean() {
        for code in (-70_000..70_000).filter(|code| *code != 0) {
            assert_ne!(kind(code), ExitKind::Clean, "{code}");
            assert!(severity(code, false) > Info && severity(code, true) > Info, "{code}");
            assert!(!in_words(code).is_empty());
        }
    }
}
