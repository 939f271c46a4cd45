//! Short soaks with every build; `cargo xtask soak` is the long one.

use souvenir_tests::soak::{Plan, run};

fn plan() -> Plan {
    Plan { seed: 1, chats: 10, messages: 200, faults: 0.05, kills: 1, pace: 20.0, rich: true, webhook: false }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_and_a_power_cut_lose_nothing_and_double_nothing() {
    let report = run(&Plan { rich: false, ..plan() }).await;
    assert!(report.holds(), "{report}");
    assert!(report.unknown() > 0, "no outcome was unknown: the trouble was too small\n{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_do_they_where_updates_come_by_webhook() {
    let report = run(&Plan { seed: 2, messages: 120, webhook: true, ..plan() }).await;
    assert!(report.holds(), "{report}");
}
