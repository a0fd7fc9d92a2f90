//! `steward doctor`: what in an account makes ecs-steward lose alerts or kill tasks.
//!
//! `reading` asks AWS and changes nothing, `snapshot` is what it was told, `checks` decide over that alone.

mod checks;
mod finding;
mod lines;
mod reading;
mod request;
mod snapshot;
#[cfg(test)]
mod testing;

use shared::alert::limits::{LINE_CHARS, one_line};
use shared::aws::Aws;
use shared::aws::account::Account;
use shared::redact;

use crate::args::DoctorArgs;
use crate::terminal::{Status, complain, ended};
use request::Request;

/// Runs the verb.
pub fn run(args: &DoctorArgs) -> Status {
    let request = match Request::of(args) {
        Ok(request) => request,
        Err(status) => return status,
    };
    let failed = |why: String| {
        complain(&why);
        Status::BadInput
    };
    let aws = match Aws::new(request.access.clone()) {
        Ok(aws) => aws,
        Err(why) => return failed(why),
    };
    let executor = match tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(executor) => executor,
        Err(error) => return failed(error.to_string()),
    };
    let snapshot = executor.block_on(reading::read(&Account::new(&aws), &request));
    if let Some(why) = snapshot.nothing_read() {
        let why = format!("nothing could be asked: {why}");
        return failed(one_line(&redact::text(&why), LINE_CHARS));
    }
    let findings = checks::all(&snapshot);
    let printed = lines::print(&findings, &snapshot, request.format);
    ended(printed.map(|()| if findings.is_empty() { Status::Done } else { Status::Found }))
}
