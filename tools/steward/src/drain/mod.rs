//! `steward drain`: the handler of `instance-drain` against AWS, from a terminal.

mod fleet;
mod lines;
mod notices;
mod request;
mod screen;

use std::io;
use std::time::Duration;

use shared::alert::HttpsBody;
use shared::aws::{Aws, auto_scaling::AutoScalingApi, ecs::EcsApi};
use shared::handler::instance_drain::{InstanceDrain, Report, Row};
use shared::policy::Policy;
use shared::ports::Clock as _;
use shared::ports::log_collector::Nothing;
use shared::runtime::SystemClock;

use crate::args::DrainArgs;
use crate::terminal::{Status, complain, ended, remark};
use fleet::Fleet;
use notices::{Notices, Nowhere};
use request::Request;
use screen::Screen;

/// How long one look may take: far longer than its calls, each of which has its own limit.
const LOOK_TIME: Duration = Duration::from_mins(2);
/// How soon it is looked again where our share of the account's calls was used up: by then it is full.
const REFILL: Duration = Duration::from_secs(5);
/// How often it is looked again for that reason without `--wait`.
const REFILLS: usize = 24;
/// Looks in a row in which AWS refuses something before `--wait` gives up: a single refusal may be about
/// something that went meanwhile.
const REFUSED_LOOKS: usize = 2;
/// What AWS says of credentials that have expired, as a code or in front of one. To the handler that is
/// trouble that passes; ours stay as they are.
const EXPIRED: &str = "ExpiredToken";

/// The handler over AWS.
type Function<'a> = InstanceDrain<EcsApi, AutoScalingApi, &'a Notices, Nowhere, SystemClock, Nothing>;

/// Runs the verb.
pub fn run(args: &DrainArgs) -> Status {
    let request = match Request::of(args) {
        Ok(request) => request,
        Err(status) => return status,
    };
    let failed = |why: String| {
        complain(&why);
        Status::NotDone
    };
    let aws = match Aws::new(request.access.clone()) {
        Ok(aws) => aws,
        Err(why) => return failed(why),
    };
    match tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(executor) => ended(executor.block_on(drain(&request, &aws))),
        Err(error) => failed(error.to_string()),
    }
}

/// Looks once, or until all is done, and prints what came of it.
async fn drain(request: &Request, aws: &Aws) -> io::Result<Status> {
    let notices = Notices::default();
    // The function collects logs; who drains by hand can look at the instance.
    let policy = Policy { collect_logs: None, ..request.policy.clone() };
    let function = InstanceDrain::new(
        policy,
        request.settings.clone(),
        EcsApi::new(aws),
        AutoScalingApi::new(aws),
        &notices,
        Nowhere,
        SystemClock,
        Nothing,
        HttpsBody::Json,
    );
    let mut fleet = Fleet::new(&request.instance_ids);
    let mut screen = Screen::new(request);
    screen.begin(&fleet);
    let trouble = looks(request, &function, &mut fleet, &mut screen).await?;
    screen.end(&fleet, trouble.as_deref())?;
    let is_done = if request.wait { fleet.is_ended_well() } else { fleet.is_under_way() };
    Ok(if is_done && trouble.is_none() { Status::Done } else { Status::NotDone })
}

/// Looks until there is no reason to look again. Answers why it gave up, where it did.
async fn looks(
    request: &Request,
    function: &Function<'_>,
    fleet: &mut Fleet,
    screen: &mut Screen<'_>,
) -> io::Result<Option<String>> {
    let end = function.clock.now().plus(request.timeout);
    let (mut refills, mut refused_looks) = (0, 0);
    loop {
        let deadline = function.clock.now().plus(LOOK_TIME);
        let wishes = fleet.wishes(request.cluster.as_deref());
        let report = function.reconcile(wishes, false, request.mode, deadline).await;
        let changed = fleet.note(&report);
        screen.show(&function.publisher.take(), &report.refused, fleet, &changed)?;
        refused_looks = if report.refused.is_empty() { 0 } else { refused_looks + 1 };
        if has_expired(&report) {
            return Ok(Some("the credentials have expired: get new ones and run it again".to_owned()));
        }
        let refusals = if request.wait { REFUSED_LOOKS } else { 1 };
        if refused_looks >= refusals {
            return Ok(Some("gave up, for what is said above".to_owned()));
        }
        if request.wait && fleet.is_over() {
            return Ok(None);
        }
        if !request.wait {
            if !report.starved || refills == REFILLS {
                return Ok(None);
            }
            if refills == 0 {
                remark("Many instances: looking on every 5 s, so that no other caller of ECS is throttled.");
            }
            refills += 1;
        }
        let left = end.elapsed_since(function.clock.now());
        if left.is_zero() {
            return Ok(Some(format!("not over after {}", humantime::format_duration(request.timeout))));
        }
        rest(left.min(if request.wait { request.every } else { REFILL })).await;
    }
}

/// Whether AWS takes the credentials for expired.
fn has_expired(report: &Report) -> bool {
    let troubles = report.rows.iter().filter_map(Row::trouble_in_words);
    troubles.chain(report.refused.iter().map(String::as_str)).any(|why| why.contains(EXPIRED))
}

/// Waits between two looks, and lets connections notice meanwhile that they were closed.
#[expect(clippy::disallowed_methods, reason = "a person waits at the terminal; no Lambda runs this")]
async fn rest(pause: Duration) {
    tokio::time::sleep(pause).await;
}
