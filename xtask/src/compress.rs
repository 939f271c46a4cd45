//! Assets compressed ahead of time: `x.css.br` and `x.css.gz` beside `x.css`, so that the server only picks one.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// What does not shrink: it is compressed already, or too small to be worth a header.
const LEFT_ALONE: [&str; 7] = ["br", "gz", "png", "jpg", "webp", "woff2", "ico"];

/// Compresses one file into two new ones beside it, unless its kind does not shrink.
pub(crate) fn beside(path: &Path) -> anyhow::Result<()> {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or("");
    if LEFT_ALONE.contains(&extension) {
        return Ok(());
    }
    let plain = fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    brotli(&plain, &with_suffix(path, "br"))
        .and_then(|()| gzip(&plain, &with_suffix(path, "gz")))
        .with_context(|| format!("failed to compress {}", path.display()))
}

fn brotli(mut plain: &[u8], to: &Path) -> anyhow::Result<()> {
    let parameters =
        BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: plain.len(), ..BrotliEncoderParams::default() };
    brotli::BrotliCompress(&mut plain, &mut File::create(to)?, &parameters)?;
    Ok(())
}

fn gzip(plain: &[u8], to: &Path) -> anyhow::Result<()> {
    let mut encoder = GzEncoder::new(File::create(to)?, Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()?;
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}
