//! One event as a line of JSON.

use fleet_sim::dice::Dice;

use super::field::Field;
use super::fleet::{Launch, Workload};
use super::line::Line;
use super::task::{Snapshot, Status, ZONES};
use super::template::{Part, parts};

/// The templates, cut.
#[derive(Debug)]
pub struct Templates {
    /// Of a task on Fargate.
    fargate: Vec<Part>,
    /// Of a task on EC2.
    ec2: Vec<Part>,
    /// Of a second container.
    sidecar: Vec<Part>,
}

impl Default for Templates {
    fn default() -> Self {
        Self {
            fargate: parts(include_str!("templates/fargate.template")),
            ec2: parts(include_str!("templates/ec2.template")),
            sidecar: parts(include_str!("templates/sidecar.template")),
        }
    }
}

/// Ids of a task, all from its seed.
struct Ids([u64; 12]);

impl Ids {
    /// Of a seed.
    fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        Self(std::array::from_fn(|_| dice.number()))
    }
}

/// How long the steps of a start take after the task was created, in milliseconds.
const CONNECTED_AFTER: i64 = 4_000;
/// See [`CONNECTED_AFTER`].
const PULLED_FROM: i64 = 9_000;
/// See [`CONNECTED_AFTER`].
const PULLED_TO: i64 = 17_500;

impl Templates {
    /// Adds the line of an event.
    pub fn write(&self, line: &mut Line, snapshot: &Snapshot, workload: &Workload) {
        let template = match workload.launch {
            Launch::Fargate | Launch::Spot => &self.fargate,
            Launch::Ec2 => &self.ec2,
        };
        self.write_parts(line, template, snapshot, workload, &Ids::of(snapshot.task.seed));
        line.text("\n");
    }

    /// Fills a template.
    fn write_parts(
        &self,
        line: &mut Line,
        template: &[Part],
        snapshot: &Snapshot,
        workload: &Workload,
        ids: &Ids,
    ) {
        for part in template {
            match part {
                Part::Text(text) => _ = line.text(text),
                Part::Field(Field::Sidecar) if workload.has_sidecar => {
                    self.write_parts(line, &self.sidecar, snapshot, workload, ids);
                }
                Part::Field(field) => write_field(line, *field, snapshot, workload, ids),
            }
        }
    }
}

/// Fills in one field.
#[expect(clippy::too_many_lines, reason = "a table: one line for each field")]
fn write_field(line: &mut Line, field: Field, snapshot: &Snapshot, workload: &Workload, ids: &Ids) {
    let Snapshot { task, at, status, version, end } = snapshot;
    let Ids(
        [task_high, task_low, container, sidecar, eni, subnet, attachment, digest, event, service, port, ip],
    ) = ids;
    let ip_parts = [ip & 63, (ip >> 8) & 255, (ip >> 16) & 255];
    match field {
        Field::EventId => _ = line.uuid(event.wrapping_add(u64::from(*version)), *task_low),
        Field::Time => _ = line.second(*at),
        Field::Updated => _ = line.time(*at),
        Field::Cluster => _ = line.text(workload.cluster),
        Field::TaskId => _ = line.hex(*task_high, 16).hex(*task_low, 16),
        Field::ContainerId => _ = line.uuid(*container, *task_high),
        Field::SidecarId => _ = line.uuid(*sidecar, *task_high),
        Field::HostId => {
            let mut dice = host_dice(snapshot, workload);
            line.hex(dice.number(), 16).hex(dice.number(), 16);
        }
        Field::EniAttachment => _ = line.uuid(*attachment, *eni),
        Field::EniStatus => {
            line.text(match status {
                Status::Provisioning => "PRECREATED",
                Status::Stopped => "DELETED",
                Status::Pending
                | Status::Activating
                | Status::Running
                | Status::Deactivating
                | Status::Stopping
                | Status::Deprovisioning => "ATTACHED",
            });
        }
        Field::Subnet => _ = line.hex(*subnet, 16),
        Field::Eni => _ = line.hex(*eni, 16),
        Field::Ip => {
            line.text("10.").number(ip_parts[0]).text(".").number(ip_parts[1]).text(".").number(ip_parts[2]);
        }
        Field::IpDashes => {
            line.text("10-").number(ip_parts[0]).text("-").number(ip_parts[1]).text("-").number(ip_parts[2]);
        }
        Field::Zone => _ = line.text(ZONES[usize::from(task.zone) % ZONES.len()]),
        Field::Provider => {
            line.text(match workload.launch {
                Launch::Spot => "\"capacityProviderName\":\"FARGATE_SPOT\",",
                Launch::Fargate | Launch::Ec2 => "",
            });
        }
        Field::Connected => {
            if task.started.is_some() {
                line.text("\"connectivity\":\"CONNECTED\",\"connectivityAt\":\"");
                line.time(task.created + CONNECTED_AFTER).text("\",");
            }
        }
        Field::Exit => write_exit(line, snapshot),
        Field::SidecarExit => {
            let ends = end.filter(|(_, end)| status.is_over() && end.exit_code().is_some());
            line.text(if ends.is_some() { "\"exitCode\":143," } else { "" });
        }
        Field::ContainerStatus => _ = line.text(status.of_containers()),
        Field::Name => _ = line.text(workload.name),
        Field::Revision => _ = line.number(u64::from(task.revision)),
        Field::Digest => _ = line.hex(*digest, 16).hex(*subnet, 16).hex(*container, 16).hex(*event, 16),
        Field::Port => _ = line.number(32_768 + port % 28_000),
        // Filled by its own template where there is one.
        Field::Sidecar => {}
        Field::Created => _ = line.time(task.created),
        Field::Desired => _ = line.text(if end.is_some() { "STOPPED" } else { "RUNNING" }),
        Field::ExecutionStopped => {
            if let Some((since, _)) = end.filter(|_| status.is_over() && task.started.is_some()) {
                line.text("\"executionStoppedAt\":\"").time(since + (at - since) / 2).text("\",");
            }
        }
        Field::Group => {
            line.text(if workload.is_job { "family:" } else { "service:" }).text(workload.name);
        }
        Field::Status => _ = line.text(status.word()),
        Field::PulledAndStarted => {
            if let Some(started) = task.started {
                line.text("\"pullStartedAt\":\"").time(task.created + PULLED_FROM);
                line.text("\",\"pullStoppedAt\":\"").time(task.created + PULLED_TO);
                line.text("\",\"startedAt\":\"").time(started).text("\",");
            }
        }
        Field::StartedBy => {
            if workload.is_job {
                line.text("\"startedBy\":\"events-rule/").text(workload.name).text("\",");
            } else {
                line.text("\"startedBy\":\"ecs-svc/")
                    .number(1_000_000_000_000_000_000 + service / 10)
                    .text("\",");
            }
        }
        Field::Stop => write_stop(line, snapshot, workload),
        Field::Version => _ = line.number(u64::from(*version)),
    }
}

/// What the ids of a task's host come from.
fn host_dice(snapshot: &Snapshot, workload: &Workload) -> Dice {
    let host = u64::from(snapshot.task.host) << 8 | u64::from(snapshot.task.zone);
    let of_cluster = workload.cluster.bytes().map(u64::from).sum::<u64>();
    Dice::new(host << 16 | of_cluster)
}

/// `exitCode` and `reason` of the container, once it has ended.
fn write_exit(line: &mut Line, snapshot: &Snapshot) {
    let Some((_, end)) = snapshot.end.filter(|_| snapshot.status.is_over()) else { return };
    if let Some(code) = end.exit_code() {
        line.text("\"exitCode\":").number(u64::from(code)).text(",");
    }
    if let Some(reason) = end.container_reason() {
        line.text("\"reason\":\"").text(reason).text("\",");
    }
}

/// Times, code and reason of the stop.
fn write_stop(line: &mut Line, snapshot: &Snapshot, workload: &Workload) {
    let Some((since, end)) = snapshot.end else { return };
    line.text("\"stoppingAt\":\"").time(since);
    if snapshot.status == Status::Stopped {
        line.text("\",\"stoppedAt\":\"").time(snapshot.at);
    }
    line.text("\",\"stoppedReason\":\"");
    end.write_reason(line, workload.name, host_dice(snapshot, workload).number());
    line.text("\",\"stopCode\":\"").text(end.stop_code()).text("\",");
}
