//! What is asked for: arguments, policy and credentials, checked whole before anything is called.

use shared::config::AwsAccess;
use shared::policy::Policy;

use crate::access;
use crate::args::{DoctorArgs, Format};
use crate::policy;
use crate::terminal::{Status, complain};

/// What is asked for.
pub struct Request {
    /// How AWS is reached.
    pub access: AwsAccess,
    /// The stack whose functions are meant.
    pub stack: String,
    /// The policy the functions were given, where somebody says so.
    pub policy: Option<Policy>,
    /// How to print.
    pub format: Format,
}

impl Request {
    /// From arguments, environment and the policy's file. Everything that is wrong is told, a line each.
    pub fn of(args: &DoctorArgs) -> Result<Self, Status> {
        let mut problems = Vec::new();
        if args.stack.trim().is_empty() {
            problems.push("--stack is empty".to_owned());
        }
        let access = access::read(args.region.as_deref(), args.endpoint_url.as_deref(), &mut problems);
        for problem in &problems {
            complain(problem);
        }
        let policy = args.policy.as_deref().map(|file| policy::read(Some(file))).transpose();
        let (Some(access), true) = (access, problems.is_empty()) else { return Err(Status::BadInput) };
        Ok(Self { access, stack: args.stack.clone(), policy: policy?, format: args.format })
    }
}
