//! Text that Leptos writes into a document as it is, because browsers take no elements there: `<title>` and `<textarea>`.
//!
//! They do take the end of the title or of the text area, and everything after it. Titles hold the names that people
//! give themselves, and text areas what anybody said; so such text is escaped here, wherever it is written as HTML.

/// Text for a `<textarea>` of a part drawn on the server.
#[cfg(feature = "ssr")]
pub(crate) fn in_text_area(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
}

/// Text for the `<title>`: HTML on the server. The browser's half sets the title as the text that it is.
pub(crate) fn in_title(text: String) -> String {
    #[cfg(feature = "ssr")]
    let text = html_escape::encode_text(&text).into_owned();
    text
}
