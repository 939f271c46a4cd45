//! What the browser downloads: `/pkg/*`, compressed ahead of time.
//!
//! A released binary holds the files itself ([`embedded`]); in development they are read from the folder that
//! `cargo xtask site` fills, so that a new stylesheet needs no new server.

mod embedded;

use std::path::{Path, PathBuf};

use axum::{
    Router,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::get,
};
use tower::ServiceBuilder;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use super::Web;

/// The wordmark's card, as the sign of a browser tab.
const FAVICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><rect width=\"16\" height=\"16\" \
     rx=\"3\" fill=\"#1c5d4a\"/><path d=\"M3 3.2h10v9.6H3zM5.5 3.2v9.6M7.5 6h3.5M7.5 8.5h3.5\" fill=\"none\" \
     stroke=\"#fffdf9\"/></svg>";

/// Where the dashboard's files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// In this folder, below `pkg`.
    Folder(PathBuf),
    /// In the binary.
    Embedded,
    /// They were never built: pages work, but plainly.
    Missing,
}

impl Site {
    /// The folder `configured` (`SOUVENIR_SITE`); else what the binary holds; else a folder near the executable, or
    /// where a checkout builds it.
    #[must_use]
    pub fn find(configured: Option<PathBuf>, executable: Option<&Path>) -> Self {
        let is_site = |site: &PathBuf| site.join("pkg").is_dir();
        if let Some(site) = configured.filter(is_site) {
            return Self::Folder(site);
        }
        if embedded::is_there() {
            return Self::Embedded;
        }
        // `target/debug/souvenir` and `target/site`; or `site` beside the binary.
        let near = executable.and_then(Path::parent).into_iter().flat_map(|it| [it.join("site"), it.join("../site")]);
        near.chain([PathBuf::from("target/site")]).find(is_site).map_or(Self::Missing, Self::Folder)
    }

    /// What stands before a file's name in its address, without slashes around it. Embedded files have their
    /// fingerprint there, so that browsers need not ask again for what they have.
    pub(super) fn prefix(&self) -> String {
        match self {
            Self::Embedded => format!("pkg/{}", embedded::fingerprint()),
            Self::Folder(_) | Self::Missing => "pkg".to_owned(),
        }
    }
}

/// The routes of this module.
pub(super) fn routes(site: &Site) -> Router<Web> {
    let router = Router::new().route("/favicon.svg", get(favicon)).route("/favicon.ico", get(favicon));
    match site {
        Site::Embedded => router.route("/pkg/{*path}", get(embedded::serve)),
        Site::Folder(folder) => {
            // File names do not change between builds, so browsers ask each time whether their copy is current.
            let ask = HeaderValue::from_static("no-cache");
            let files = ServiceBuilder::new()
                .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, ask))
                .service(ServeDir::new(folder.join("pkg")).precompressed_br().precompressed_gzip());
            router.nest_service("/pkg", files)
        }
        Site::Missing => {
            tracing::warn!(
                "the dashboard's files are not built: run `cargo xtask site`, or point SOUVENIR_SITE at them"
            );
            router
        }
    }
}

async fn favicon() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")], FAVICON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_that_was_named_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("pkg")).unwrap();
        let found = Site::find(Some(folder.path().to_owned()), None);
        assert_eq!(found, Site::Folder(folder.path().to_owned()));
    }

    #[test]
    fn a_folder_is_found_near_the_executable_unless_the_binary_holds_the_files() {
        let target = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(target.path().join("site/pkg")).unwrap();
        let beside = target.path().join("debug/../site");
        std::fs::create_dir_all(target.path().join("debug")).unwrap();
        let expected = if embedded::is_there() { Site::Embedded } else { Site::Folder(beside) };
        assert_eq!(Site::find(None, Some(&target.path().join("debug/souvenir"))), expected);
    }
}
