//! What is asked for: arguments, policy and credentials, checked whole before anything is called.

use std::time::Duration;

use shared::config::AwsAccess;
use shared::drain::settings::Settings;
use shared::handler::instance_drain::Mode;
use shared::policy::{Pattern, Policy};

use crate::access;
use crate::args::{DrainArgs, Format};
use crate::policy;
use crate::terminal::{Status, complain};

/// Digits of an instance's id: of those before 2016, and since.
const ID_DIGITS: [usize; 2] = [8, 17];

/// What is asked for.
pub struct Request {
    /// Each once, in the order they were given.
    pub instance_ids: Vec<String>,
    /// The cluster they are in.
    pub cluster: Option<String>,
    /// How to drain.
    pub policy: Policy,
    /// Which hooks are ours.
    pub settings: Settings,
    /// How AWS is reached.
    pub access: AwsAccess,
    /// Whether anything is changed.
    pub mode: Mode,
    /// Whether to look until it is over.
    pub wait: bool,
    /// How long to look.
    pub timeout: Duration,
    /// The time between two looks.
    pub every: Duration,
    /// How to print.
    pub format: Format,
}

impl Request {
    /// From arguments, environment and the policy's file. Everything that is wrong is told, a line each.
    pub fn of(args: &DrainArgs) -> Result<Self, Status> {
        let mut problems = Vec::new();
        let mut instance_ids = Vec::new();
        for id in &args.instance_ids {
            if !is_instance_id(id) {
                problems.push(format!("`{id}` is no instance id: i- and 8 or 17 digits of 0-9a-f"));
            } else if !instance_ids.contains(id) {
                instance_ids.push(id.clone());
            }
        }
        let mut given = |name: &str, value: Option<&String>| {
            if value.is_some_and(|value| value.trim().is_empty()) {
                problems.push(format!("{name} is empty"));
            }
        };
        given("--cluster", args.cluster.as_ref());
        args.hooks.iter().for_each(|hook| given("--hook", Some(hook)));
        let timeout = duration("--timeout", &args.timeout, &mut problems);
        let every = duration("--every", &args.every, &mut problems);
        let (region, endpoint_url) = (args.region.as_deref(), args.endpoint_url.as_deref());
        let access = access::read(region, endpoint_url, &mut problems);
        for problem in &problems {
            complain(problem);
        }
        let policy = policy::read(args.policy.as_deref());
        let (Some(access), true) = (access, problems.is_empty()) else { return Err(Status::BadInput) };
        let hooks = args.hooks.iter().map(|hook| Pattern::new(hook)).collect();
        Ok(Self {
            instance_ids,
            cluster: args.cluster.clone(),
            policy: policy?,
            settings: Settings { hooks, ..Settings::default() },
            access,
            mode: if args.dry_run { Mode::Plan } else { Mode::Act },
            wait: args.wait,
            timeout,
            every,
            format: args.format,
        })
    }
}

/// Whether a text has the form of an instance's id.
fn is_instance_id(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix("i-")
        .is_some_and(|digits| ID_DIGITS.contains(&digits.len()) && digits.bytes().all(is_digit))
}

/// A duration for people.
fn duration(name: &str, text: &str, problems: &mut Vec<String>) -> Duration {
    humantime::parse_duration(text).unwrap_or_else(|_| {
        problems.push(format!("{name}: `{text}` is no duration such as 90s, 45m or 2h"));
        Duration::ZERO
    })
}

#[cfg(test)]
mod tests {
    use super::is_instance_id;

    #[test]
    fn an_instance_id_has_8_or_17_digits() {
        for id in ["i-0a1b2c3d", "i-0a1b2c3d4e5f60718"] {
            assert!(is_instance_id(id), "{id}");
        }
        for id in
            ["", "i-", "i-0a1b2c3", "i-0a1b2c3d4", "i-0A1B2C3D", "i-0a1b2c3g", "mi-0a1b2c3d", " i-0a1b2c3d"]
        {
            assert!(!is_instance_id(id), "{id}");
        }
    }
}
