//! What the browser downloads: `/pkg/*` from the site directory, compressed ahead of time.
//!
//! File names do not change between builds, so browsers ask each time whether their copy is current; the answer is
//! mostly "304, it is".

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

/// Where the site directory is: `SOUVENIR_SITE` (passed as `configured`), or beside the executable, or where a
/// checkout builds it. None when there is none.
#[must_use]
pub fn find_site(configured: Option<PathBuf>, executable: Option<&Path>) -> Option<PathBuf> {
    let near_executable = executable.and_then(Path::parent).into_iter().flat_map(|folder| {
        // `souvenir` with `site` beside it; `bin/souvenir`; `target/debug/souvenir`.
        [folder.join("site"), folder.join("../site"), folder.join("../share/souvenir/site")]
    });
    configured
        .into_iter()
        .chain(near_executable)
        .chain([PathBuf::from("target/site")])
        .find(|site| site.join("pkg").is_dir())
}

/// The routes of this module.
pub(super) fn routes(site: Option<&Path>) -> Router<Web> {
    let router = Router::new().route("/favicon.svg", get(favicon)).route("/favicon.ico", get(favicon));
    let Some(site) = site else {
        tracing::warn!("the dashboard's files are not built: run `cargo xtask site`, or point SOUVENIR_SITE at them");
        return router;
    };
    let files = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .service(ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip());
    router.nest_service("/pkg", files)
}

async fn favicon() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")], FAVICON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_found_beside_the_executable() {
        let target = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(target.path().join("site/pkg")).unwrap();
        std::fs::create_dir_all(target.path().join("debug")).unwrap();
        let found = find_site(None, Some(&target.path().join("debug/souvenir"))).unwrap();
        assert_eq!(found.canonicalize().unwrap(), target.path().join("site").canonicalize().unwrap());
    }
}
