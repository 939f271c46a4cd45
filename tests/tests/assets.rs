//! What the browser downloads: small, current, and asked for once.

use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH, ORIGIN};
use reqwest::{Client, redirect};
use souvenir_tests::harness::{Answer, PASSWORD, TestApp};

/// A file's address in a page: `/pkg/…/NAME`.
fn address_of(name: &str, page: &str) -> String {
    let address = page.split(['"', '\'']).find(|word| word.starts_with("/pkg/") && word.ends_with(name));
    address.unwrap_or_else(|| panic!("no {name} in {page}")).to_owned()
}

#[tokio::test]
async fn the_dashboards_files_come_compressed_and_are_kept_while_they_are_current() {
    let app = TestApp::with().start().await;
    let client = Client::builder().cookie_store(true).redirect(redirect::Policy::none()).build().expect("a client");
    let form = client.post(app.url("/login")).header(ORIGIN, app.url("")).form(&[("password", PASSWORD)]);
    assert_eq!(Answer::to(form).await.status, 303);
    let page = Answer::to(client.get(app.url("/"))).await.text;

    for name in ["souvenir.css", "souvenir.js", "souvenir_bg.wasm"] {
        let address = address_of(name, &page);
        let get = |coding: &str| client.get(app.url(&address)).header(ACCEPT_ENCODING, coding);
        for coding in ["br", "gzip"] {
            let answer = Answer::to(get(coding)).await;
            assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{address}");
        }
        let plain = Answer::to(get("identity")).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, ""), "{address}");

        // The binary's own files are named by what is in them; those of a folder may change under their names.
        let named_by_contents = address != format!("/pkg/{name}");
        assert_eq!(plain.header("cache-control").contains("immutable"), named_by_contents, "{address}");
        if named_by_contents {
            let answer = Answer::to(get("br").header(IF_NONE_MATCH, Answer::to(get("br")).await.header("etag"))).await;
            assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{address}");
            let of_another_build = address.replace("/pkg/", "/pkg/0");
            assert_eq!(Answer::to(client.get(app.url(&of_another_build))).await.status, 404);
        }
    }
}
