//! The command line's verbs and flags.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use shared::drain::settings::DEFAULT_HOOKS;

/// Judges, explains and replays ECS events, drains instances, and checks accounts. Exit codes: 0 done, 1
/// `--fail-on` was met, something was found or is not done, 2 bad input.
#[derive(Debug, Parser)]
#[command(name = "steward", version, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// One verdict for each event, in the order of the input.
    #[command(
        after_help = "Examples:\n  steward judge events-fixtures/\n  steward judge --format json events.jsonl | jq .cause\n  aws ecs describe-tasks --cluster prod --tasks $ID | steward judge --fail-on alert -"
    )]
    Judge(JudgeArgs),
    /// One event in prose, rule by rule.
    #[command(
        after_help = "Example:\n  steward explain events-fixtures/ecs-task-state-change/spot-interruption--job-fargate.json"
    )]
    Explain(ExplainArgs),
    /// The whole alert path on the events' own times: what subscribers would have got, one message for each
    /// incident, its digests and its end.
    #[command(
        after_help = "Examples:\n  steward replay events-fixtures/\n  steward replay --full 0 --html report.html archive.jsonl"
    )]
    Replay(ReplayArgs),
    /// Task state changes of a made-up fleet, as JSON lines: deployments, jobs, crash loops, a lost Availability
    /// Zone, repeated and late events.
    #[command(
        after_help = "Examples:\n  steward generate --events 1000000 | steward replay --full 0 -\n  steward generate --seed 7 --span 7d --broken > events.jsonl"
    )]
    Generate(GenerateArgs),
    /// A simulated fleet on a virtual clock: how its instances are drained, by ours or by other known ways.
    #[command(
        after_help = "Examples:\n  steward simulate\n  steward simulate --instances 600 --terminate 300 --tasks 10 --compare\n  steward simulate --faults --compare --seeds 10 --format json | jq -c '[.algorithm, .killed]'"
    )]
    Simulate(SimulateArgs),
    /// Drains ECS instances as the function does: sets DRAINING, and completes the lifecycle action where a hook
    /// of ours holds an instance that is drained.
    #[command(
        after_help = "Examples:\n  eval \"$(aws configure export-credentials --format env)\"\n  steward drain --dry-run i-0a1b2c3d4e5f60718\n  steward drain --cluster harbor --wait --timeout 45m i-0a1b2c3d4e5f60718 i-0f1e2d3c4b5a69788"
    )]
    Drain(DrainArgs),
    /// Checks an account for what makes ecs-steward lose alerts or kill tasks: hooks, rules, queues, topics, the
    /// functions' settings and roles. Reads only. Exits with 1 where it finds something, with 2 where nothing could
    /// be asked.
    #[command(
        after_help = "Examples:\n  eval \"$(aws configure export-credentials --format env)\"\n  steward doctor --policy infra/policy.toml\n  steward doctor --stack ecs-steward --region eu-west-1 --format json | jq -r 'select(.severity == \"error\") | .resource'"
    )]
    Doctor(DoctorArgs),
    /// Checks a policy file.
    #[command(after_help = "Example:\n  steward policy check infra/policy.toml")]
    Policy {
        /// What to do with it.
        #[command(subcommand)]
        verb: PolicyVerb,
    },
    /// Writes the tables of the README that are generated from the code.
    #[command(after_help = "Examples:\n  steward docs README.md\n  steward docs --check README.md")]
    Docs {
        /// Change nothing; exit 1 where a table is out of date.
        #[arg(long)]
        check: bool,
        /// The file with the marked tables.
        readme: PathBuf,
    },
}

/// What to do with a policy.
#[derive(Debug, Subcommand)]
pub enum PolicyVerb {
    /// Reads the file and prints every error in it.
    #[command(after_help = "Example:\n  steward policy check infra/policy.toml")]
    Check {
        /// The policy.
        file: PathBuf,
    },
}

/// `steward judge`
#[derive(Debug, ClapArgs)]
pub struct JudgeArgs {
    /// How to print the verdicts.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// A policy.toml to judge under.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Exit 1 where a verdict is an alert.
    #[arg(long, value_enum)]
    pub fail_on: Option<FailOn>,
    /// JSON files, JSON lines, folders, or - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// `steward explain`
#[derive(Debug, ClapArgs)]
pub struct ExplainArgs {
    /// A policy.toml to judge under.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The event: a JSON file, or - for standard input.
    #[arg(value_name = "EVENT")]
    pub event: PathBuf,
}

/// `steward replay`
#[derive(Debug, ClapArgs)]
pub struct ReplayArgs {
    /// A policy.toml to judge under.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Print at most N messages in full and the others as one line; all in full without it.
    #[arg(long, value_name = "N")]
    pub full: Option<usize>,
    /// Write a report of it: one HTML file, complete in itself.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// JSON files, JSON lines, folders, or - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// `steward generate`
#[derive(Debug, ClapArgs)]
pub struct GenerateArgs {
    /// How many events.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub events: u64,
    /// Determines the events.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// When they begin.
    #[arg(long, value_name = "TIME", default_value = "2026-05-01T00:00:00Z")]
    pub start: String,
    /// Over how long they are spread; a very short span gets longer.
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    pub span: String,
    /// Put three lines between them that are no events.
    #[arg(long)]
    pub broken: bool,
}

/// `steward simulate`
#[derive(Debug, ClapArgs)]
pub struct SimulateArgs {
    /// Instances, in two clusters.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = between(1, 5_000))]
    pub instances: usize,
    /// How many of them Auto Scaling terminates, all at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = between(1, 5_000))]
    pub terminate: usize,
    /// Tasks of services for each instance.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = between(0, 100))]
    pub tasks: usize,
    /// Determines the run; with --compare, the first of the runs.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// How many runs --compare adds up, each with a seed of its own.
    #[arg(long, value_name = "N", default_value_t = 3, requires = "compare",
        value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub seeds: u64,
    /// Lose, delay and repeat events, fail calls, throttle calls.
    #[arg(long)]
    pub faults: bool,
    /// One row for each algorithm, ours first, instead of one for each instance.
    #[arg(long)]
    pub compare: bool,
    /// How to print what happened.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// A count within bounds.
fn between(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

/// `steward drain`
#[derive(Debug, ClapArgs)]
pub struct DrainArgs {
    /// The cluster the instances are in, by name or ARN. Without it the hook, the group's tag, or a search of
    /// all clusters tells.
    #[arg(long, value_name = "CLUSTER")]
    pub cluster: Option<String>,
    /// Print what would be done, change nothing.
    #[arg(long, conflicts_with = "wait")]
    pub dry_run: bool,
    /// Look again every 10 s until every instance is drained, its hook completed, or gone.
    #[arg(long)]
    pub wait: bool,
    /// A policy.toml to drain under.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// A pattern over the names of our lifecycle hooks; may be given several times.
    #[arg(long = "hook", value_name = "PATTERN", default_value = DEFAULT_HOOKS)]
    pub hooks: Vec<String>,
    /// Another endpoint for every service of AWS.
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The region, in place of `AWS_REGION` or `AWS_DEFAULT_REGION`.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// How long --wait waits.
    #[arg(long, value_name = "DURATION", default_value = "2h", requires = "wait")]
    pub timeout: String,
    /// How often --wait looks; tests have no time.
    #[arg(long, value_name = "DURATION", default_value = "10s", hide = true)]
    pub every: String,
    /// How to print the instances.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// The instances, such as i-0a1b2c3d4e5f60718.
    #[arg(required = true, value_name = "INSTANCE_ID")]
    pub instance_ids: Vec<String>,
}

/// `steward doctor`
#[derive(Debug, ClapArgs)]
pub struct DoctorArgs {
    /// The stack whose functions are meant: NAME-task-monitor and NAME-instance-drain.
    #[arg(long, value_name = "NAME", default_value = "ecs-steward")]
    pub stack: String,
    /// The policy.toml that was packaged with the functions; a policy in the variable POLICY is read from there.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Another endpoint for every service of AWS.
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The region, in place of `AWS_REGION` or `AWS_DEFAULT_REGION`.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// How to print the findings.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One row each.
    Table,
    /// One JSON object each, on a line of its own.
    Json,
}

/// When `judge` exits with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Where a verdict is an alert.
    Alert,
}
