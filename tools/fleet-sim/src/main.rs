//! `fleet-sim`: a simulated fleet on 127.0.0.1, for the AWS SDKs and the command line.

use std::io::{self, Write as _};
use std::time::Duration;

use clap::Parser;
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::http::{Pace, relay, serve};
use fleet_sim::outbox::{Kind, Road};
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim};
use shared::event::Timestamp;

/// The cluster's name.
const CLUSTER: &str = "demo";
/// The group's name.
const GROUP: &str = "demo-asg";
/// The hook's name.
const HOOK: &str = "ecs-steward";

/// A simulated fleet on 127.0.0.1: ECS, Auto Scaling, and `/_fleet/state`, `/_fleet/advance?seconds=N`,
/// `/_fleet/events`, `/_fleet/terminate?instance=I`, `/_fleet/crash?service=S&exit_code=N` for the simulation
/// itself.
#[derive(Parser)]
struct Args {
    /// The port; 0 for any that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Instances of the group.
    #[arg(long, default_value_t = 10)]
    instances: usize,
    /// Tasks of a service on each instance.
    #[arg(long, default_value_t = 4)]
    tasks: usize,
    /// Determines the run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Lets virtual time pass by itself, so many seconds in a real one; without it, only `advance` does.
    #[arg(long, value_name = "SPEED")]
    real_time: Option<u32>,
    /// When virtual time begins, such as 2026-11-23T07:05:00Z: the present, for who compares it with a clock.
    #[arg(long, value_name = "TIME", value_parser = begin)]
    begin: Option<Timestamp>,
}

/// Reads `--begin`.
fn begin(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "not a time such as 2026-11-23T07:05:00Z".to_owned())
}

/// The fleet that was asked for: one task in twenty a job that ends by itself.
fn fleet(args: &Args) -> Sim {
    let hook = HookPlan::named(HOOK).heartbeat_timeout(Duration::from_mins(10));
    let group = GroupPlan::named(GROUP, args.instances)
        .in_cluster(CLUSTER)
        .capacity(args.tasks.saturating_mul(2).max(2))
        .tag("ecs-steward:cluster", CLUSTER)
        .capacity_provider("demo-cp", false)
        .hook(hook);
    let web = ServicePlan::replica("web", CLUSTER, args.instances.saturating_mul(args.tasks));
    let road = Road { kinds: Kind::ALL.to_vec(), ..Road::default() };
    let sim = Fleet { road, beginning: args.begin, ..Fleet::seeded(args.seed) }
        .group(group)
        .service(web.stops_in(Duration::from_secs(15)))
        .service(ServicePlan::daemon("agent", CLUSTER))
        .simulate();
    let mut world = sim.world();
    let instances: Vec<_> = world.all_instances().step_by(20).collect();
    for instance in instances {
        let job = StandalonePlan::of_family("nightly").runs_for(Duration::from_mins(10));
        world.run_standalone(instance, &job);
    }
    drop(world);
    sim
}

/// Builds the fleet, serves it, and says where.
fn main() -> io::Result<()> {
    let args = Args::parse();
    let sim = fleet(&args);
    let pace = args.real_time.map(|speed| Pace::of(&sim, speed));
    let now: Timestamp = sim.world().now();
    let server = serve(sim, pace)?;
    let address = if args.port == 0 {
        server.address()
    } else {
        relay(args.port, &server.address())?;
        format!("127.0.0.1:{}", args.port)
    };
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{address}")?;
    writeln!(out, "cluster {CLUSTER}, group {GROUP}, hook {HOOK}, services web and agent, family nightly")?;
    writeln!(out, "{} instances, {} tasks of web on each; it is {now}", args.instances, args.tasks)?;
    out.flush()?;
    drop(out);
    loop {
        std::thread::park();
    }
}
