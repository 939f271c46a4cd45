//! What the machine gives Souvenir: room on the disk, files that nobody else reads, an address that leads to it.

use std::{fs, io, net::IpAddr, os::unix::fs::PermissionsExt, path::Path};

use super::Found;
use crate::config::Config;

/// Below this a backup or an upgrade may fail soon.
const LITTLE_ROOM: u64 = 200_000_000;
/// Below this even messages may find no room.
const NO_ROOM: u64 = 20_000_000;

/// Everything this module looks at.
pub(super) fn look(config: &Config) -> Vec<(&'static str, Found)> {
    let mut lines = vec![("disk", disk(&config.database))];
    lines.extend(readable_by_others(&config.database).into_iter().map(|found| ("files", found)));
    lines.push(("address", address(config)));
    lines
}

/// Room for the database, and for the copy that is made before an upgrade.
fn disk(database: &Path) -> Found {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let free = match free_bytes(folder) {
        Ok(free) => free,
        Err(error) => return Found::Failed(format!("{} cannot be looked at: {error}", folder.display())),
    };
    let holds = fs::metadata(database).map_or(0, |file| file.len());
    rate_room(free, holds, folder)
}

fn rate_room(free: u64, holds: u64, folder: &Path) -> Found {
    let said = format!("{} MB free in {}", free / 1_000_000, folder.display());
    if free < NO_ROOM {
        Found::Failed(format!("{said}: make room, or set SOUVENIR_DATABASE to a file on another disk"))
    } else if free < LITTLE_ROOM.max(holds.saturating_mul(2)) {
        Found::Warning(format!("{said}: a copy of the database may not fit; make room"))
    } else {
        Found::Ok(said)
    }
}

fn free_bytes(folder: &Path) -> io::Result<u64> {
    let room = rustix::fs::statvfs(folder)?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

/// A database that other users of the machine can read. (Settings that they can read are a warning of their own.)
fn readable_by_others(database: &Path) -> Option<Found> {
    let mode = fs::metadata(database).ok()?.permissions().mode() & 0o777;
    let path = database.display();
    let warning = format!("other users can read {path} (mode {mode:o}), which holds conversations: chmod 600 {path}");
    (mode & 0o004 != 0).then_some(Found::Warning(warning))
}

/// Whether the address that links name leads here, safely.
fn address(config: &Config) -> Found {
    let here = config.listen;
    match &config.public_url {
        None if !here.ip().is_loopback() => Found::Warning(format!(
            "it listens on {here}, and sign-in links would name this machine's own address: set SOUVENIR_PUBLIC_URL to \
             the one that people use"
        )),
        None if here.port() == 0 => Found::Ok(format!("{}, at a port that is free, for this machine alone", here.ip())),
        None => Found::Ok(format!("http://{here}, for this machine alone")),
        Some(url) if is_plain_and_far(url) => Found::Warning(format!(
            "{url} is not encrypted: passwords and conversations can be read on the way; put a proxy with HTTPS in front"
        )),
        Some(url) => Found::Ok(format!("{url}, from a proxy that leads to {here}")),
    }
}

/// Plain HTTP to something else than this machine.
fn is_plain_and_far(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let host = rest.split('/').next().unwrap_or_default();
    let host =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|it| it.is_ascii_digit())).map_or(host, |it| it.0);
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host != "localhost" && !address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_warned_of_before_there_is_none() {
        let rate = |free, holds| rate_room(free, holds, Path::new("/data"));
        assert!(matches!(rate(5_000_000_000, 1_000_000), Found::Ok(_)));
        assert!(matches!(rate(5_000_000_000, 4_000_000_000), Found::Warning(_)), "a copy of it would not fit");
        assert!(matches!(rate(100_000_000, 0), Found::Warning(_)));
        assert!(matches!(rate(1_000_000, 0), Found::Failed(_)));
    }

    #[test]
    fn an_address_without_encryption_is_fine_on_this_machine_only() {
        assert!(is_plain_and_far("http://souvenir.example.org"));
        assert!(is_plain_and_far("http://192.168.1.7:3000"));
        for url in ["https://souvenir.example.org", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:80"] {
            assert!(!is_plain_and_far(url), "{url}");
        }
    }
}
