//! Several topics, each with its own fate.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{DEFAULT_TOPIC, Delivery, publish};
use crate::alert::{Alert, HttpsBody, Message, Subject};
use crate::event::Timestamp;
use crate::intake::Unreadable;
use crate::judge::unreadable_event;
use crate::ports::{Clock, PublishError, Publisher};

/// Topics that fail or refuse, by name; the others accept.
#[derive(Default)]
struct Topics {
    fates: BTreeMap<&'static str, fn() -> PublishError>,
    /// Topic, whether it was the full message, and the time it got.
    calls: Mutex<Vec<(String, bool, Duration)>>,
}

impl Publisher for &Topics {
    async fn publish(
        &self,
        topic: Option<&str>,
        message: &Message,
        within: Duration,
    ) -> Result<(), PublishError> {
        let name = topic.unwrap_or(DEFAULT_TOPIC);
        self.calls.lock().unwrap().push((name.to_owned(), message.by_protocol, within));
        match self.fates.get(name).map(|fate| fate()) {
            Some(PublishError::Refused(why)) if message.by_protocol => Err(PublishError::Refused(why)),
            Some(PublishError::Unavailable(why)) => Err(PublishError::Unavailable(why)),
            Some(PublishError::Refused(_)) | None => Ok(()),
        }
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}

fn sent(sns: &Topics, topics: &[&str], except: &[&str], seconds: i64) -> Delivery {
    let unreadable = Unreadable::of_bug("a bug".into(), "{}");
    let alert = Alert::new(unreadable_event(&unreadable), Subject::default());
    let message = Message::of(&alert, HttpsBody::Json);
    let except: Vec<_> = except.iter().map(|topic| (*topic).to_owned()).collect();
    let deadline = Timestamp::from_millis(seconds * 1_000);
    let future = pin!(publish(&sns, &Noon, &alert, &message, topics, &except, deadline));
    let mut future = future;
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(delivery) => delivery,
        Poll::Pending => panic!("a port in memory never waits"),
    }
}

fn called(sns: &Topics) -> Vec<String> {
    sns.calls.lock().unwrap().iter().map(|(topic, ..)| topic.clone()).collect()
}

#[test]
fn without_a_route_it_is_the_default_topic() {
    let sns = Topics::default();
    assert_eq!(sent(&sns, &[], &[], 30), Delivery { accepted: vec!["default".into()], failed: None });
    assert_eq!(called(&sns), ["default"]);
}

#[test]
fn a_topic_that_fails_does_not_keep_it_from_the_others() {
    let sns = Topics {
        fates: [("b", (|| PublishError::Unavailable("500".into())) as fn() -> PublishError)].into(),
        ..Topics::default()
    };
    let delivery = sent(&sns, &["a", "b", "c"], &[], 30);
    assert_eq!(delivery.accepted, ["a", "c"]);
    assert_eq!(delivery.failed, Some(PublishError::Unavailable("500".into())));
    // Where it comes again, only the one that failed gets it.
    let sns = Topics::default();
    let accepted: Vec<_> = delivery.accepted.iter().map(String::as_str).collect();
    let delivery = sent(&sns, &["a", "b", "c"], &accepted, 30);
    assert_eq!(called(&sns), ["b"]);
    assert!(delivery.is_complete() && delivery.accepted == ["a", "c", "b"], "{delivery:?}");
}

#[test]
fn only_a_topic_that_refuses_gets_the_plain_form() {
    let sns = Topics {
        fates: [("b", (|| PublishError::Refused("no".into())) as fn() -> PublishError)].into(),
        ..Topics::default()
    };
    assert!(sent(&sns, &["a", "b", "c"], &[], 30).is_complete());
    let forms: Vec<_> =
        sns.calls.lock().unwrap().iter().map(|(topic, full, _)| (topic.clone(), *full)).collect();
    let want = [("a", true), ("b", true), ("b", false), ("c", true)];
    assert_eq!(forms, want.map(|(topic, full)| (topic.to_owned(), full)));
}

#[test]
fn each_topic_gets_its_share_of_the_time() {
    let sns = Topics::default();
    assert!(sent(&sns, &["a", "b"], &[], 11).is_complete());
    let times: Vec<_> = sns.calls.lock().unwrap().iter().map(|(.., within)| within.as_millis()).collect();
    assert_eq!(times, [4_750, 9_500], "the clock of the test stands still");
    let sns = Topics::default();
    let late = sent(&sns, &["a", "b"], &["a"], 1);
    assert_eq!((late.accepted.as_slice(), late.is_complete()), (&["a".to_owned()][..], false));
    assert!(called(&sns).is_empty());
}
