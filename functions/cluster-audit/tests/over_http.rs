//! The same handler through the real AWS SDK over HTTP, against the simulated fleet.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use fleet_sim::api::Op;
use fleet_sim::api::faults::{Failing, Fault, Rule};
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::http::serve;
use fleet_sim::{Fleet, GroupPlan, Sim};
use loopback::Server;
use shared::alert::HttpsBody;
use shared::aws::{Aws, cluster_reads::ClusterReadsApi};
use shared::config::{AwsAccess, TrustRoots, Vars};
use shared::handler::cluster_audit::{AuditSettings, ClusterAudit};
use shared::handler::monitor::{Beat, Monitor};
use shared::in_memory::{Absent, TableInMemory};
use shared::policy::Policy;
use shared::ports::Clock as _;

const TICK: &[u8] = br#"{"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}"#;

/// Every endpoint on one server.
struct Loopback(String);

impl Vars for Loopback {
    fn get(&self, name: &str) -> Option<String> {
        match name {
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("secret".to_owned()),
            "AWS_ENDPOINT_URL" => Some(self.0.clone()),
            _ => None,
        }
    }
}

fn aws(server: &Server) -> Aws {
    let access = AwsAccess::from_vars(&Loopback(server.url())).expect("settings");
    assert_eq!(access.trust_roots, TrustRoots::Amazon);
    Aws::new(access).expect("clients")
}

/// Gives the function a tick a minute over HTTP; what it told, by fingerprint and severity.
fn audited(sim: &Sim, minutes: usize) -> Vec<String> {
    let server = serve(sim.clone(), None).expect("a port");
    let table = TableInMemory::default();
    let port = || sim.clone();
    let policy = Policy::parse("[hosts]\nagent-grace = \"5m\"").expect("a policy");
    let monitor: Monitor<_, _, _, _, Absent, Absent> =
        Monitor::new(Beat::Nothing, policy, port(), port(), port(), HttpsBody::Json).with_table(Some(&table));
    let audit = ClusterAudit::new(monitor, ClusterReadsApi::new(&aws(&server)), AuditSettings::default());
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an executor");
    for _ in 0..minutes {
        sim.world().advance_by(Duration::from_mins(1));
        let deadline = sim.now().plus(Duration::from_mins(1));
        executor.block_on(audit.handle(TICK, deadline)).expect("an answer");
    }
    let world = sim.world();
    let mut subjects: Vec<_> =
        world.told.messages.iter().map(|(_, message)| message.subject.clone()).collect();
    subjects.sort();
    subjects
}

fn fleet() -> Fleet {
    let group = GroupPlan::named("web-group", 130).in_cluster("harbor").capacity(2);
    let mut fleet = Fleet::seeded(3).group(group.capacity_provider("spot", false));
    for number in 0..120 {
        fleet = fleet.service(ServicePlan::replica(&format!("web-{number}"), "harbor", 1));
    }
    fleet
}

#[test]
fn all_that_is_found_over_the_ports_is_found_over_http_too_page_by_page() {
    let sim = fleet().service(ServicePlan::replica("much", "harbor", 400)).simulate();
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().collect();
        world.disconnect_agent(instances[125], None);
        let never = Duration::from_hours(9);
        let job = StandalonePlan::of_family("nightly").runs_for(never);
        world.start_standalone(instances[125], &job).expect("room");
    }
    let subjects = audited(&sim, 20);
    let id = {
        let world = sim.world();
        let instance = world.all_instances().nth(125).expect("it");
        world.instance(instance).id.clone()
    };
    assert_eq!(
        subjects,
        [
            format!("[medium] agent-disconnected: {id} on harbor"),
            "[medium] service-below-desired: much on harbor".to_owned(),
            "[medium] task-stuck: nightly on harbor".to_owned(),
        ]
    );
    assert!(sim.world().calls().iter().filter(|call| call.op == Op::ListServices).count() >= 2, "two pages");
}

#[test]
fn half_an_answer_and_failures_are_not_audited() {
    for (op, fault) in [
        (Op::DescribeServices, Fault::Partial("MISSING")),
        (Op::ListServices, Fault::Throttled),
        (Op::DescribeContainerInstances, Fault::FailsBefore(Failing::ServerError)),
        (Op::DescribeAutoScalingInstances, Fault::Refused("AccessDenied")),
    ] {
        let sim = fleet().simulate();
        sim.world().api.faults.add(Rule::on(op, fault));
        let subjects = audited(&sim, 18);
        assert_eq!(subjects, ["[medium] not-audited: harbor"], "{op:?}, {fault:?}");
    }
}
