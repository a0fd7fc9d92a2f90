//! Auto Scaling's calls with the real SDK against an Auto Scaling on loopback: what goes out, what is made of
//! whole, empty and odd replies, and what of failures.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use std::collections::BTreeMap;
use std::time::Duration;

use calls::{aws, run};
use loopback::{Reply, Server};
use shared::aws::auto_scaling::AutoScalingApi;
use shared::drain::auto_scaling::{ActionResult, GroupInstance, LifecycleState};
use shared::policy::drain::LONGEST_HOLD;
use shared::ports::auto_scaling::{Action, ActionOutcome, GroupFilter};
use shared::ports::call::ATTEMPTS_PER_CALL;
use shared::ports::{ApiError, AutoScaling as _, Page};

const ACTION: Action<'_> = Action { group: "blue", hook: "drain", instance_id: "i-1" };

fn auto_scaling(server: &Server) -> AutoScalingApi {
    AutoScalingApi::new(&aws(&server.url()))
}

/// The reply of an operation.
fn reply(operation: &str, result: &str) -> Reply {
    Reply::body(
        200,
        &format!(
            "<{operation}Response xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">\
             <{operation}Result>{result}</{operation}Result>\
             <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
        ),
    )
}

/// An Auto Scaling that gives these results of an operation in turn.
fn replying<const N: usize>(operation: &str, results: [&str; N]) -> Server {
    Server::in_turn(results.map(|result| reply(operation, result))).expect("a port")
}

/// The fields of the request at this place, without its operation, which is checked, and the API's version.
fn asked(server: &Server, place: usize, operation: &str) -> BTreeMap<String, String> {
    let request = &server.requests()[place];
    assert!(request.headers["authorization"].contains("eu-west-1/autoscaling/aws4_request"));
    let mut form = request.form();
    assert_eq!(form.remove("Action").as_deref(), Some(operation));
    assert_eq!(form.remove("Version").as_deref(), Some("2011-01-01"));
    form
}

fn fields(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn instance(id: &str, group: &str, word: &str) -> GroupInstance {
    GroupInstance { instance_id: id.into(), group: group.into(), state: LifecycleState::from_word(word) }
}

#[test]
fn groups_are_asked_for_by_what_is_known_of_them() {
    let names = words(&["blue", "green"]);
    for (filter, want) in [
        (GroupFilter::All, &[][..]),
        (
            GroupFilter::TagKey("steward"),
            &[("Filters.member.1.Name", "tag-key"), ("Filters.member.1.Values.member.1", "steward")],
        ),
        (
            GroupFilter::Names(&names),
            &[("AutoScalingGroupNames.member.1", "blue"), ("AutoScalingGroupNames.member.2", "green")],
        ),
    ] {
        let server =
            replying("DescribeAutoScalingGroups", ["<AutoScalingGroups/><NextToken>more</NextToken>"]);
        let page = run(auto_scaling(&server).describe_groups(filter, Some("here")));
        assert_eq!(page, Ok(Page { items: vec![], next: Some("more".into()) }));
        let mut want = fields(want);
        want.extend(fields(&[("MaxRecords", "100"), ("NextToken", "here")]));
        assert_eq!(asked(&server, 0, "DescribeAutoScalingGroups"), want);
    }
}

#[test]
fn no_names_are_no_groups_and_no_instances() {
    let server = replying("DescribeAutoScalingGroups", [""]);
    let auto_scaling = auto_scaling(&server);
    let page = run(auto_scaling.describe_groups(GroupFilter::Names(&[]), None));
    assert_eq!(page, Ok(Page { items: vec![], next: None }));
    assert_eq!(run(auto_scaling.describe_instances(&[])), Ok(vec![]));
    assert!(server.requests().is_empty(), "AWS takes an empty list for all there are");
}

#[test]
fn a_group_is_read_with_its_tags_and_instances() {
    let server = replying(
        "DescribeAutoScalingGroups",
        ["<AutoScalingGroups><member><AutoScalingGroupName>blue</AutoScalingGroupName>\
          <FromTheFuture><member>1</member></FromTheFuture>\
          <Tags><member><Key>steward</Key><Value>yes</Value></member><member><Key>bare</Key></member>\
          <member><Value>of nothing</Value></member></Tags>\
          <Instances>\
          <member><InstanceId>i-1</InstanceId><LifecycleState>Terminating:Wait</LifecycleState></member>\
          <member><InstanceId>i-2</InstanceId><LifecycleState>Dreaming</LifecycleState></member>\
          <member><InstanceId>i-3</InstanceId></member></Instances>\
          <InstanceLifecyclePolicy><RetentionTriggers><TerminateHookAbandon>retain</TerminateHookAbandon>\
          </RetentionTriggers></InstanceLifecyclePolicy></member></AutoScalingGroups>"],
    );
    let page = run(auto_scaling(&server).describe_groups(GroupFilter::All, None)).expect("a page");
    assert_eq!((page.items.len(), page.next), (1, None));
    let group = &page.items[0];
    assert_eq!((group.name.as_str(), group.retains_on_abandon), ("blue", true));
    assert_eq!((group.tag("steward"), group.tag("bare"), group.tags.len()), (Some("yes"), Some(""), 2));
    let want = [("i-1", "Terminating:Wait"), ("i-2", "Dreaming")];
    assert_eq!(group.instances[..2], want.map(|(id, word)| instance(id, "blue", word)));
    assert_eq!(group.instances[0].state, LifecycleState::TerminatingWait);
    assert!(matches!(group.instances[2].state, LifecycleState::Other(_)), "a missing state is no known one");
}

#[test]
fn a_group_retains_only_where_it_says_so() {
    let trigger = |word: &str| {
        format!("<RetentionTriggers><TerminateHookAbandon>{word}</TerminateHookAbandon></RetentionTriggers>")
    };
    for policy in [trigger("terminate"), trigger("bury"), "<RetentionTriggers/>".into(), String::new()] {
        let group = format!("<InstanceLifecyclePolicy>{policy}</InstanceLifecyclePolicy>");
        let groups = format!("<AutoScalingGroups><member>{group}</member></AutoScalingGroups>");
        let server = replying("DescribeAutoScalingGroups", [groups.as_str()]);
        let page = run(auto_scaling(&server).describe_groups(GroupFilter::All, None)).expect("a page");
        assert_eq!((page.items[0].retains_on_abandon, page.items[0].name.as_str()), (false, ""), "{policy}");
    }
}

#[test]
fn instances_are_described_to_their_last_page() {
    let member = |id: &str, word: &str| {
        format!(
            "<AutoScalingInstances><member><InstanceId>{id}</InstanceId>\
             <AutoScalingGroupName>blue</AutoScalingGroupName><LifecycleState>{word}</LifecycleState></member>\
             </AutoScalingInstances>"
        )
    };
    let first = member("i-1", "Warmed:Terminating:Wait") + "<NextToken>more</NextToken>";
    let last = member("i-2", "Terminating:Retained");
    let server = replying("DescribeAutoScalingInstances", [first.as_str(), last.as_str()]);
    let found = run(auto_scaling(&server).describe_instances(&words(&["i-1", "i-2"])));
    let want = [instance("i-1", "blue", "Terminating:Wait"), instance("i-2", "blue", "Terminating:Retained")];
    assert_eq!(found, Ok(want.to_vec()));
    let mut want =
        fields(&[("InstanceIds.member.1", "i-1"), ("InstanceIds.member.2", "i-2"), ("MaxRecords", "50")]);
    assert_eq!(asked(&server, 0, "DescribeAutoScalingInstances"), want);
    want.insert("NextToken".into(), "more".into());
    assert_eq!(asked(&server, 1, "DescribeAutoScalingInstances"), want);
}

#[test]
fn pages_of_instances_that_never_end_do_end() {
    let server = replying("DescribeAutoScalingInstances", ["<NextToken>again</NextToken>"]);
    let found = run(auto_scaling(&server).describe_instances(&words(&["i-1"])));
    assert!(matches!(found, Err(ApiError::Unavailable(_))), "{found:?}");
    assert!(server.requests().len() < 10);
}

#[test]
fn hooks_are_described_with_the_times_that_hold() {
    let server = replying(
        "DescribeLifecycleHooks",
        ["<LifecycleHooks><member><LifecycleHookName>drain</LifecycleHookName>\
          <AutoScalingGroupName>blue</AutoScalingGroupName>\
          <LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition>\
          <HeartbeatTimeout>900</HeartbeatTimeout><GlobalTimeout>90000</GlobalTimeout>\
          <NotificationMetadata>{&quot;a&quot;:1}</NotificationMetadata></member>\
          <member><HeartbeatTimeout>60</HeartbeatTimeout></member>\
          <member><HeartbeatTimeout>-1</HeartbeatTimeout><GlobalTimeout>0</GlobalTimeout></member>\
          <member/></LifecycleHooks>"],
    );
    let hooks = run(auto_scaling(&server).describe_hooks("blue")).expect("hooks");
    assert_eq!(asked(&server, 0, "DescribeLifecycleHooks"), fields(&[("AutoScalingGroupName", "blue")]));
    let times: Vec<_> = hooks.iter().map(|hook| (hook.heartbeat_timeout, hook.global_timeout)).collect();
    let (minutes, hours) = (Duration::from_mins, Duration::from_hours);
    let default = (hours(1), LONGEST_HOLD);
    assert_eq!(times, [(minutes(15), hours(25)), (minutes(1), minutes(100)), default, default]);
    assert_eq!((hooks[0].name.as_str(), hooks[0].group.as_str()), ("drain", "blue"));
    assert_eq!(hooks[0].notification_metadata.as_deref(), Some("{\"a\":1}"));
    assert!(hooks[0].is_terminating() && !hooks[3].is_terminating());
    let none = replying("DescribeLifecycleHooks", ["<LifecycleHooks/>"]);
    assert_eq!(run(auto_scaling(&none).describe_hooks("blue")), Ok(vec![]));
}

#[test]
fn an_action_is_kept_alive_and_completed() {
    let of_action = [("AutoScalingGroupName", "blue"), ("LifecycleHookName", "drain"), ("InstanceId", "i-1")];
    let server = replying("RecordLifecycleActionHeartbeat", [""]);
    assert_eq!(run(auto_scaling(&server).heartbeat(ACTION)), Ok(ActionOutcome::Accepted));
    assert_eq!(asked(&server, 0, "RecordLifecycleActionHeartbeat"), fields(&of_action));
    for (result, word) in [(ActionResult::Continue, "CONTINUE"), (ActionResult::Abandon, "ABANDON")] {
        let server = replying("CompleteLifecycleAction", [""]);
        assert_eq!(run(auto_scaling(&server).complete(ACTION, result)), Ok(ActionOutcome::Accepted));
        let mut want = fields(&of_action);
        want.insert("LifecycleActionResult".into(), word.into());
        assert_eq!(asked(&server, 0, "CompleteLifecycleAction"), want);
    }
}

#[test]
fn an_action_nobody_holds_is_an_outcome_and_another_invalid_one_is_not() {
    let gone = "No active Lifecycle Action found with instance ID i-1";
    let server = Server::in_turn([Reply::query_error_saying(400, "ValidationError", gone)]).expect("a port");
    let auto_scaling = auto_scaling(&server);
    assert_eq!(run(auto_scaling.heartbeat(ACTION)), Ok(ActionOutcome::NoActiveAction));
    let completed = run(auto_scaling.complete(ACTION, ActionResult::Continue));
    assert_eq!(completed, Ok(ActionOutcome::NoActiveAction));
    assert_eq!(server.requests().len(), 2, "each was sent once");
    for (code, message) in [("ValidationError", "AutoScalingGroup name not found"), ("AccessDenied", gone)] {
        let refused = ApiError::Refused { code: code.into(), message: message.into() };
        assert_eq!(after([Reply::query_error_saying(400, code, message)]), (Err(refused), 1));
    }
}

/// What becomes of a completion that gets these replies in turn, and how often it went out.
fn after(replies: impl IntoIterator<Item = Reply>) -> (Result<ActionOutcome, ApiError>, usize) {
    let server = Server::in_turn(replies).expect("a port");
    let outcome = run(auto_scaling(&server).complete(ACTION, ActionResult::Continue));
    (outcome, server.requests().len())
}

#[test]
fn trouble_that_passes_is_tried_once_more_and_not_more() {
    let throttled = || Reply::query_error_saying(400, "Throttling", "Rate exceeded");
    let done = || reply("CompleteLifecycleAction", "");
    for trouble in [throttled(), Reply::query_error(500, "InternalFailure"), Reply::Hang] {
        assert_eq!(after([trouble.clone(), done()]), (Ok(ActionOutcome::Accepted), 2), "{trouble:?}");
    }
    let attempts = ATTEMPTS_PER_CALL as usize;
    let told = ApiError::Throttled("Throttling: Rate exceeded".into());
    assert_eq!(after([throttled()]), (Err(told), attempts));
    for trouble in [Reply::query_error(500, "ResourceContention"), Reply::body(503, ""), Reply::Hang] {
        let (answer, sent) = after([trouble.clone()]);
        assert!(matches!(answer, Err(ApiError::Unavailable(_))), "{trouble:?}: {answer:?}");
        assert_eq!(sent, attempts, "{trouble:?}");
    }
}

#[test]
fn a_completion_whose_answer_was_lost_is_found_done() {
    let gone = Reply::query_error_saying(400, "ValidationError", "No active Lifecycle Action found");
    assert_eq!(after([Reply::Hang, gone]), (Ok(ActionOutcome::NoActiveAction), 2));
}

#[test]
fn a_reply_that_cannot_be_read_is_no_answer() {
    for body in ["", "{}", "<html>", "<DescribeLifecycleHooksResponse>"] {
        let server = Server::in_turn([Reply::body(200, body)]).expect("a port");
        let hooks = run(auto_scaling(&server).describe_hooks("blue"));
        assert!(matches!(hooks, Err(ApiError::Unavailable(_))), "{body}: {hooks:?}");
    }
}
