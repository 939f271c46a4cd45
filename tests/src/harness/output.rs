//! What a process prints, gathered by threads so that it is all there whatever becomes of the test.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::Arc;

use tokio::sync::watch;

use crate::wire::soon;

#[derive(Debug, Default)]
struct Lines {
    stdout: Vec<String>,
    stderr: Vec<String>,
    ended: usize,
}

/// Standard output and standard error of a process, line by line.
#[derive(Clone, Debug)]
pub struct Output(Arc<watch::Sender<Lines>>);

impl Output {
    /// Begins to gather what `child` prints; both streams must be piped.
    pub(super) fn of(child: &mut Child) -> Self {
        let lines = Arc::new(watch::Sender::new(Lines::default()));
        if let Some(stdout) = child.stdout.take() {
            gather(stdout, Arc::clone(&lines), |lines| &mut lines.stdout);
        }
        if let Some(stderr) = child.stderr.take() {
            gather(stderr, Arc::clone(&lines), |lines| &mut lines.stderr);
        }
        Self(lines)
    }

    /// Standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.0.borrow().stdout.join("\n")
    }

    /// Standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.0.borrow().stderr.join("\n")
    }

    /// Both so far.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{}\n{}", self.stdout(), self.stderr())
    }

    /// Waits until a line of either stream fits, and gives it.
    ///
    /// # Panics
    /// When none comes in time, or the process ends without one.
    pub async fn wait_for_line(&self, fits: impl Fn(&str) -> bool) -> String {
        let find = |lines: &Lines| lines.stdout.iter().chain(&lines.stderr).find(|line| fits(line)).cloned();
        let mut changes = self.0.subscribe();
        let waiting = async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|lines| lines.ended == 2 || find(lines).is_some()).await;
        };
        let limit = tokio::time::timeout(crate::patience(), waiting).await;
        match find(&self.0.borrow()) {
            Some(line) => line,
            None if limit.is_err() => panic!("waited in vain for a line of output; there was:\n{}", self.all()),
            None => panic!("the app ended early; it said:\n{}", self.all()),
        }
    }

    /// Waits until both streams have ended.
    pub(super) async fn wait_for_end(&self) {
        let mut changes = self.0.subscribe();
        soon("the output to end", async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|lines| lines.ended == 2).await;
        })
        .await;
    }
}

fn gather(
    stream: impl Read + Send + 'static,
    lines: Arc<watch::Sender<Lines>>,
    which: fn(&mut Lines) -> &mut Vec<String>,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            lines.send_modify(|lines| which(lines).push(line));
        }
        lines.send_modify(|lines| lines.ended += 1);
    });
}
