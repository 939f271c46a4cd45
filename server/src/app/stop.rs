//! When to stop: SIGTERM from a supervisor, SIGINT from a terminal.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

const ONE_PRESS: Duration = Duration::from_millis(500);

/// Listens for signals. The first cancels `told` and `stop`; a second one ends the process at once.
///
/// # Errors
/// When the system refuses to tell of signals.
pub(super) fn on_signals(told: CancellationToken, stop: CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping");
        told.cancel();
        stop.cancel();
        // One Ctrl-C can come twice, from the terminal and from what started us.
        tokio::time::sleep(ONE_PRESS).await;
        either(&mut terminate, &mut interrupt).await;
        tracing::warn!("stopping at once");
        std::process::exit(1);
    });
    Ok(())
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
