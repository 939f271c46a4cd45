//! Tells Cargo what else the server is made of: the migrations, and with the feature `embed-site` the dashboard's files.

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    // Without this a new migration would wait for the next change to a source file.
    println!("cargo::rerun-if-changed=../migrations");
    println!("cargo::rerun-if-env-changed=SOUVENIR_EMBED_SITE");
    if env::var_os("CARGO_FEATURE_EMBED_SITE").is_none() {
        return Ok(());
    }
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let site = workspace.join(env::var("SOUVENIR_EMBED_SITE").unwrap_or_else(|_| "target/site".to_owned()));
    let files = site.join("pkg");
    if !files.join("souvenir_bg.wasm").exists() {
        let missing = format!("the dashboard is not built in {}", site.display());
        return Err(format!("{missing}: run `cargo xtask site`, or name its folder in SOUVENIR_EMBED_SITE").into());
    }
    println!("cargo::rerun-if-changed={}", files.display());
    let packed = PathBuf::from(env::var("OUT_DIR")?).join("site");
    if packed.exists() {
        fs::remove_dir_all(&packed)?;
    }
    pack(&files, &packed)?;
    println!("cargo::rustc-env=SOUVENIR_EMBEDDED_FILES={}", packed.display());
    Ok(())
}

/// Copies what is to be embedded: of a file that has compressed forms beside it, those alone.
fn pack(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if path.is_dir() {
            pack(&path, &to.join(name))?;
            continue;
        }
        let mut compressed = path.clone().into_os_string();
        compressed.push(".gz");
        if !Path::new(&compressed).exists() {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
