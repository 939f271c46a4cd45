//! The compiler for the browser's half: rustup's, or Debian's where rustup cannot reach its server.
//!
//! On most machines `rustup target add` is all there is to it. `WASM_STD=debian` chooses the other way, for machines
//! that can reach package registries only: Debian packages a newer compiler together with the source of its standard
//! library, from which the part for wasm is built once into a cache. That compiler is used for the frontend's wasm
//! alone; everything else stays with rustup's.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::apt;
use crate::process::{find_program, output, run, say};
use crate::workspace::Workspace;

/// The target of everything that runs in a browser.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

/// A compiler that can make wasm.
pub(crate) enum WasmToolchain {
    /// The one that compiles everything else, too.
    Rustup,
    /// Debian's, with a sysroot of our own below this directory.
    Debian(PathBuf),
}

impl WasmToolchain {
    /// A Cargo that compiles with this toolchain, in the root of the checkout.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        match self {
            Self::Rustup => workspace.cargo(),
            Self::Debian(sysroot) => {
                let mut cargo = workspace.command(DEBIAN_CARGO);
                leave_rustup(&mut cargo);
                cargo.env("RUSTC", sysroot.join("bin/rustc"));
                cargo
            }
        }
    }
}

/// Finds a compiler for wasm, or installs one.
pub(crate) fn ensure(workspace: &Workspace) -> anyhow::Result<WasmToolchain> {
    if env::var("WASM_STD").is_ok_and(|choice| choice == "debian") {
        return debian(workspace);
    }
    if rustc_sysroot(workspace)?.join("lib/rustlib").join(TARGET).exists() {
        return Ok(WasmToolchain::Rustup);
    }
    say(format!("adding the target {TARGET} with rustup"));
    let Err(error) = run(workspace.command("rustup").args(["target", "add", TARGET])) else {
        return Ok(WasmToolchain::Rustup);
    };
    if find_program("apt-get").is_none() {
        return Err(error.context(format!("failed to install Rust's target {TARGET}")));
    }
    say(format!("rustup could not add the target ({error}); building it from Debian's source"));
    debian(workspace)
}

/// Debian's compiler with a standard library for wasm, built from its own source on first use.
fn debian(workspace: &Workspace) -> anyhow::Result<WasmToolchain> {
    if !Path::new(DEBIAN_RUSTC).exists() || !Path::new(DEBIAN_LIBRARY).exists() {
        apt::install(&["rustc-web", "cargo-web", "rust-web-src"])
            .context("failed to install Debian's Rust for wasm")?;
    }
    let version = output(Command::new(DEBIAN_RUSTC).arg("-vV"))?;
    let cache = cache_directory()?;
    let sysroot = cache.join("sysroot");
    let stamp = cache.join("built-by");
    if fs::read_to_string(&stamp).is_ok_and(|built_by| built_by == version) {
        return Ok(WasmToolchain::Debian(sysroot));
    }
    say("building Rust's standard library for wasm, once (about two minutes)");
    let built = build_std(&cache)?;
    assemble_sysroot(workspace, &sysroot, &built, host_in(&version)?)
        .context("failed to assemble a sysroot for wasm")?;
    fs::write(&stamp, &version)?;
    fs::remove_dir_all(cache.join("build"))?;
    Ok(WasmToolchain::Debian(sysroot))
}

/// Compiles the standard library; gives the directory with its crates.
fn build_std(cache: &Path) -> anyhow::Result<PathBuf> {
    let target = cache.join("build");
    let mut cargo = Command::new(DEBIAN_CARGO);
    leave_rustup(&mut cargo);
    // What makes a build of the standard library one: it may use unstable features, and its crates are marked so that
    // a program cannot.
    cargo
        .current_dir(DEBIAN_LIBRARY)
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked")
        .env("__CARGO_DEFAULT_LIB_METADATA", "stablestd")
        .args(["build", "--locked", "--profile", "dist", "--package", "sysroot"])
        .args(["--features", "panic-unwind,backtrace"])
        .args(["--target", TARGET])
        .arg("--target-dir")
        .arg(&target);
    run(&mut cargo)?;
    Ok(target.join(TARGET).join("dist/deps"))
}

/// Puts together what the compiler looks for below `--sysroot`: the crates for wasm, its own for the host (procedural
/// macros and build scripts need them), and a linker.
fn assemble_sysroot(workspace: &Workspace, sysroot: &Path, built: &Path, host: &str) -> anyhow::Result<()> {
    if sysroot.exists() {
        fs::remove_dir_all(sysroot)?;
    }
    let library = sysroot.join("lib/rustlib");
    let crates = library.join(TARGET).join("lib");
    let host_tools = library.join(host).join("bin");
    for directory in [&crates, &host_tools, &sysroot.join("bin")] {
        fs::create_dir_all(directory)?;
    }
    for entry in fs::read_dir(built)? {
        let file = entry?.path();
        if file.extension().is_some_and(|it| it == "rlib") {
            fs::copy(&file, crates.join(file.file_name().unwrap_or_default()))?;
        }
    }
    let below_host = Path::new("lib/rustlib").join(host);
    link(&Path::new("/usr").join(&below_host).join("lib"), &library.join(host).join("lib"))?;
    let linker = rustc_sysroot(workspace)?.join(&below_host).join("bin/rust-lld");
    link(&linker, &host_tools.join("rust-lld"))?;
    write_wrapper(sysroot)
}

/// `rustc`, but with our sysroot: a wrapper, since Cargo passes flags to the compiler of one target only.
fn write_wrapper(sysroot: &Path) -> anyhow::Result<()> {
    let wrapper = sysroot.join("bin/rustc");
    let script = format!("#!/bin/sh\nexec {DEBIAN_RUSTC} --sysroot '{}' \"$@\"\n", sysroot.display());
    fs::write(&wrapper, script)?;
    make_executable(&wrapper)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

#[cfg(unix)]
fn link(existing: &Path, new: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(existing.exists(), "{} is missing", existing.display());
    Ok(std::os::unix::fs::symlink(existing, new)?)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> anyhow::Result<()> {
    anyhow::bail!("Debian's compiler runs on Debian only")
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> anyhow::Result<()> {
    anyhow::bail!("Debian's compiler runs on Debian only")
}

/// Removes what rustup and Cargo set for the programs they start: it would lead back to rustup's compiler.
fn leave_rustup(command: &mut Command) {
    for variable in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(variable);
    }
}

/// Where rustup's compiler lives.
fn rustc_sysroot(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let printed = output(workspace.command("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(printed.trim()))
}

fn host_in(version: &str) -> anyhow::Result<&str> {
    version.lines().find_map(|line| line.strip_prefix("host: ")).context("failed to read the host from `rustc -vV`")
}

fn cache_directory() -> anyhow::Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME") {
        Some(chosen) => PathBuf::from(chosen),
        None => env::home_dir()
            .context("failed to find a cache directory: neither XDG_CACHE_HOME nor HOME is set")?
            .join(".cache"),
    };
    Ok(base.join("souvenir/debian-wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_read_from_what_the_compiler_says_of_itself() {
        let version = "rustc 1.96.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\n";
        assert_eq!(host_in(version).unwrap(), "x86_64-unknown-linux-gnu");
    }
}
