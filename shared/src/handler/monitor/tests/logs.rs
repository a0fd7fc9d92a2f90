//! The logs of a host beside its alert.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::world::World;
use crate::alert::{Alert, Archive, Details, HttpsBody, Subject};
use crate::collect::Collection;
use crate::event::Timestamp;
use crate::handler::monitor::{Beat, CollectsLogs, Monitor, Round};
use crate::judge::about::{About, conclude};
use crate::judge::{Finding, Severity};
use crate::policy::Policy;
use crate::verdict::Cause;

const ID: &str = "i-0a1b2c3d4e5f60718";

/// Answers one archive, and writes down what was asked for.
#[derive(Debug, Default)]
struct Collected(Arc<Mutex<Vec<(Cause, Collection)>>>);

impl CollectsLogs for Collected {
    fn is_for(&self, _: Cause) -> bool {
        true
    }

    fn details<'a>(
        &'a self,
        cause: Cause,
        of: &'a Collection,
    ) -> Pin<Box<dyn Future<Output = Details> + Send + 'a>> {
        self.0.lock().unwrap().push((cause, of.clone()));
        let archive = Archive {
            instance: of.instance_id.clone(),
            bucket: "harbor-logs".into(),
            key: "harbor/1.tgz".into(),
            state: "asked for".into(),
        };
        Box::pin(async { Details { archives: vec![archive], ..Details::default() } })
    }
}

fn alert(cause: Cause, instance: Option<&str>) -> Alert {
    let about = About {
        cluster: Some("harbor"),
        part: instance,
        in_words: "A host of harbor".into(),
        ..About::default()
    };
    let finding = Finding::new(cause, Severity::High, "is not as it should be.");
    let verdict = conclude(&about, &Policy::default(), Timestamp::from_millis(0), finding, Vec::new());
    let (cluster, region) = (Some("harbor".to_owned()), Some("eu-west-1".to_owned()));
    let ec2_instance = instance.map(str::to_owned);
    Alert::new(verdict, Subject { region, cluster, ec2_instance, ..Subject::default() })
}

/// Reports alerts one after the other; what was asked for.
fn reported(world: &World, alerts: Vec<Alert>) -> Vec<(Cause, Collection)> {
    reported_until(15_000, world, alerts)
}

/// The same in invocations that end then.
fn reported_until(deadline: i64, world: &World, alerts: Vec<Alert>) -> Vec<(Cause, Collection)> {
    let asked = Collected::default();
    let all = Arc::clone(&asked.0);
    let monitor: Monitor<_, _, _, _, &World, &World> =
        Monitor::new(Beat::Everything, Policy::default(), world, world, world, HttpsBody::Json)
            .with_table(Some(world))
            .with_host_logs(Some(Box::new(asked)));
    for alert in alerts {
        let mut round = Round::until(Timestamp::from_millis(deadline));
        let mut told = pin!(monitor.report(alert, &mut round));
        let Poll::Ready(_) = told.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a world in memory never waits")
        };
    }
    let asked = all.lock().unwrap();
    asked.clone()
}

#[test]
fn the_first_alert_of_a_host_says_where_its_logs_are() {
    let world = World::default();
    let host = || alert(Cause::HostImpaired, Some(ID));
    let asked = reported(&world, vec![host(), host(), host()]);
    assert_eq!(asked.len(), 1, "what the incident suppresses collects nothing");
    let (cause, of) = &asked[0];
    assert_eq!((*cause, of.instance_id.as_str(), of.cluster.as_str()), (Cause::HostImpaired, ID, "harbor"));
    let got = world.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].json["details"]["archives"][0]["uri"], "s3://harbor-logs/harbor/1.tgz");
    assert!(got[0].json["links"]["archive"].as_str().is_some_and(|url| url.contains("/s3/object/")));
}

#[test]
fn what_names_no_instance_has_no_host_to_collect_from() {
    let world = World::default();
    assert_eq!(reported(&world, vec![alert(Cause::ServiceBelowDesired, None)]), []);
    assert_eq!(world.got()[0].json["details"]["archives"], serde_json::json!([]));
}

#[test]
fn an_alert_is_not_late_for_its_logs() {
    let world = World::default();
    let asked = reported_until(9_000, &world, vec![alert(Cause::HostImpaired, Some(ID))]);
    assert_eq!(asked, [], "what is left of the invocation is the alert's");
    let got = world.got();
    let missing = &got[0].json["details"]["missing"][0];
    assert_eq!(*missing, format!("logs of {ID}: there was no time left to ask"));
}
