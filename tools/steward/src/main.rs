//! `steward`: judges, explains, replays and makes up ECS events, drains instances, simulates that, and checks
//! accounts, from a terminal.

mod access;
mod args;
mod docs;
mod doctor;
mod drain;
mod explain;
mod generate;
mod input;
mod judge;
mod policy;
mod replay;
mod report;
mod row;
mod simulate;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

/// Parses the arguments and runs the verb.
fn main() -> ExitCode {
    let status = match args::Args::parse().verb {
        args::Verb::Judge(args) => judge::run(&args),
        args::Verb::Explain(args) => explain::run(&args),
        args::Verb::Replay(args) => replay::run(&args),
        args::Verb::Generate(args) => generate::run(&args),
        args::Verb::Doctor(args) => doctor::run(&args),
        args::Verb::Drain(args) => drain::run(&args),
        args::Verb::Simulate(args) => simulate::run(&args),
        args::Verb::Policy { verb: args::PolicyVerb::Check { file } } => policy::check(&file),
        args::Verb::Docs { check, readme } => docs::run(check, &readme),
    };
    status.into()
}
