//! Debian packages, for what neither Cargo nor rustup brings.

use std::process::Command;

use anyhow::bail;

use crate::process::{find_program, output, run, say};

/// Installs packages where that is possible; the error otherwise says what to type.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    let list = packages.join(" ");
    if find_program("apt-get").is_none() {
        bail!("there is no apt-get to install {list} with: please install them yourself");
    }
    let Some(prefix) = privilege()? else {
        bail!("installing {list} needs root: please run `apt-get install {list}` as root");
    };
    say(format!("installing {list} with apt"));
    run(apt(prefix).args(["-qq", "update"]))?;
    run(apt(prefix).args(["-qq", "install", "--yes", "--no-install-recommends"]).args(packages))
}

/// What has to stand before a command to run it as root, unless that is out of reach.
fn privilege() -> anyhow::Result<Option<&'static [&'static str]>> {
    if output(Command::new("id").arg("-u"))?.trim() == "0" {
        return Ok(Some(&[]));
    }
    Ok(find_program("sudo").map(|_| ["sudo"].as_slice()))
}

fn apt(prefix: &[&str]) -> Command {
    let words = prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).copied().collect::<Vec<_>>();
    let mut command = Command::new(words[0]);
    // Another apt may be running, as on a machine that has just started.
    command.args(&words[1..]).args(["-o", "DPkg::Lock::Timeout=300"]);
    command
}
