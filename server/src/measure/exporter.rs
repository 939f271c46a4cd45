//! The other end of the figures: kept in this process and written as Prometheus text when somebody asks.

use std::path::{Path, PathBuf};

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use souvenir_memory::Timestamp;

use super::names::{self, Figure, Kind};

/// Listens to what is measured. Cheap to clone.
#[derive(Clone)]
pub struct Exporter {
    handle: PrometheusHandle,
    database: PathBuf,
}

impl Exporter {
    /// Begins to listen, for as long as the process runs. Only the first of a process hears anything.
    #[must_use]
    pub fn install(database: &Path, started: Timestamp) -> Self {
        let recorder = recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::debug!("figures are listened to already");
        }
        begin(started);
        Self { handle, database: database.to_owned() }
    }

    /// All figures as Prometheus text, format 0.0.4.
    #[must_use]
    pub fn render(&self) -> String {
        self.look_around();
        self.handle.render()
    }

    /// Sorts what was measured into its buckets. To be called now and then, in case nobody ever asks for the figures.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }

    /// Figures that nobody reports: sizes of files and of the process. One that cannot be read is left out.
    fn look_around(&self) {
        let wal = format!("{}-wal", self.database.display());
        for (name, path) in [(names::DATABASE, self.database.as_path()), (names::WAL, Path::new(&wal))] {
            // SQLite removes the log when the last connection closes.
            let size = std::fs::metadata(path).map_or(0, |file| file.len());
            gauge!(name).set(as_f64(size));
        }
        if let Some(bytes) = resident_bytes() {
            gauge!(names::RESIDENT).set(as_f64(bytes));
        }
    }
}

fn recorder() -> PrometheusRecorder {
    let mut builder = PrometheusBuilder::new();
    for Figure { name, kind, .. } in names::FIGURES {
        if let Kind::Histogram(buckets) = kind {
            builder = builder
                .set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets)
                .expect("the table has buckets, as its test says");
        }
    }
    builder.build_recorder()
}

/// Says what each figure is, and shows those without labels from the start: a rate needs a zero to begin with.
fn begin(started: Timestamp) {
    for Figure { name, kind, help } in names::FIGURES {
        let unit = if name.contains("_seconds") { Unit::Seconds } else { Unit::Count };
        match kind {
            Kind::Counter => describe_counter!(name, unit, help),
            Kind::Gauge => describe_gauge!(name, unit, help),
            Kind::Histogram(_) => describe_histogram!(name, unit, help),
        }
    }
    for name in [names::REPEATED, names::FLOOD, names::FLOOD_SECONDS, names::EMBEDDED, names::EMBEDDING_FAILURES] {
        counter!(name).absolute(0);
    }
    #[expect(clippy::cast_precision_loss, reason = "exact for some hundred thousand years")]
    gauge!(names::STARTED).set(started.0 as f64 / 1e3);
    gauge!(names::BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// Linux tells; elsewhere nobody does without a library.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[expect(clippy::cast_precision_loss, reason = "sizes are exact up to nine petabytes")]
fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::measure;

    #[test]
    fn what_is_measured_can_be_read() {
        let recorder = recorder();
        let exporter = Exporter { handle: recorder.handle(), database: PathBuf::from("/nonexistent/souvenir.db") };
        let text = metrics::with_local_recorder(&recorder, || {
            begin(Timestamp(1_795_353_480_000));
            measure::message_received("private");
            measure::TokenUse { predicted: Some(95), prompt: 100, cached: 40, completion: 7, cost_nanousd: Some(12) }
                .count("m");
            measure::flood_paused(Duration::from_secs(5));
            measure::sent(Duration::from_millis(30));
            exporter.render()
        });
        for line in [
            "# TYPE souvenir_messages_received_total counter",
            "souvenir_messages_received_total{chat=\"private\"} 1",
            "souvenir_prompt_tokens_total{model=\"m\"} 100",
            "souvenir_cost_nanodollars_total{model=\"m\"} 12",
            "souvenir_prompt_count_drift_ratio_bucket{le=\"0.05\"} 1",
            "souvenir_prompt_count_drift_ratio_bucket{le=\"0.025\"} 0",
            "souvenir_telegram_flood_pause_seconds_total 5",
            "# TYPE souvenir_send_seconds histogram",
            "souvenir_send_seconds_bucket{le=\"0.01\"} 0",
            "souvenir_send_seconds_bucket{le=\"0.05\"} 1",
            "souvenir_updates_repeated_total 0",
            "process_start_time_seconds 1795353480",
            "souvenir_database_bytes 0",
        ] {
            assert!(text.lines().any(|found| found == line), "no {line:?} in\n{text}");
        }
    }

    #[test]
    fn the_size_of_this_process_is_known_on_linux() {
        assert_eq!(resident_bytes().is_some_and(|bytes| bytes > 100_000), cfg!(target_os = "linux"));
    }
}
