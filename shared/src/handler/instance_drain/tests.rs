//! Answers that the simulated fleet never gives.

mod account;

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{InstanceDrain, Mode, Purpose, Settings, Wish};
use crate::alert::HttpsBody;
use crate::drain::container_instance::Status;
use crate::drain::{Because, Step};
use crate::policy::Policy;
use crate::ports::Clock;
use account::{Account, account};

const ID: &str = "i-0a1b2c3d4e5f60718";

type Function<'a> =
    InstanceDrain<&'a Account, &'a Account, &'a Account, &'a Account, &'a Account, &'a Account>;

fn function(account: &Account) -> Function<'_> {
    let (policy, settings) = (Policy::default(), Settings::default());
    InstanceDrain::new(
        policy,
        settings,
        account,
        account,
        account,
        account,
        account,
        account,
        HttpsBody::Json,
    )
}

/// One tick a minute; what the last one decided.
fn ticks(function: &Function<'_>, minutes: usize) -> Option<Step> {
    looks(function, &Wish::new(Purpose::Termination), minutes)
}

/// The same for what somebody wishes.
fn looks(function: &Function<'_>, wish: &Wish, minutes: usize) -> Option<Step> {
    let mut last = None;
    for _ in 0..minutes {
        let wishes = BTreeMap::from([(ID.to_owned(), wish.clone())]);
        let deadline = function.clock.now().plus(Duration::from_mins(1));
        let mut round = pin!(function.reconcile(wishes, true, Mode::Act, deadline));
        let Poll::Ready(report) = round.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a port in memory never waits")
        };
        last = report.rows.into_iter().next().expect("a row").step;
        let mut now = function.clock.now.lock().unwrap();
        *now = now.plus(Duration::from_mins(1));
    }
    last
}

#[test]
fn an_instance_that_registered_twice_is_held_and_told_of() {
    let account = account(&["arn:old", "arn:new"]);
    let step = ticks(&function(&account), 3);
    let Some(Step::Wait(wait)) = step else { panic!("{step:?}") };
    assert!(matches!(wait.because, Because::Trouble(why) if why.contains("arn:old and arn:new")));
    let calls = account.calls.lock().unwrap();
    assert!(!calls.iter().any(|call| call == "complete" || call == "drain"), "{calls:?}");
    let told = account.told.lock().unwrap();
    assert_eq!(told.len(), 1, "once an hour");
    assert!(told[0].body.contains("deregister the old one"), "{}", told[0].body);
}

#[test]
fn an_instance_that_registers_anew_while_it_is_drained_is_held() {
    let mut account = account(&["arn:old", "arn:new"]);
    for instance in &mut account.container_instances {
        (instance.status, instance.running_tasks_count) = (Status::Draining, 0);
    }
    account.registers_anew = (&account).now().plus(Duration::from_secs(30));
    let step = ticks(&function(&account), 5);
    let Some(Step::Wait(wait)) = step else { panic!("{step:?}") };
    assert!(matches!(wait.because, Because::Trouble(why) if why.contains("arn:old and arn:new")));
    let calls = account.calls.lock().unwrap();
    assert!(!calls.iter().any(|call| call == "complete"), "{calls:?}");
}

#[test]
fn a_missing_permission_is_told_once_an_hour_and_nothing_is_completed() {
    let refusing = Account { refuses: true, ..account(&["arn:one"]) };
    let step = ticks(&function(&refusing), 61);
    assert!(matches!(step, Some(Step::Drain { .. })), "{step:?}");
    let told = refusing.told.lock().unwrap();
    let count = |what: &str| told.iter().filter(|message| message.body.contains(what)).count();
    assert_eq!(count("IAM action ecs:UpdateContainerInstancesState"), 2, "in 61 minutes");
    assert_eq!((count("of the 1 h it may take"), count("the deadline has come"), told.len()), (3, 1, 6));
    let heartbeats = refusing.calls.lock().unwrap().iter().filter(|call| *call == "heartbeat").count();
    assert!((2..=4).contains(&heartbeats), "{heartbeats}");
}

#[test]
fn news_follow_routes_and_a_topic_that_has_them_is_spared_the_repeat() {
    let routes = "[[route]]\ntopic = \"arn:aws:sns:eu-west-1:111122223333:team\"\ncluster = \"harbor\"\n\
        [[route]]\ntopic = \"arn:aws:sns:eu-west-1:111122223333:low\"\nseverity = [\"low\"]\n";
    let account = Account { failing_topic: Some("low"), ..account(&["arn:one"]) };
    let policy = Policy::parse(routes).expect("a policy");
    let function = InstanceDrain { policy, ..function(&account) };
    ticks(&function, 3);
    assert_eq!(*account.topics.lock().unwrap(), ["team", "low", "low", "low"]);
    let told = account.told.lock().unwrap();
    assert_eq!(
        told.iter().map(|message| message.subject.as_str()).collect::<Vec<_>>(),
        ["[low] drain-started: harbor"]
    );
}

#[test]
fn a_cluster_that_was_named_by_mistake_is_told_and_the_others_are_asked() {
    let misnamed = Account { metadata: Some(r#"{"cluster": "harbour"}"#), ..account(&["arn:one"]) };
    assert!(matches!(ticks(&function(&misnamed), 1), Some(Step::Drain { .. })));
    let told = misnamed.told.lock().unwrap();
    let subjects: Vec<_> = told.iter().map(|message| message.subject.as_str()).collect();
    assert_eq!(subjects, ["[low] drain-started: harbor", "[high] drain-stuck: ecs-steward"]);
    assert!(told[1].body.contains("cluster harbour, named by hand, hook, tag or setting, does not exist"));
}

#[test]
fn an_instance_that_is_not_where_its_hook_says_is_found_where_it_is() {
    let misplaced = Account { metadata: Some(r#"{"cluster": "quay"}"#), ..account(&["arn:one"]) };
    assert!(matches!(ticks(&function(&misplaced), 5), Some(Step::Drain { .. } | Step::Remember { .. })));
    let calls = misplaced.calls.lock().unwrap();
    assert_eq!(calls[0..3], ["list quay", "list clusters", "list harbor"]);
    assert!(!calls.iter().any(|call| call == "complete"), "{calls:?}");
}

#[test]
fn a_cluster_that_was_named_by_hand_is_never_another_one_and_never_ends_an_instance() {
    for (cluster, arns) in [("harbor", &[][..]), ("harbour", &["arn:one"])] {
        let account = account(arns);
        let wish = Wish { cluster: Some(cluster.into()), ..Wish::new(Purpose::Asked) };
        let step = looks(&function(&account), &wish, 5);
        let Some(Step::Wait(wait)) = step else { panic!("{step:?}") };
        assert!(matches!(wait.because, Because::Trouble(why) if why.contains(cluster)));
        let calls = account.calls.lock().unwrap();
        assert!(calls.iter().all(|call| call.starts_with("list ") || call == "heartbeat"), "{calls:?}");
        assert!(!calls.iter().any(|call| call == "list clusters"), "{calls:?}");
    }
}

#[test]
fn metadata_that_is_no_json_names_no_cluster() {
    for text in ["please drain", "", "[1]", "{\"cluster\": 7}", "{\"team\": \"web\"}", "\"harbour\""] {
        let account = Account { metadata: Some(text), ..account(&["arn:one"]) };
        assert!(matches!(ticks(&function(&account), 1), Some(Step::Drain { .. })), "{text}");
        assert_eq!(
            account.calls.lock().unwrap()[0..3],
            ["list clusters", "list harbor", "describe"],
            "{text}"
        );
    }
}
