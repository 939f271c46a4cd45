//! The dashboard's files as part of the binary, in their compressed forms where they have any.
//!
//! Pages ask for them under an address that holds the fingerprint of all of them, so a copy is good for ever; under
//! their plain names, as the sign-in page asks, browsers are to see each time whether theirs is current.

use std::{borrow::Cow, io::Read, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use include_dir::{Dir, DirEntry};
use sha2::{Digest, Sha256};

/// What `cargo xtask site` made, or nothing in a build without the feature.
#[cfg(feature = "embed-site")]
static FILES: Dir<'static> = include_dir::include_dir!("$SOUVENIR_EMBEDDED_FILES");
#[cfg(not(feature = "embed-site"))]
static FILES: Dir<'static> = Dir::new("", &[]);

/// The forms that a file may have instead of its plain one, the smaller first: coding and suffix.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

static FINGERPRINT: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    digest(&FILES, &mut hash);
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
});

/// Whether this binary was built with the files.
pub(super) fn is_there() -> bool {
    !FILES.entries().is_empty()
}

/// Names and contents of all files in a few characters: another build of the dashboard has another one.
pub(super) fn fingerprint() -> &'static str {
    &FINGERPRINT
}

fn digest(folder: &Dir<'_>, hash: &mut Sha256) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => digest(folder, hash),
            DirEntry::File(file) => {
                hash.update(file.path().as_os_str().as_encoded_bytes());
                hash.update(file.contents());
            }
        }
    }
}

/// `GET /pkg/…`
pub(super) async fn serve(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let (path, for_ever) = match path.strip_prefix(fingerprint()).and_then(|rest| rest.strip_prefix('/')) {
        Some(path) => (path, true),
        None => (path.as_str(), false),
    };
    let Some((content, coding)) = pick(&FILES, path, &headers) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let caching = if for_ever { "public, max-age=31536000, immutable" } else { "no-cache" };
    let tag = format!("\"{}-{}\"", fingerprint(), coding.unwrap_or("plain"));
    let fixed = [
        (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if has_current(&headers, &tag) {
        return (StatusCode::NOT_MODIFIED, fixed, [(header::ETAG, tag)]).into_response();
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream().to_string();
    let named = [(header::ETAG, tag), (header::CONTENT_TYPE, kind)];
    let coding = coding.map(|coding| [(header::CONTENT_ENCODING, coding)]);
    match coding {
        Some(coding) => (fixed, named, coding, content).into_response(),
        None => (fixed, named, content).into_response(),
    }
}

/// The smallest form of a file that the browser reads, and its coding when it has one. Hardly any browser reads none: for
/// such a one it is unpacked, which costs less than to carry each file once more.
fn pick<'a>(files: &'a Dir<'a>, path: &str, headers: &HeaderMap) -> Option<(Cow<'a, [u8]>, Option<&'static str>)> {
    let small = CODINGS.into_iter().filter(|(coding, _)| accepts(headers, coding)).find_map(|(coding, suffix)| {
        let file = files.get_file(format!("{path}{suffix}"))?;
        Some((file.contents().into(), Some(coding)))
    });
    if small.is_some() {
        return small;
    }
    if let Some(plain) = files.get_file(path) {
        return Some((plain.contents().into(), None));
    }
    let mut plain = Vec::new();
    GzDecoder::new(files.get_file(format!("{path}.gz"))?.contents()).read_to_end(&mut plain).ok()?;
    Some((plain.into(), None))
}

/// Whether `Accept-Encoding` names this coding, or any, without forbidding it.
fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    let weight = |coding: &str| {
        items(headers, header::ACCEPT_ENCODING).find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
            name.trim().eq_ignore_ascii_case(coding).then_some(weight.unwrap_or(0.0))
        })
    };
    weight(wanted).or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

fn has_current(headers: &HeaderMap, tag: &str) -> bool {
    items(headers, header::IF_NONE_MATCH).any(|item| item == "*" || item.trim_start_matches("W/") == tag)
}

/// The items of a header that is a list, over all its lines.
fn items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use include_dir::File;

    use super::*;

    /// `plain`, packed.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\xc8\x49\xcc\xcc\x03\x00\xcf\x62\x20\x19\x05\x00\x00\x00";

    static SITE: Dir<'static> = Dir::new(
        "",
        &[
            DirEntry::File(File::new("a.css.br", b"brotli")),
            DirEntry::File(File::new("a.css.gz", GZIP)),
            DirEntry::File(File::new("b.woff2", b"font")),
        ],
    );

    fn picked(path: &str, accepted: &'static str) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))]);
        pick(&SITE, path, &headers)
    }

    #[test]
    fn the_smallest_form_that_the_browser_reads_is_served() {
        assert_eq!(picked("a.css", "gzip, deflate, br, zstd"), Some((b"brotli".into(), Some("br"))));
        assert_eq!(picked("a.css", "GZIP"), Some((GZIP.into(), Some("gzip"))));
        assert_eq!(picked("a.css", "br;q=0, *;q=0.5"), Some((GZIP.into(), Some("gzip"))));
        assert_eq!(picked("a.css", "br; q=0, gzip;q=0.0"), Some((b"plain".into(), None)));
        assert_eq!(picked("a.css", ""), Some((b"plain".into(), None)));
        assert_eq!(picked("b.woff2", "br"), Some((b"font".into(), None)));
        assert_eq!(picked("../a.css", "br"), None);
    }

    #[test]
    fn a_copy_is_current_when_its_tag_is_named() {
        let has = |value| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(value))]);
            has_current(&headers, "\"a-br\"")
        };
        assert!(has("\"x\", W/\"a-br\"") && has("*"));
        assert!(!has("\"a-gzip\""));
    }
}
