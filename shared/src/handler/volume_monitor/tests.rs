//! What a tick makes of clusters, volumes and balances, over ports in memory.

mod account;

use account::{Account, DISK, HOURS, MINUTE};

use crate::event::Timestamp;
use crate::ports::ApiError;
use crate::ports::volumes::{PER_FILTER, PER_METRICS};

fn throttled() -> ApiError {
    ApiError::Throttled("Rate exceeded".into())
}

#[test]
fn a_low_balance_is_told_once_with_all_that_helps_and_over_once_refilled() {
    let account = Account::with_instances("harbor", 2);
    account.fall("vol-0", 12.0);
    for tick in 0..12 {
        account.tick(tick * 5);
    }
    let told = account.told();
    assert_eq!(told.len(), 1, "{told:?}");
    let (subject, alert) = &told[0];
    assert_eq!(subject, "[medium] burst-balance-low: i-0000 on harbor");
    assert_eq!(alert["cause"], "burst-balance-low");
    assert_eq!(alert["fingerprint"], "harbor/-/burst-balance-low/vol-0/-");
    assert_eq!(
        alert["summary"],
        format!("Volume vol-0 ({DISK}, 100 GiB gp2) of i-0000 on harbor has 12 % of its burst credits left.")
    );
    let evidence = alert["evidence"].to_string();
    for fact in [
        "BurstBalance 12.0 % at 1970-01-01T08:00:00Z",
        "instance i-0000, container instance ci-0000",
        "tasks on it: family nightly: t1; service web: t0",
        "volume 100 GiB gp2, 300 IOPS without credits",
    ] {
        assert!(evidence.contains(fact), "{fact}: {evidence}");
    }
    account.fall("vol-0", 95.0);
    for tick in 12..30 {
        account.tick(tick * 5);
    }
    let told = account.told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        (&told[1].1["notice"], &told[1].1["cause"]),
        (&"recovery".into(), &"burst-balance-low".into())
    );
}

#[test]
fn a_balance_that_will_not_last_is_told_before_it_is_low() {
    let account = Account::with_instances("harbor", 1);
    account.series("vol-0", |minutes_ago| 50.0 + f64::from(minutes_ago) * 1.25);
    account.tick(0);
    let told = account.told();
    let summary = told[0].1["summary"].to_string();
    assert!(
        summary.contains("has 50 % of its burst credits left, which last 40 min at the present rate."),
        "{summary}"
    );
}

#[test]
fn volumes_without_credits_are_skipped_and_counted_and_nobody_is_asked_for_them() {
    let account = Account::with_instances("harbor", 4);
    for (id, kind, size) in [("vol-1", "gp3", 100), ("vol-2", "io2", 100), ("vol-3", "gp2", 2_000)] {
        account.retype(id, kind, size);
        account.fall(id, 0.0);
    }
    account.tick(0);
    let volumes = account.last_tally().volumes.expect("counts");
    assert_eq!((volumes.measured, volumes.skipped, volumes.lowest_percent), (1, 3, Some(100)));
    assert_eq!(account.asked_for(), [vec!["vol-0".to_owned()]]);
    assert!(account.told().is_empty());
}

#[test]
fn a_volume_without_a_value_is_not_measured_and_never_full() {
    let account = Account::with_instances("harbor", 2);
    account.forget("vol-1");
    account.tick(0);
    let volumes = account.last_tally().volumes.expect("counts");
    assert_eq!((volumes.measured, volumes.without_value, volumes.unread), (1, 1, 0));
    account.forget("vol-0");
    account.tick(5);
    let volumes = account.last_tally().volumes.expect("counts");
    assert_eq!((volumes.measured, volumes.lowest_percent), (0, None), "unknown is not full");
    assert!(account.told().is_empty());
}

#[test]
fn values_that_stop_coming_do_not_make_a_low_balance_well() {
    let account = Account::with_instances("harbor", 1);
    account.fall("vol-0", 3.0);
    account.tick(0);
    account.stop_values_at(0);
    for tick in 1..HOURS * 12 {
        account.tick(tick * 5);
    }
    let told = account.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "[high] burst-balance-low: i-0000 on harbor");
}

#[test]
fn many_volumes_are_asked_for_in_as_few_calls_as_there_can_be() {
    let account = Account::with_instances("harbor", 1_200);
    account.tick(0);
    let sizes: Vec<_> = account.asked_for().iter().map(Vec::len).collect();
    assert_eq!(sizes, [PER_METRICS, PER_METRICS, 200]);
    let calls = account.calls();
    assert_eq!((calls["ListContainerInstances"], calls["DescribeContainerInstances"]), (12, 12));
    assert_eq!(calls["DescribeVolumes"], 1_200 / PER_FILTER);
    assert_eq!(account.last_tally().volumes.expect("counts").measured, 1_200);
    assert_eq!(calls.get("ListTasks"), None, "nothing is low");
}

#[test]
fn the_tasks_of_a_few_instances_are_asked_for_at_most() {
    let account = Account::with_instances("harbor", 40);
    for number in 0..40 {
        account.fall(&format!("vol-{number}"), 1.0);
    }
    account.tick(0);
    assert_eq!((account.calls()["ListTasks"], account.calls()["DescribeTasks"]), (10, 10));
    let all = account.last_tally();
    assert_eq!(all.volumes.expect("counts").lowest_percent, Some(1));
}

#[test]
fn a_throttled_read_is_not_audited_and_ends_nothing() {
    for call in ["ListContainerInstances", "DescribeContainerInstances", "DescribeVolumes", "GetMetricData"] {
        let account = Account::with_instances("harbor", 1);
        account.fall("vol-0", 3.0);
        account.tick(0);
        account.fall("vol-0", 100.0);
        account.fail(call, Some(throttled()));
        for tick in 1..24 {
            account.tick(tick * 5);
        }
        let causes = account.causes();
        assert_eq!(causes, ["alert burst-balance-low", "alert not-audited"], "{call}");
        let evidence = account.told()[1].1["evidence"].to_string();
        assert!(evidence.contains(&format!("{call}: throttled: Rate exceeded")), "{evidence}");
        account.fail(call, None);
        for tick in 24..40 {
            account.tick(tick * 5);
        }
        let mut ends = account.causes().split_off(2);
        ends.sort();
        assert_eq!(ends, ["recovery burst-balance-low", "recovery not-audited"], "{call}");
    }
}

#[test]
fn without_the_list_of_clusters_nothing_is_well() {
    let account = Account::with_instances("harbor", 1);
    account.fall("vol-0", 3.0);
    account.fail("ListClusters", Some(throttled()));
    for tick in 0..8 {
        account.tick(tick * 5);
        assert_eq!(account.last_tally().volumes, None, "unknown is not zero");
    }
    assert_eq!(account.causes(), ["alert not-audited"]);
    account.fail("ListClusters", None);
    account.tick(40);
    assert_eq!(account.causes()[1], "alert burst-balance-low");
}

#[test]
fn a_reply_in_part_notes_what_is_low_and_ends_nothing() {
    let account = Account::with_instances("harbor", 3);
    account.fall("vol-0", 3.0);
    account.tick(0);
    account.fall("vol-0", 100.0);
    account.leave_incomplete("vol-0", Some("PartialData"));
    account.fall("vol-1", 2.0);
    for tick in 1..5 {
        account.tick(tick * 5);
    }
    assert_eq!(account.last_tally().volumes.expect("counts").unread, 1);
    assert_eq!(account.last_tally().not_audited, 1, "one look, whatever else it found");
    assert_eq!(
        account.causes(),
        ["alert burst-balance-low", "alert burst-balance-low", "alert not-audited"],
        "the new one is told, the old one is not over"
    );
    let summary = account.told()[2].1["summary"].to_string();
    assert!(summary.contains("The burst balance of 1 of 3 volumes of harbor could not be read"), "{summary}");
}

#[test]
fn an_instance_that_has_gone_meanwhile_is_no_failure() {
    let account = Account::with_instances("harbor", 2);
    account.lose("i-0001", "MISSING");
    account.tick(0);
    assert_eq!(account.last_tally().volumes.expect("counts").measured, 1);
    assert_eq!(account.last_tally().not_audited, 0);
    account.lose("i-0001", "INTERNAL");
    account.tick(5);
    assert_eq!(account.last_tally().not_audited, 1);
}

#[test]
fn tasks_that_cannot_be_read_do_not_hold_the_alert_up() {
    let account = Account::with_instances("harbor", 1);
    account.fall("vol-0", 3.0);
    account.fail("ListTasks", Some(throttled()));
    account.tick(0);
    let evidence = account.told()[0].1["evidence"].to_string();
    assert!(evidence.contains("tasks on it: not read, ListTasks: throttled: Rate exceeded"), "{evidence}");
}

#[test]
fn only_the_clusters_that_are_named_are_looked_at() {
    let account = Account::with_instances("harbor", 1);
    account.add_instances("quay", 1);
    account.fall("vol-0", 3.0);
    account.only("arn:aws:ecs:eu-west-1:111122223333:cluster/quay");
    account.tick(0);
    assert!(account.told().is_empty());
    assert_eq!(account.calls().get("ListClusters"), None);
    account.only("harbor");
    account.tick(5);
    assert_eq!(account.causes(), ["alert burst-balance-low"]);
}

#[test]
fn calls_of_ecs_stay_within_their_share_and_what_is_left_out_is_not_audited() {
    let account = Account::default();
    for number in 0..60 {
        account.add_instances(&format!("cluster-{number:02}"), 1);
    }
    account.tick(0);
    let of_ecs: usize = ["ListClusters", "ListContainerInstances", "DescribeContainerInstances"]
        .iter()
        .map(|call| account.calls()[*call])
        .sum();
    assert_eq!(of_ecs, 50, "the clock stands still here");
    assert_eq!(account.last_tally().not_audited, 60 - 24);
}

#[test]
fn more_clusters_than_there_is_room_for_take_turns() {
    let account = Account::default();
    for number in 0..36 {
        account.add_instances(&format!("cluster-{number:02}"), 1);
        account.fall(&format!("vol-{number}"), 3.0);
    }
    let process = account.process();
    let not_audited = |tick: i64| {
        account.tick_to(&process, tick * 5);
        account.last_tally().not_audited
    };
    let first = not_audited(0);
    assert!(first > 0);
    let waiting: Vec<_> = (1..9).map(not_audited).collect();
    assert!(waiting[0] < first && waiting[1..].iter().all(|count| *count == 0), "{first}, {waiting:?}");
    let causes = account.causes();
    let low = causes.iter().filter(|cause| *cause == "alert burst-balance-low").count();
    let told_together = account.told().iter().filter(|(_, one)| one["cause"] == "cluster-wide").count();
    assert_eq!((low, told_together), (36, 0), "each of its own cluster: {causes:?}");
    assert!(!causes.contains(&"alert not-audited".to_owned()), "{causes:?}");
}

#[test]
fn with_no_time_left_nothing_is_called() {
    let account = Account::with_instances("harbor", 1);
    assert!(account.invoke(&account::tick(), Timestamp::from_millis(MINUTE / 10)).is_ok());
    assert!(account.calls().is_empty());
    assert_eq!(account.last_tally().not_audited, 1);
}

#[test]
fn what_is_no_tick_is_looked_at_by_nobody_and_what_cannot_be_read_comes_again() {
    let account = Account::with_instances("harbor", 1);
    account.fall("vol-0", 3.0);
    let far = Timestamp::from_millis(10_000 * MINUTE);
    let task =
        r#"{"detail-type":"ECS Task State Change","detail":{"lastStatus":"STOPPED","stopCode":"New"}}"#;
    assert!(account.invoke(task, far).is_ok());
    assert!(account.invoke("no json", far).is_err());
    assert!(account.calls().is_empty());
    assert_eq!(account.causes(), ["alert unreadable-event"]);
}
