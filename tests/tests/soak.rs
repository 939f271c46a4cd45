//! A short soak with every build; `cargo xtask soak` is the long one.

use souvenir_tests::soak::{Plan, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_and_a_power_cut_lose_nothing_and_double_nothing() {
    let plan = Plan { seed: 1, chats: 10, messages: 200, faults: 0.05, kills: 1, pace: 20.0, rich: false };
    let report = run(&plan).await;
    assert!(report.holds(), "{report}");
    assert!(report.unknown() > 0, "no outcome was unknown: the trouble was too small\n{report}");
}
